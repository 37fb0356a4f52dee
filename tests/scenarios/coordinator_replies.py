"""A coordinator's requests whose way is cut: before they are sent, and behind that."""

from __future__ import annotations

import trio
from trio.testing import wait_all_tasks_blocked

from coordinator import State
from scenarios._coordinating import held, is_kept, told
from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import fate
from zkwire import (
    ConnectionLost,
    CreateMode,
    OpCode,
    Outcome,
    RemoteProtocolError,
    SessionExpired,
)

BACK_AGAIN = (State.EXPIRED, State.CONNECTING, State.CONNECTED)


@scenario()
async def what_waits_unsent_goes_to_the_next_session(stage: Stage) -> object:
    done = {}

    async def run(name: str, operation) -> None:
        done[name] = await fate(operation)

    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        session, transitions = await held(coordinator)
        async with trio.open_nursery() as nursery, faults.down():
            await told(transitions, State.SUSPENDED)
            nursery.start_soon(run, "whoever", coordinator.create("/for-whoever"))
            nursery.start_soon(run, "this one", session.create("/for-this-one"))
            nursery.start_soon(run, "reader", session.get("/"))
            await wait_all_tasks_blocked()
            await stage.expire(session.id)
            assert done == {}
        await told(transitions, *BACK_AGAIN)
        assert done["whoever"] == "/for-whoever"
        assert isinstance(done["this one"], SessionExpired)
        assert done["this one"].outcome is Outcome.NOT_SENT
        return done, await coordinator.get_children("/")


@scenario()
async def a_write_whose_reply_is_lost_is_told_and_done_once(stage: Stage) -> object:
    mode = CreateMode.PERSISTENT_SEQUENTIAL
    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        session, transitions = await held(coordinator)
        async with faults.cut_before_reply(OpCode.CREATE) as cut:
            error = await fate(coordinator.create("/n-", mode=mode))
            assert cut.done.is_set()
        assert isinstance(error, ConnectionLost)
        assert error.outcome is Outcome.UNKNOWN
        await told(transitions, State.SUSPENDED, State.CONNECTED)
        names = sorted(await coordinator.get_children("/"))
        assert names == ["mine", "n-0000000001"]
        assert await is_kept(coordinator, session)
        return error, names


@scenario()
async def a_read_whose_reply_is_lost_is_repeated(stage: Stage) -> object:
    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        session, transitions = await held(coordinator)
        seen = []
        for opcode, read in (
            (OpCode.GET_DATA, coordinator.get("/")),
            (OpCode.GET_CHILDREN, coordinator.get_children("/")),
            (OpCode.EXISTS, coordinator.exists("/none")),
        ):
            async with faults.cut_before_reply(opcode) as cut:
                seen.append(await read)
                assert cut.done.is_set()
            await told(transitions, State.SUSPENDED, State.CONNECTED)
        assert await is_kept(coordinator, session)
        assert seen[1:] == [["mine"], None]
        return seen


@scenario()
async def garbage_costs_one_connection(stage: Stage) -> object:
    read = []

    async def get() -> None:
        read.append(await coordinator.get("/"))

    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        session, transitions = await held(coordinator)
        async with trio.open_nursery() as nursery:
            async with faults.corrupt(0, frame=0) as corrupted:
                nursery.start_soon(get)
                await corrupted.done.wait()
            suspended = await told(transitions, State.SUSPENDED)
            assert isinstance(suspended.cause, RemoteProtocolError)
            await told(transitions, State.CONNECTED)
        assert await is_kept(coordinator, session)
        return read, coordinator.state
