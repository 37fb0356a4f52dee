"""One scenario, played from beginning to end on servers of either kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import trio
import trio.testing

from scenarios._registry import Scenario
from scenarios._stage import Stage, dial_tcp
from scenarios._transcript import plain
from zkwire.testing import AsyncEnsemble, Ensemble, open_memory_zookeeper

LIMIT = 40.0
"""Seconds, of whichever clock, after which a scenario that waits for something is stuck."""


def play_on_memory(scenario: Scenario) -> object:
    """Play on servers in memory, under a clock that jumps; returns the transcript."""
    clock = trio.testing.MockClock(autojump_threshold=0)
    with_name = partial(_naming, scenario, "in memory", partial(_on_memory, scenario))
    return trio.run(with_name, clock=clock)


def play_on_real(scenario: Scenario, servers: Ensemble) -> object:
    """Play on real servers; returns the transcript."""
    return trio.run(_naming, scenario, "on real servers", partial(_on_real, scenario, servers))


async def _on_memory(scenario: Scenario) -> object:
    needs = scenario.needs
    config = {"4lw.commands.whitelist": "*", **dict(needs.config)}  # as the launcher has it
    async with open_memory_zookeeper(needs.members, needs.tick_time, config=config) as ensemble:
        return await _perform(scenario, Stage(ensemble, ensemble.dial, needs.tick_time))


async def _on_real(scenario: Scenario, servers: Ensemble) -> object:
    ensemble = AsyncEnsemble(servers)
    try:
        return await _perform(scenario, Stage(ensemble, dial_tcp, scenario.needs.tick_time))
    finally:
        if scenario.needs.control:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + LIMIT):
                await _repair(ensemble)


async def _repair(ensemble: AsyncEnsemble) -> None:
    """Leave the servers to the next scenario as this one found them."""
    for member in ensemble.members:
        await member.resume()
    async with trio.open_nursery() as nursery:
        for member in ensemble.members:
            nursery.start_soon(member.start)
    await ensemble.wait_ready()


async def _perform(scenario: Scenario, stage: Stage) -> object:
    with trio.fail_after(LIMIT):
        async with stage.connect() as zk:
            await zk.create(stage.home)
        for member in stage.members[1:]:
            async with stage.connect(member) as zk:
                await zk.sync(stage.home)  # none is behind
        seen = await scenario.play(stage)
    return plain(seen, stage.home)


async def _naming(scenario: Scenario, where: str, play: Callable[[], Awaitable[object]]) -> object:
    try:
        return await play()
    except Exception as error:
        error.add_note(f"scenario {scenario.name}, {where}")
        raise
