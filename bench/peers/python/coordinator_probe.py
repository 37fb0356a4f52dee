"""As a program: sessions of coordinators, and what they tell; see ``_events``.

A sixth argument ``lease``, or ``lease=TICK`` with the servers' tick in seconds, has each
session hold a lease as well.  With ``held`` there is no task for each session, which follows its
changes of state: one opens them all, and looks at them once a second.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

import trio

import coordinator
import zkwire
from bench.peers.python import _events
from bench.peers.python._events import Watched, emit
from coordinator import State

HELD = "held"

TOLD = {
    State.SUSPENDED: _events.SUSPENDED,
    State.LOST: _events.LOST,
    State.EXPIRED: _events.EXPIRED,
}


async def keep(watched: Watched, index: int, nursery: trio.Nursery) -> None:
    await trio.sleep(watched.delay(index))
    tick_time = lease_tick(watched)
    # No nursery of its own: what a session takes in memory is measured with this program.
    async with coordinator.open_coordinator(
        watched.servers,
        "/",
        watched.timeout,
        tick_time=tick_time or coordinator.DEFAULT_TICK_TIME,
    ) as coord:
        transitions = coord.transitions()
        if tick_time is not None:
            nursery.start_soon(hold_leases, coord, index)
        known: zkwire.SessionId | None = None
        async for transition in transitions:
            if transition.state is State.CONNECTED:
                session = transition.session_id
                assert session is not None
                server = coord.server
                to = "" if server is None else f"{server.host}:{server.port}"
                emit(index, _events.CONNECTED, id=_events.hexadecimal(session), to=to)
                nursery.start_soon(ask, coord, watched, index)
                if session != known:
                    known = session
                    nursery.start_soon(make_node, coord, watched, index)
            elif transition.state in TOLD:
                emit(index, TOLD[transition.state], raw=transition.state.value)


async def ask(coord: coordinator.Coordinator, watched: Watched, index: int) -> None:
    await coord.exists(watched.path)
    emit(index, _events.ANSWERED)


async def make_node(coord: coordinator.Coordinator, watched: Watched, index: int) -> None:
    """Make the ephemeral node of the session that there is now."""
    session = coord.session
    assert session is not None
    node = watched.node(index)
    while not session.is_over:
        try:
            await session.create(node, b"", zkwire.CreateMode.EPHEMERAL)
        except zkwire.NodeExists:
            stat = await coord.exists(node)
            if stat is None or stat.ephemeral_owner != session.id:
                await trio.sleep(_events.IN_THE_WAY)
                continue
        except zkwire.ConnectionLost:
            continue  # whether it was made is seen next time
        except zkwire.SessionExpired:
            return
        emit(index, _events.EPHEMERAL)
        return


async def hold_leases(coord: coordinator.Coordinator, index: int) -> None:
    """Hold a lease; when it is over, get another."""
    while True:
        try:
            async with coord.lease():
                emit(index, _events.LEASE_ON)
                try:
                    await trio.sleep_forever()
                finally:
                    # The block is cancelled at its end: this is when the holder knows.
                    emit(index, _events.LEASE_OVER)
        except coordinator.LeaseLost:
            continue


def lease_tick(watched: Watched) -> float | None:
    """The tick to reckon leases with, or None where none is asked for."""
    if not watched.more or watched.more == (HELD,):
        return None
    _, _, tick = watched.more[0].partition("=")
    return float(tick) if tick else coordinator.DEFAULT_TICK_TIME


async def hold_all(watched: Watched) -> None:
    held: list[coordinator.Coordinator] = []
    async with trio.open_nursery() as nursery, AsyncExitStack() as stack:
        nursery.start_soon(exit_at_end_of_input)
        for index in range(watched.sessions):
            await trio.sleep(watched.delay(1))
            coord = await stack.enter_async_context(
                coordinator.open_coordinator(watched.servers, "/", watched.timeout)
            )
            held.append(coord)
            nursery.start_soon(introduce, coord, watched, index)
        await call_rolls(held)


async def introduce(coord: coordinator.Coordinator, watched: Watched, index: int) -> None:
    await coord.wait_connected()
    session = coord.session
    assert session is not None
    emit(index, _events.CONNECTED, id=_events.hexadecimal(session.id), to="")
    await make_node(coord, watched, index)
    await ask(coord, watched, index)


async def call_rolls(held: list[coordinator.Coordinator]) -> None:
    """Tell of those that are not connected when they are looked at."""
    while True:
        await trio.sleep(1)
        for index, coord in enumerate(held):
            if coord.state in TOLD:
                emit(index, TOLD[coord.state], raw=coord.state.value)


async def exit_at_end_of_input() -> None:
    while True:
        await trio.lowlevel.wait_readable(0)
        _events.read_or_exit()


async def keep_all(watched: Watched) -> None:
    if watched.more == (HELD,):
        await hold_all(watched)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(exit_at_end_of_input)
        for index in range(watched.sessions):
            nursery.start_soon(keep, watched, index, nursery)


if __name__ == "__main__":
    _events.main(
        "coordinator", "zkwire", lambda watched: trio.run(keep_all, watched), sees_end=True
    )
