"""A caller that has the connection to itself reads its own reply, and nothing else is missed."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import GET_DATA, Peer, listening
from server_frames import notification
from zkwire._trio import _turn

LONG = 0.4
"""Seconds: long enough for requests to follow one another on a machine that is busy."""


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr(_turn, "QUIET", LONG)


@asynccontextmanager
async def used_alone(*, session_timeout=10.0):
    """A connection over which gets have followed one another, and its peer."""
    peers_send, peers = trio.open_memory_channel(1)

    async def handle(peer: Peer):
        await peer.accept(timeout_ms=int(session_timeout * 1000))
        await peers_send.send(peer)
        await trio.sleep_forever()

    async with (
        listening(handle) as port,
        zkwire.open_connection("127.0.0.1", port, session_timeout=session_timeout) as zk,
    ):
        peer = await peers.receive()
        for _ in range(_turn.IN_A_ROW):
            await one_get(zk, peer)
        yield zk, peer
        zk.detach()


@asynccontextmanager
async def lent(**options):
    """The same; the reader has stood back."""
    async with used_alone(**options) as (zk, peer):
        assert zk._engine.inlet.turn.is_lent
        yield zk, peer


async def one_get(zk, peer):
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer_one, peer)
        data, _ = await zk.get("/a")
        assert data == b"data"


async def answer_one(peer):
    sent = await peer.request()
    while sent.opcode != GET_DATA:
        await peer.answer(sent)
        sent = await peer.request()
    await peer.answer(sent)


async def test_callers_read_for_themselves():
    async with lent() as (zk, peer):
        for _ in range(20):
            await one_get(zk, peer)
            assert zk._engine.inlet.turn.is_free


async def test_what_comes_unasked_is_read_when_all_is_quiet():
    async with lent() as (zk, peer):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(answer_one, peer)
            _, _, watch = await zk.get_and_watch("/a")
        await peer.send(notification(3, "/a"))
        with trio.fail_after(5):
            assert (await watch.wait()).path == "/a"
        assert not zk._engine.inlet.turn.is_lent, "the reader is back"


async def test_an_event_before_the_reply_is_delivered_by_the_caller_that_reads():
    async with lent() as (zk, peer):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(answer_one, peer)
            _, _, watch = await zk.get_and_watch("/a")
        await peer.send(notification(3, "/a"))
        await one_get(zk, peer)
        assert watch.event is not None


async def test_those_who_come_while_a_caller_reads_are_answered():
    async with lent() as (zk, peer), trio.open_nursery() as nursery:
        answered = []

        async def get(name):
            await zk.get("/a")
            answered.append(name)

        nursery.start_soon(get, "first")
        await trio.testing.wait_all_tasks_blocked(0.01)
        for name in ("second", "third"):
            nursery.start_soon(get, name)
        for _ in range(3):
            await answer_one(peer)
        with trio.fail_after(5):
            while len(answered) < 3:  # noqa: ASYNC110
                await trio.sleep(0.01)
        assert sorted(answered) == ["first", "second", "third"]


async def test_the_first_may_be_answered_long_before_the_second():
    async with lent() as (zk, peer), trio.open_nursery() as nursery:
        first, second = trio.Event(), trio.Event()

        async def get(done):
            await zk.get("/a")
            done.set()

        nursery.start_soon(get, first)
        await trio.testing.wait_all_tasks_blocked(0.01)
        nursery.start_soon(get, second)
        await answer_one(peer)
        with trio.fail_after(5):
            await first.wait()
        assert not zk._engine.inlet.turn.is_lent, "the reader is back at once"
        await trio.testing.wait_all_tasks_blocked(0.01)
        await answer_one(peer)
        with trio.fail_after(5):
            await second.wait()


async def test_a_caller_that_is_cancelled_while_it_reads_leaves_the_reading_to_the_reader():
    async with lent() as (zk, peer):
        with trio.move_on_after(0.05) as scope:
            await zk.get("/late")
        assert scope.cancelled_caught
        late = await peer.request()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(answer_one, peer)
            await peer.answer(late)
            with trio.fail_after(5):
                data, _ = await zk.get("/a")
        assert data == b"data"


async def test_a_caller_that_reads_learns_that_the_connection_was_cut():
    async with lent() as (zk, peer), trio.open_nursery() as nursery:

        async def cut():
            await peer.request()
            await peer.reset()

        nursery.start_soon(cut)
        with trio.fail_after(5), pytest.raises(zkwire.ConnectionLost) as caught:
            await zk.get("/a")
        assert caught.value.outcome is zkwire.Outcome.UNKNOWN


async def test_a_caller_that_reads_learns_that_the_server_has_closed():
    async with lent() as (zk, peer), trio.open_nursery() as nursery:

        async def close():
            await peer.request()
            await peer.stream.aclose()

        nursery.start_soon(close)
        with trio.fail_after(5), pytest.raises(zkwire.ConnectionLost):
            await zk.get("/a")


async def test_a_caller_that_reads_is_told_when_the_connection_is_closed_here():
    async with lent() as (zk, peer), trio.open_nursery() as nursery:

        async def detach():
            await peer.request()
            zk.detach()

        nursery.start_soon(detach)
        with trio.fail_after(5), pytest.raises(zkwire.ConnectionClosed):
            await zk.get("/a")


async def test_garbage_costs_a_caller_that_reads_the_connection_alone():
    async with lent() as (zk, peer), trio.open_nursery() as nursery:

        async def babble():
            await peer.request()
            await peer.send(b"\xff" * 8)

        nursery.start_soon(babble)
        with trio.fail_after(5), pytest.raises(zkwire.ConnectionLost) as caught:
            await zk.get("/a")
        assert isinstance(caught.value.__cause__, zkwire.RemoteProtocolError)


async def test_a_server_that_falls_silent_is_noticed_while_a_caller_reads():
    async with lent(session_timeout=2.0) as (zk, _):
        began = trio.current_time()
        with trio.fail_after(5), pytest.raises(zkwire.ConnectionLost) as caught:
            await zk.get("/a")
        assert isinstance(caught.value.__cause__, TimeoutError)
        assert trio.current_time() - began < 2.0


async def test_the_session_can_be_ended_while_the_reader_stands_back():
    async with lent() as (zk, peer), trio.open_nursery() as nursery:
        nursery.start_soon(peer.serve)
        with trio.fail_after(5):
            await zk.aclose()
        with pytest.raises(zkwire.ConnectionClosed):
            await zk.get("/a")


async def test_a_get_is_a_checkpoint_though_its_caller_reads():
    async with lent() as (zk, peer), trio.open_nursery() as nursery:
        nursery.start_soon(answer_one, peer)
        with trio.testing.assert_checkpoints():
            await zk.get("/a")


async def test_requests_far_apart_leave_the_reader_in_its_place(monkeypatch):
    monkeypatch.setattr(_turn, "QUIET", 0.0)
    async with used_alone() as (zk, _):
        assert not zk._engine.inlet.turn.is_lent
