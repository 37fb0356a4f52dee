"""How a connection ends: closed, detached, left in good order or in bad."""

from __future__ import annotations

import gc
import signal
from contextlib import suppress

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import CLOSE_SESSION, DATA, Peer, Tap, connected, connected_over, served
from server_frames import reply
from stepping import cancel_at_each_step

# --- closing ----------------------------------------------------------------------------------


async def test_closing_ends_the_session_behind_what_is_in_flight(autojump_clock):
    got = []

    async def call(zk):
        data, _ = await zk.get("/a")
        got.append(data)

    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(call, zk)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(zk.aclose)
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(zkwire.ConnectionClosed) as caught:
            await zk.get("/too-late")
        assert caught.value.outcome is zkwire.Outcome.NOT_SENT
        assert not zk.is_alive
        *gets, close = await peer.requests(4)
        assert (close.xid, close.opcode, close.body) == (4, CLOSE_SESSION, b"")
        for sent in gets:
            await peer.answer(sent)
        await trio.testing.wait_all_tasks_blocked()
        assert got == [b"data"] * 3
        await peer.answer(close)
        await peer.wait_closed()
        assert zk.failure is None


async def test_a_server_that_does_not_answer_has_the_grace(autojump_clock):
    async with connected(close_grace=0.7) as (zk, peer), trio.open_nursery() as nursery:
        outcomes = []

        async def call():
            with pytest.raises(zkwire.ConnectionClosed) as caught:
                await zk.get("/a")
            outcomes.append(caught.value.outcome)

        nursery.start_soon(call)
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
        await zk.aclose()
        assert trio.current_time() - began == pytest.approx(0.7)
        await trio.testing.wait_all_tasks_blocked()
        assert outcomes == [zkwire.Outcome.UNKNOWN]
        await peer.wait_closed()


async def test_the_grace_may_be_longer_than_the_pings_are_apart(autojump_clock):
    """Nothing may follow closeSession; a ping that falls due must not keep the reader busy."""
    async with connected(timeout_ms=4000, close_grace=1.5) as (zk, peer):
        began = trio.current_time()
        await zk.aclose()
        assert trio.current_time() - began == pytest.approx(1.5)
        assert [each.opcode for each in [await peer.request()]] == [CLOSE_SESSION]
        await peer.wait_closed()


async def test_closing_gives_up_when_the_server_is_silent(autojump_clock):
    async with connected(timeout_ms=1000, close_grace=60) as (zk, _):
        began = trio.current_time()
        await zk.aclose()
        assert trio.current_time() - began <= 0.5


async def test_who_stands_in_line_is_not_kept_waiting_by_a_close(autojump_clock):
    async with connected(max_in_flight=1) as (zk, peer), trio.open_nursery() as nursery:
        nursery.start_soon(zk.get, "/a")
        await trio.testing.wait_all_tasks_blocked()

        async def refused():
            with pytest.raises(zkwire.ConnectionClosed) as caught:
                await zk.get("/b")
            assert caught.value.outcome is zkwire.Outcome.NOT_SENT

        nursery.start_soon(refused)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(zk.aclose)
        await trio.testing.wait_all_tasks_blocked()
        assert zk.statistics().tasks_waiting_for_room == 0
        for sent in await peer.requests(2):
            await peer.answer(sent)


async def test_closing_twice_and_at_once_is_closing_once(autojump_clock):
    log = []
    async with served(log) as (zk, _):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(zk.aclose)
            nursery.start_soon(zk.aclose)
        with trio.testing.assert_checkpoints():
            await zk.aclose()
    assert [each.opcode for each in log] == [CLOSE_SESSION]


