"""A connection that ends in the middle of something: what was done, and what is said of it."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of, fate
from zkwire import (
    ConnectionLost,
    Create,
    CreateMode,
    OpCode,
    Outcome,
    SetData,
)

# A request of "set" on the home node, and its reply: length, header, and the rest.
REPLY_HEADER = 4 + 16


@scenario()
async def a_write_without_its_reply_is_unknown_and_done(stage: Stage) -> object:
    home, seen = stage.home, []
    async with stage.faults() as faults:
        for name, opcode in (("create", OpCode.CREATE), ("set", OpCode.SET_DATA)):
            async with stage.connect(via=faults) as zk, faults.cut_before_reply(opcode) as cut:
                there = await fate(zk.get(home))
                write = zk.create(f"{home}/n", b"1") if name == "create" else zk.set(home, b"2")
                error = await error_of(write)
                assert isinstance(error, ConnectionLost)
                assert error.outcome is Outcome.UNKNOWN
                assert cut.done.is_set()
                assert cut.err == 0
                seen.append((name, there, error))
    async with stage.connect() as zk:
        seen.append([await zk.get(home), await zk.get(f"{home}/n")])
    assert [data for data, _ in seen[-1]] == [b"2", b"1"]
    return seen


@scenario()
async def a_refusal_without_its_reply_is_unknown_too(stage: Stage) -> object:
    async with (
        stage.faults() as faults,
        stage.connect(via=faults) as zk,
        faults.cut_before_reply(OpCode.DELETE) as cut,
    ):
        error = await error_of(zk.delete(f"{stage.home}/none"))
        assert error.outcome is Outcome.UNKNOWN
        assert cut.err == -101
        return error, cut.err


@scenario()
async def a_read_without_its_reply_can_be_repeated(stage: Stage) -> object:
    async with stage.faults() as faults:
        async with stage.connect(via=faults) as zk, faults.cut_before_reply(OpCode.GET_DATA):
            error = await error_of(zk.get(stage.home))
            assert error.outcome is Outcome.UNKNOWN
        async with stage.attach(zk, via=faults) as again:
            return error, await again.get(stage.home)


@scenario()
async def all_of_a_multi_or_nothing(stage: Stage) -> object:
    home = stage.home
    ops = [Create(f"{home}/a"), SetData(home, b"1"), Create(f"{home}/b")]
    async with stage.faults() as faults, stage.connect() as look:
        async with stage.connect(via=faults) as zk, faults.cut_before_reply(OpCode.MULTI):
            error = await error_of(zk.multi(ops))
            assert error.outcome is Outcome.UNKNOWN
        await look.sync(home)
        after = sorted(await look.get_children(home)), await look.get(home)
        assert after[0] == ["a", "b"]
        return error, after


@scenario()
async def a_request_cut_in_two_is_not_done(stage: Stage) -> object:
    path, data = f"{stage.home}/n", bytes(50_000)
    async with stage.faults() as faults, stage.connect() as look:
        limit = faults.limit_data(20_000, direction="upstream")
        async with stage.connect(via=faults) as zk, limit:
            error = await error_of(zk.create(path, data))
            assert isinstance(error, ConnectionLost)
            assert error.outcome is Outcome.UNKNOWN, "a part of it was written"
        await look.sync(path)
        assert await look.exists(path) is None
        return error


@scenario()
async def a_reply_cut_in_two_is_none(stage: Stage) -> object:
    path, seen = f"{stage.home}/n", []
    async with stage.faults() as faults, stage.connect() as look:
        for passed in (0, 1, REPLY_HEADER - 1, REPLY_HEADER, REPLY_HEADER + 3):
            async with stage.connect(via=faults) as zk:
                async with faults.limit_data(passed):
                    error = await error_of(zk.create(path))
                    assert error.outcome is Outcome.UNKNOWN
                seen.append((passed, error))
            await look.sync(path)
            await look.delete(path)
    return seen


@scenario()
async def of_several_each_is_told_its_own(stage: Stage) -> object:
    home, seen = stage.home, {}
    async with stage.faults() as faults:
        async with stage.connect(via=faults, max_in_flight=3) as zk:

            async def create(number: int) -> None:
                seen[number] = await fate(zk.create(f"{home}/{number}"))

            async with faults.timeout(direction="downstream"), trio.open_nursery() as nursery:
                for number in range(6):
                    nursery.start_soon(create, number)
                while zk.statistics().tasks_waiting_for_room < 3:
                    await trio.lowlevel.checkpoint()
                async with faults.reset_peer():
                    pass
        counts = {
            outcome: sum(error.outcome is outcome for error in seen.values()) for outcome in Outcome
        }
        assert counts == {Outcome.REFUSED: 0, Outcome.NOT_SENT: 3, Outcome.UNKNOWN: 3}
        return counts


@scenario()
async def a_handshake_without_its_reply_leaves_a_session_behind(stage: Stage) -> object:
    # The server has opened one, of which nobody knows the number; its time runs out.
    async with stage.faults() as faults, faults.cut_before_reply(-10) as cut:

        async def connect() -> None:
            async with stage.connect(via=faults, session_timeout=1.0):
                pass

        error = await error_of(connect())
        assert cut.done.is_set()
        await connect()
        return error


@scenario()
async def a_close_without_its_reply_has_closed(stage: Stage) -> object:
    path = f"{stage.home}/e"
    async with stage.faults() as faults, stage.connect() as look:
        async with stage.connect(via=faults) as zk:
            await zk.create(path, mode=CreateMode.EPHEMERAL)
            async with faults.cut_before_reply(OpCode.CLOSE_SESSION) as cut:
                await zk.aclose()
            assert cut.done.is_set()
        await look.sync(path)
        assert await look.exists(path) is None
        return zk.is_alive, zk.failure
