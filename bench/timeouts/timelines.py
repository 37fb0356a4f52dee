"""One session of each client through four faults, beside what the servers did."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import trio

from bench.harness.outcome import Outcome
from bench.harness.plan import Plan, Say
from bench.soak._lease_faults import Stage as Cast
from bench.soak._lease_faults import cut, kill
from bench.timeouts._observer import open_observers
from bench.timeouts._plan import CONFIG, TICK, TimelinesPlan
from bench.timeouts._plan import timelines as planned
from bench.timeouts._probes import open_probes
from bench.timeouts._stage import (
    addresses,
    describe,
    holding,
    open_gates,
    silence,
    until,
    until_connected,
    until_on,
    with_probes,
)
from bench.timeouts._timeline import Row, of_client, of_server, table
from zkwire.testing import AsyncEnsemble, open_faults, open_zookeeper

ENOUGH = 20
"""Ticks of silence until members part: a follower that is cut off goes on answering so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One fault, and who is given which servers."""

    name: str
    inject: Callable[[Cast], AbstractAsyncContextManager[None]]
    pinned: bool
    """Whether clients are given the one server that suffers, or all three."""
    timeouts: float
    """How long the fault lasts."""
    to_the_end: bool
    """Whether it is to last until every node has gone."""


def silent(cast: Cast) -> AbstractAsyncContextManager[None]:
    return silence([cast.proxy])


def all_silent(cast: Cast) -> AbstractAsyncContextManager[None]:
    return silence(cast.faults.members)


STORIES = (
    Story(name="black hole before the server", inject=silent, pinned=True, timeouts=1.5,
          to_the_end=True),
    Story(name="server killed", inject=kill, pinned=False, timeouts=1.5, to_the_end=False),
    Story(name="follower cut off from its leader", inject=cut, pinned=True, timeouts=1.5,
          to_the_end=True),
    Story(name="all servers away for two timeouts", inject=all_silent, pinned=False, timeouts=2.0,
          to_the_end=False),
)  # fmt: skip


@dataclass
class Found:
    """What is known so far."""

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def measure(plan: Plan, say: Say) -> Outcome:
    """Each fault once, under all clients at the same time."""
    return trio.run(run, planned(plan.form), plan.chosen(with_probes()), say)


async def run(plan: TimelinesPlan, peers: list[str], say: Say) -> Outcome:
    found = Found()
    config = {**CONFIG, "syncLimit": ENOUGH}
    async with open_zookeeper(3, TICK, config=config, isolated=True) as ensemble:
        for story in STORIES:
            found.rows[story.name] = await tell(ensemble, story, plan, peers, found)
            say(f"timelines: {story.name}")
        server = describe(ensemble, TICK)
    return Outcome(
        subject="timelines",
        title="One session through a fault",
        tables=[table(fault, rows) for fault, rows in found.rows.items()],
        notes=(
            f"One session of each client, all at once, once, with a timeout of {plan.timeout:g} "
            "s. In the first and the third fault clients have the address of the server that "
            "suffers and no other, as if no other could be reached; in the second and the "
            "fourth they have three. The node's end is what observers on other members saw.",
            "The thing is to see the order of events; how long each takes is measured elsewhere.",
        ),
        missing=found.missing,
        samples=dict(found.rows),
        server=f"{server}, each in a network namespace of its own",
    )


async def tell(
    ensemble: AsyncEnsemble, story: Story, plan: TimelinesPlan, peers: list[str], found: Found
) -> dict[str, Row]:
    """One fault, from the sessions' beginning to the end of the record."""
    await ensemble.wait_ready()
    leader = await ensemble.leader()
    victim = random.choice([each for each in ensemble.members if each is not leader])
    async with open_faults(ensemble) as faults, open_gates() as gates:
        cast = Cast(ensemble, faults, victim)
        others = [each for each in faults.members if each is not cast.proxy]
        await gates.put_all(others, "shut")
        servers = [cast.proxy.address] if story.pinned else addresses(faults, cast.proxy)
        home = "/" + story.name.replace(" ", "-")
        spread = plan.timeout / 4
        async with open_probes(peers, servers, plan.timeout, home, 1, spread, lease=True) as probes:
            await until_connected(probes, 1)
            await until_on(ensemble, victim, probes, 1, patience=5.0)
            await gates.put_all(others, "open")
            observing = [each.address for each in cast.others]
            async with open_observers(observing, home) as sightings:
                await trio.sleep(random.uniform(0.5, 0.5 + plan.timeout / 3))
                struck = {name: holding(each).get(0) for name, each in probes.running.items()}
                held = {each for each in struck.values() if each is not None}
                began = trio.current_time()
                async with story.inject(cast):
                    await trio.sleep_until(began + story.timeouts * plan.timeout)
                    if story.to_the_end:
                        longest = began + (ENOUGH * TICK) + 2 * plan.timeout
                        await until(lambda: held <= sightings.gone.keys(), deadline=longest)
                    ended = trio.current_time()
                await trio.sleep_until(
                    max(trio.current_time() + 1.0, ended + plan.after * plan.timeout)
                )
        found.missing.update(probes.missing)
    gone = {name: sightings.gone.get(each or "") for name, each in struck.items()}
    rows = {"server": of_server(began, ended, [each for each in gone.values() if each])}
    for name, probe in probes.running.items():
        if struck.get(name) is not None:
            rows[name] = of_client(probe.events, began, gone.get(name))
    return rows