async def test_the_stream_is_closed_when_closing_returns(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    tap = Tap(near)
    async with connected_over(tap, far, close_grace=0.5) as (zk, _):
        await zk.aclose()
        assert tap.is_closed


async def test_a_cancelled_close_closes_at_once(autojump_clock):
    async with connected(close_grace=5) as (zk, peer):
        with trio.move_on_after(0.5) as scope:
            await zk.aclose()
        assert scope.cancelled_caught
        assert trio.current_time() == pytest.approx(0.5)
        assert not zk.is_alive
        await peer.wait_closed()


async def test_closing_can_be_cancelled_at_every_step(autojump_clock):
    async def open_and_close():
        async with served() as (zk, _):
            try:
                await zk.aclose()
            finally:
                assert not zk.is_alive

    cancelled = await cancel_at_each_step(open_and_close)
    assert sum(cancelled) > 3
    assert not cancelled[-1]


async def test_a_lost_connection_has_nothing_to_close(autojump_clock):
    async with connected() as (zk, peer):
        await peer.stream.aclose()
        await zk.wait_lost()
        began = trio.current_time()
        await zk.aclose()
        assert trio.current_time() == began
        assert isinstance(zk.failure, EOFError)
        with pytest.raises(zkwire.ConnectionLost):
            await zk.get("/a")


# --- detaching --------------------------------------------------------------------------------


async def test_detaching_leaves_the_session_and_closes_the_stream(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        outcomes = []

        async def call():
            with pytest.raises(zkwire.ConnectionClosed) as caught:
                await zk.get("/a")
            outcomes.append(caught.value.outcome)

        nursery.start_soon(call)
        await peer.request()
        zk.detach()
        await trio.testing.wait_all_tasks_blocked()
        await call()
        assert outcomes == [zkwire.Outcome.UNKNOWN, zkwire.Outcome.NOT_SENT]
        with pytest.raises(EOFError):
            await peer.request()  # no closeSession, and the stream ends while the block runs
        await zk.wait_lost()
        assert zk.failure is None
        assert not zk.is_alive
        zk.detach()


async def test_detaching_from_a_lost_connection_does_not_change_what_it_died_of(autojump_clock):
    async with connected() as (zk, peer):
        await peer.stream.aclose()
        await zk.wait_lost()
        zk.detach()
        assert isinstance(zk.failure, EOFError)
        with pytest.raises(zkwire.ConnectionLost):
            await zk.get("/a")


# --- leaving the block ------------------------------------------------------------------------


async def test_an_error_of_the_block_leaves_bare_with_its_own_context(autojump_clock):
    context, cause = KeyError("context"), OSError("cause")
    error = RuntimeError("mine")
    error.__cause__, error.__context__ = cause, context
    with pytest.raises(RuntimeError) as caught:
        async with connected():
            raise error
    assert caught.value is error
    assert error.__cause__ is cause
    assert error.__context__ is context


async def test_a_group_of_the_block_is_untouched(autojump_clock):
    mine = ExceptionGroup("mine", [ValueError(1), ExceptionGroup("inner", [KeyError(2)])])
    with pytest.raises(ExceptionGroup) as caught:
        async with connected():
            raise mine
    assert caught.value is mine
    assert [type(each) for each in mine.exceptions] == [ValueError, ExceptionGroup]


async def test_the_session_still_answers_while_a_cancelled_block_cleans_up(autojump_clock):
    log, got = [], []
    near, far = trio.testing.memory_stream_pair()

    async def work():
        async with zkwire.open_connection_over(near, session_timeout=6.0) as zk:
            try:
                await trio.sleep_forever()
            finally:
                with trio.move_on_after(5, shield=True):
                    got.append((await zk.get("/a"))[0])

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Peer(far).serve_new, log)
        with trio.move_on_after(1) as scope:
            await work()
    assert scope.cancelled_caught
    assert got == [b"data"]
    assert log[-1].opcode == CLOSE_SESSION, "and the session is ended all the same"


async def test_a_cancelled_block_takes_the_grace_at_most(autojump_clock):
    with trio.move_on_after(1) as scope:
        async with connected(close_grace=0.5):
            await trio.sleep_forever()
    assert scope.cancelled_caught
    assert trio.current_time() == pytest.approx(1.5)


async def test_a_cancelled_block_leaves_as_cancelled_not_as_a_group(autojump_clock):
    left_as = []
    with trio.CancelScope() as scope:
        try:
            async with connected():
                scope.cancel()
                await trio.sleep_forever()
        except BaseException as error:
            left_as.append(type(error))
            raise
    assert left_as == [trio.Cancelled]
    assert scope.cancelled_caught


async def test_an_error_during_cancellation_leaves_bare(autojump_clock):
    async def clean_up_badly(scope):
        async with connected():
            try:
                scope.cancel()
                await trio.sleep_forever()
            finally:
                raise ValueError("in the clean-up")

    with trio.CancelScope() as scope, pytest.raises(ValueError, match="in the clean-up"):
        await clean_up_badly(scope)


@pytest.fixture
def interruptible():
    """Python's handler of SIGINT: a shell starts what runs in its background without one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_keyboard_interrupt_leaves_bare(interruptible):
    seen = []

    async def main():
        try:
            async with connected(close_grace=0.1) as (zk, peer):
                signal.raise_signal(signal.SIGINT)
                await trio.sleep_forever()
        except BaseException as error:
            seen.extend((type(error), zk.is_alive))
            await peer.wait_closed()
            raise

    with pytest.raises(KeyboardInterrupt):
        trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert seen == [KeyboardInterrupt, False]


async def test_a_lost_connection_does_not_disturb_the_block(autojump_clock):
    async with connected() as (zk, peer):
        await peer.stream.aclose()
        await zk.wait_lost()
        await trio.sleep(60)
    assert not zk.is_alive


async def test_a_defect_of_a_background_task_says_so(autojump_clock, monkeypatch):
    lost = []

    async def call(zk):
        with pytest.raises(zkwire.ConnectionLost) as caught:
            await zk.get("/a")
        lost.append(caught.value.__cause__)

    async def meet_a_defect(outside):
        async with connected() as (zk, peer):
            monkeypatch.setattr(zk._protocol, "receive_data", None)
            outside.start_soon(call, zk)
            await peer.request()
            await peer.send(reply(1, body=DATA))
            await trio.sleep_forever()

    async with trio.open_nursery() as outside:
        with pytest.raises(zkwire.InternalError) as caught:
            await meet_a_defect(outside)
    assert isinstance(caught.value.__cause__, TypeError)
    assert lost == [caught.value.__cause__], "and nobody was left waiting"


async def test_errors_make_no_reference_cycles(autojump_clock):
    """A traceback that refers to itself keeps every frame of the application alive."""
    async with connected() as (zk, peer):
        await peer.send(b"\xff" * 8)
        await zk.wait_lost()
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                with suppress(zkwire.ConnectionLost):
                    await zk.get("/a")
            assert not [each for each in gc.get_objects() if type(each) is zkwire.ConnectionLost]
        finally:
            gc.enable()
