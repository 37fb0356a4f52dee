"""The two tasks of a connection: what is written when, and who is called silent."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import (
    CLOSE_SESSION,
    PING,
    Peer,
    Tap,
    connected,
    connected_over,
    listening,
    served,
)
from server_frames import notification, pong

T = 6.0  # what `connected` negotiates
HALF = T / 2


# --- the writer -------------------------------------------------------------------------------


async def test_a_wake_up_is_one_write(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    tap = Tap(near)
    async with connected_over(tap, far) as (zk, peer), trio.open_nursery() as nursery:
        before = len(tap.writes)
        for _ in range(100):
            nursery.start_soon(zk.get, "/a")
        await peer.requests(100)
        assert len(tap.writes) - before == 1
        nursery.cancel_scope.cancel()


async def test_what_is_queued_during_a_write_goes_out_with_the_next(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    tap = Tap(near)
    async with connected_over(tap, far) as (zk, peer), trio.open_nursery() as nursery:
        tap.open = trio.Event()
        before = len(tap.writes)
        for _ in range(3):
            nursery.start_soon(zk.get, "/a")
            await trio.testing.wait_all_tasks_blocked()
        tap.open.set()
        assert [each.xid for each in await peer.requests(3)] == [1, 2, 3]
        assert len(tap.writes) - before == 2
        nursery.cancel_scope.cancel()


async def test_cancelled_callers_do_not_cut_a_frame(autojump_clock):
    """A write larger than the pipe takes in one go, and everybody who waits for it cancelled."""
    near, far = trio.testing.lockstep_stream_pair()
    tap = Tap(near)
    size = 500_000
    peer = Peer(far)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(peer.accept)  # a lockstep stream holds a write until it is read
        async with zkwire.open_connection_over(tap, session_timeout=T) as zk:
            with trio.move_on_after(0.1) as scope:
                await zk.set("/a", bytes(size))
            assert scope.cancelled_caught
            nursery.start_soon(_call_ignoring_errors, zk)
            big = await peer.request()
            assert len(big.body) > size
            following = await peer.request()
            assert (following.xid, following.opcode) == (2, 4)
            assert tap.cut_short == 0
            zk.detach()


async def _call_ignoring_errors(zk):
    with pytest.raises(zkwire.ConnectionClosed):
        await zk.get("/a")


async def test_a_peer_that_does_not_read_is_still_read_from(autojump_clock):
    """Servers stop reading a connection that has too much outstanding; both would be stuck."""
    near, far = trio.testing.memory_stream_pair()
    tap = Tap(near)
    async with connected_over(tap, far) as (zk, peer), trio.open_nursery() as nursery:
        nursery.start_soon(zk.get, "/a")
        sent = await peer.request()
        tap.open = trio.Event()  # from now on, writes block
        nursery.start_soon(_until_lost, zk.get, "/b")
        await trio.testing.wait_all_tasks_blocked()
        for _ in range(10):
            await trio.sleep(T / 4)
            await peer.send(notification(3, "/x"))
        await peer.answer(sent)
        await trio.testing.wait_all_tasks_blocked()
        assert zk.is_alive
        assert zk.statistics().requests_in_flight == 1
        zk.detach()


async def _until_lost(call, *arguments):
    with pytest.raises((zkwire.ConnectionLost, zkwire.ConnectionClosed)):
        await call(*arguments)


# --- pings ------------------------------------------------------------------------------------


async def test_pings_keep_an_idle_session(autojump_clock):
    log = []
    async with served(log) as (zk, _):
        began = trio.current_time()
        await trio.sleep(600)
        assert zk.is_alive
        assert {each.opcode for each in log} == {PING}
        times = [began, *(each.time for each in log)]
        gaps = [b - a for a, b in pairwise(times)]
        assert gaps == [pytest.approx(T / 6)] * 599 or gaps == [pytest.approx(T / 6)] * 600


@pytest.mark.parametrize("pause", [0.3, 0.98, 1.01, 1.7, 2.5])
async def test_no_gap_between_writes_is_longer_than_a_sixth(pause, autojump_clock):
    log = []
    async with served(log) as (zk, _):
        began = trio.current_time()
        while trio.current_time() < began + 60:
            await zk.get("/a")
            await trio.sleep(pause)
        times = [began, *(each.time for each in log)]
        assert max(b - a for a, b in pairwise(times)) <= T / 6 + 1e-6
        pings = sum(each.opcode == PING for each in log)
        assert (pings == 0) is (pause < T / 6), "a session in use needs none"


async def test_a_server_that_answers_pings_late_does_not_get_fewer(autojump_clock):
    times = []
    async with connected() as (zk, peer), trio.open_nursery() as nursery:

        async def answer_late():
            while True:
                sent = await peer.request()
                times.append(sent.time)
                nursery.start_soon(_pong_after, peer, T / 4)

        nursery.start_soon(answer_late)
        await trio.sleep(60)
        assert zk.is_alive
        gaps = [b - a for a, b in pairwise(times)]
        assert gaps == [pytest.approx(T / 6)] * len(gaps)
        nursery.cancel_scope.cancel()


async def _pong_after(peer, delay):
    await trio.sleep(delay)
    await peer.send(pong())


# --- silence ----------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout_ms", [200, 4000, 40_000])
async def test_silence_is_noticed_in_half_the_timeout(timeout_ms, autojump_clock):
    async with connected(timeout_ms=timeout_ms) as (zk, _):
        began = zk.last_received
        await zk.wait_lost()
        took = (trio.current_time() - began) / (timeout_ms / 1000)
        assert 0.4 < took <= 0.5 + 1e-9
        assert isinstance(zk.failure, TimeoutError)
        assert "silent for" in str(zk.failure)


async def test_silence_is_noticed_while_requests_are_sent_all_the_time(autojump_clock):
    lost = []

    async def call(zk):
        with pytest.raises(zkwire.ConnectionLost) as caught:
            await zk.get("/a")
        lost.append(caught.value.outcome)

    async with connected() as (zk, _), trio.open_nursery() as nursery:
        began = zk.last_received
        sent = 0
        while zk.is_alive:
            nursery.start_soon(call, zk)
            sent += 1
            await trio.sleep(0.05)
        assert trio.current_time() - began <= HALF + 0.05
        await trio.testing.wait_all_tasks_blocked()
        assert len(lost) == sent


async def test_parts_of_a_frame_do_not_break_the_silence(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        began = zk.last_received

        async def drip():
            for byte in notification(3, "/a" * 500):
                await peer.send(bytes([byte]))
                await trio.sleep(0.1)

        nursery.start_soon(drip)
        await zk.wait_lost()
        assert trio.current_time() - began <= HALF
        assert isinstance(zk.failure, TimeoutError)
        nursery.cancel_scope.cancel()


async def test_events_alone_break_the_silence(autojump_clock):
    async with connected() as (zk, peer):
        for _ in range(30):
            await trio.sleep(T / 4)
            await peer.send(notification(3, "/a"))
        assert zk.is_alive


class PolledStream(Tap):
    """What is queued comes out 5 ms after it is seen, as in a loop that was blocked."""

    def __init__(self, stream):
        super().__init__(stream)
        self.queued = []

    async def receive_some(self, max_bytes=None):
        while not self.queued:
            with trio.move_on_after(0.005):
                return await super().receive_some(max_bytes)
        await trio.sleep(0.005)
        return self.queued.pop(0)


async def test_an_answer_that_lies_in_the_socket_is_read_before_silence_is_declared(
    autojump_clock,
):
    near, far = trio.testing.memory_stream_pair()
    polled = PolledStream(near)
    async with connected_over(polled, far) as (zk, peer):
        ping = await peer.request()
        assert ping.opcode == PING
        polled.queued.append(pong())
        autojump_clock.jump(T)  # the loop stands still; the answer is there
        await trio.testing.wait_all_tasks_blocked()
        await trio.sleep(0.05)
        assert zk.is_alive
        assert zk.last_received == pytest.approx(trio.current_time(), abs=0.1)


async def test_a_blocked_loop_is_not_the_servers_silence():
    """The same over TCP: a loop that is kept from running for longer than the limit."""
    answered = trio.Event()

    async def serve(peer):
        await peer.accept(timeout_ms=300)
        while True:
            sent = await peer.request()
            await peer.answer(sent)
            answered.set()
            if sent.opcode == CLOSE_SESSION:
                return

    async with (
        listening(serve) as port,
        zkwire.open_connection("127.0.0.1", port, session_timeout=0.3) as zk,
    ):
        await answered.wait()  # a ping's answer is on its way
        time.sleep(0.2)  # noqa: ASYNC251  # what a careless application does
        for _ in range(10):
            await trio.lowlevel.checkpoint()
        assert zk.is_alive
        await zk.get("/a")


async def test_a_client_that_has_slept_asks_before_it_gives_a_server_up(mock_clock):
    # A blocked event loop: no ping went out, so there is no answer to be missed.
    log = []
    async with served(log, timeout_ms=6000) as (zk, _peer):
        await trio.testing.wait_all_tasks_blocked()
        mock_clock.jump(5.0)
        await trio.testing.wait_all_tasks_blocked()
        assert [sent.opcode for sent in log] == [PING]
        assert zk.is_alive
        assert await zk.get("/x")
