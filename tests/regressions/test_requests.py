"""Requests and their replies: surprises, lost answers, and what goes over the wire."""

from __future__ import annotations

from contextlib import AsyncExitStack, suppress

import pytest
import trio

import zkwire
from coordinator import State
from coordinator_steps import told
from regression_steps import Tapped, coordinate, look_into
from zkwire import Acl, CreateMode, Identity, OpCode, Outcome, Perms
from zkwire.testing import open_faults, open_memory_zookeeper

XID_OFFSET, ERROR_OFFSET = 7, 16
"""Of the last byte of the number and the first of the error code, in a reply."""


async def test_a_reply_under_a_wrong_number_costs_one_connection_and_no_session(autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults) as coord,
        trio.open_nursery() as nursery,
    ):
        await coord.create("/mine", mode=CreateMode.EPHEMERAL)
        session, transitions = coord.session, coord.transitions()
        found, done = [], trio.Event()

        async def read():
            found.append(await coord.exists("/mine"))
            done.set()

        # Nobody comes in meanwhile: the next connection's first frame would be changed too.
        async with faults.accept_then_close(), faults.corrupt(XID_OFFSET, frame=0) as happening:
            nursery.start_soon(read)
            await happening.done.wait()
        suspended = await told(transitions, State.SUSPENDED)
        await told(transitions, State.CONNECTED)
        assert isinstance(suspended.cause, zkwire.RemoteProtocolError)
        assert coord.session is session
        assert await coord.exists("/mine") is not None
        # The read has gone out again: nobody waits for ever.
        with trio.fail_after(10):
            await done.wait()
        assert found[0].ephemeral_owner == session.id


async def test_an_error_code_that_nobody_knows_is_its_callers_and_costs_nothing(autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults) as coord,
    ):
        await coord.wait_connected()
        transitions = coord.transitions()
        async with faults.corrupt(ERROR_OFFSET, frame=0):
            with pytest.raises(zkwire.ReplyError) as caught:
                await coord.set("/", b"")
        assert caught.value.code == -0x0100_0000
        await coord.set("/", b"")
        assert coord.state is State.CONNECTED
    assert [each.state async for each in transitions] == [State.CLOSED]


async def test_a_write_whose_answer_is_lost_is_not_told_as_if_somebody_else_had_made_it(
    autojump_clock,
):
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults) as coord,
    ):
        await coord.create("/counter", b"0")
        async with faults.cut_before_reply():
            with pytest.raises(zkwire.ConnectionLost) as caught:
                await coord.create("/n")
        assert caught.value.outcome is Outcome.UNKNOWN
        async with faults.cut_before_reply():
            with pytest.raises(zkwire.ConnectionLost):
                await coord.set("/counter", b"1")
        assert await coord.exists("/n") is not None
        assert (await coord.get("/counter"))[1].version == 1


async def test_a_transaction_that_fails_raises(autojump_clock):
    async with open_memory_zookeeper() as ensemble, coordinate(ensemble) as coord:
        await coord.create("/taken")
        ops = [zkwire.Create("/new"), zkwire.Create("/taken"), zkwire.Delete("/taken")]
        with pytest.raises(zkwire.NodeExists) as caught:
            await coord.multi(ops)
        assert caught.value.index == 1
        assert sorted(await coord.get_children("/")) == ["taken", "zookeeper"]
        assert len(await coord.multi([zkwire.Create("/new"), zkwire.Delete("/taken")])) == 2


async def test_an_empty_text_is_sent_empty_and_never_null(autojump_clock):
    async with open_memory_zookeeper() as ensemble:
        tapped = Tapped(ensemble)
        anyone = Acl(Perms.ALL, Identity("auth", ""))
        async with coordinate(tapped, auth=[("digest", b"alice:wonderland")]) as coord:
            await coord.create("/mine", b"", acl=[anyone])
            assert (await coord.get("/mine"))[0] == b""
        sent = b"".join(tapped.taps[0].writes)
    assert b"\x00\x00\x00\x04auth\x00\x00\x00\x00" in sent
    assert b"\x00\x00\x00\x05/mine\x00\x00\x00\x00\x00\x00\x00\x01" in sent


async def test_leaving_during_an_outage_is_quick_and_drops_what_waits(autojump_clock):
    errors = []

    async def write():
        try:
            await coord.create("/late")
        except zkwire.ZkwireError as error:
            errors.append(error)

    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        look_into(ensemble) as other,
        trio.open_nursery() as nursery,
        AsyncExitStack() as stack,
    ):
        async with coordinate(faults, session_timeout=10.0) as coord:
            await coord.create("/mine", mode=CreateMode.EPHEMERAL)
            await stack.enter_async_context(faults.down())
            await coord.suspended.wait()
            nursery.start_soon(write)
            await trio.sleep(2)
            left_at = trio.current_time()
        assert trio.current_time() <= left_at + 1.0
        (error,) = errors
        assert isinstance(error, zkwire.ConnectionClosed)
        assert error.outcome is Outcome.NOT_SENT
        # Nobody could tell the servers: the session lasts as long as its timeout, not longer.
        stat, watch = await other.exists_and_watch("/mine")
        assert stat is not None
        with trio.fail_after(10.0 + 2.0):
            await watch.wait()
        assert coord.session.id not in ensemble.sessions
        assert await other.exists("/late") is None


async def test_leaving_does_not_wait_for_what_is_in_line(autojump_clock):
    async def write():
        with suppress(zkwire.ZkwireError):
            await coord.set("/", b"")

    async with open_memory_zookeeper() as ensemble, trio.open_nursery() as nursery:
        async with coordinate(ensemble) as coord:
            await coord.wait_connected()
            await ensemble.members[0].freeze()
            for _ in range(3000):
                nursery.start_soon(write)
            await trio.sleep(0.5)
            left_at = trio.current_time()
        assert trio.current_time() <= left_at + 1.1


@pytest.mark.parametrize("opcode", [OpCode.GET_DATA, OpCode.GET_CHILDREN2, OpCode.EXISTS])
async def test_a_read_whose_answer_is_lost_is_read_again(autojump_clock, opcode):
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults) as coord,
    ):
        await coord.wait_connected()
        calls = {
            OpCode.GET_DATA: coord.get,
            OpCode.GET_CHILDREN2: coord.get_children2,
            OpCode.EXISTS: coord.exists,
        }
        async with faults.cut_before_reply(opcode) as cut:
            with trio.fail_after(10):
                assert await calls[opcode]("/") is not None
        assert cut.done.is_set()
