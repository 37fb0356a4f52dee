"""Three servers, of which some die or freeze: what a coordinator makes of it."""

from __future__ import annotations

import trio

from coordinator import State
from scenarios._coordinating import STEADY, held, is_kept, member_of, until
from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import fate
from zkwire import ConnectionLost

# Long sessions: a real ensemble takes a second or two to elect a leader.
TICK = 0.5
LONG = 10.0
ours = scenario(members=3, control=True, tick_time=TICK)


@ours
async def the_session_outlives_its_member(stage: Stage) -> object:
    async with stage.coordinate(session_timeout=LONG) as coordinator:
        session, transitions = await held(coordinator)
        async with session.scope() as scope:
            before = member_of(stage)
            await before.kill()
            seen = await until(transitions, State.CONNECTED)
            assert seen == [State.SUSPENDED, State.CONNECTED], seen
            assert await is_kept(coordinator, session)
        assert not scope.cancel_called
        assert member_of(stage) is not before
        return seen, await coordinator.create("/n")


@ours
async def every_member_is_restarted_in_turn(stage: Stage) -> object:
    made = []
    async with stage.coordinate(session_timeout=LONG) as coordinator:
        session, _ = await held(coordinator)
        async with session.scope() as scope:
            for member in stage.members:
                await member.restart()
                await stage.ensemble.wait_ready()
                await coordinator.wait_connected()
                made.append(await _create_anyhow(coordinator, f"/at-{member.id}"))
        assert not scope.cancel_called
        assert await is_kept(coordinator, session)
        names = sorted(await coordinator.get_children("/"))
        assert names == ["at-1", "at-2", "at-3", "mine"]
        return made, names


async def _create_anyhow(coordinator, path: str) -> str:
    """Create a node, over a connection that may be the one that has just died."""
    while True:
        try:
            return await coordinator.create(path)
        except ConnectionLost:
            if await coordinator.exists(path) is not None:
                return path


@ours
async def all_are_down_and_come_back(stage: Stage) -> object:
    async with stage.coordinate(session_timeout=LONG) as coordinator:
        session, transitions = await held(coordinator)
        await coordinator.set("/", b"1")
        async with trio.open_nursery() as nursery:
            for member in stage.members:
                nursery.start_soon(member.kill)
        assert (await anext(transitions)).state is State.SUSPENDED
        async with trio.open_nursery() as nursery:
            for member in stage.members:
                nursery.start_soon(member.start)
        await until(transitions, State.CONNECTED)
        assert await is_kept(coordinator, session)
        data, stat = await coordinator.get("/")
        assert data == b"1"
        return data, stat


@ours
async def a_frozen_member_is_left_for_another(stage: Stage) -> object:
    # Without its leader there would be no quorum for a while; that is another matter.
    _, followers = await stage.split()
    async with stage.coordinate(followers, session_timeout=4.0) as coordinator:
        session, transitions = await held(coordinator)
        await trio.sleep(STEADY)
        member = member_of(stage)
        await member.freeze()
        seen = await until(transitions, State.CONNECTED)
        assert seen == [State.SUSPENDED, State.CONNECTED]
        assert await is_kept(coordinator, session)
        assert member_of(stage) is not member
        return seen, await fate(coordinator.create("/n"))
