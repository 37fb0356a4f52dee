"""A stream of events: their order, its gaps and its end."""

from __future__ import annotations

from itertools import pairwise

import pytest
import trio
import trio.testing

import zkwire
from stepping import cancel_at_each_step
from zkwire import EventType, WatchEvent, WatchGap, WatchStream, Zxid
from zkwire._trio._watch_stream import STREAM_CAPACITY


def same(path: str) -> str:
    return path


def event(number: int) -> WatchEvent:
    return WatchEvent(EventType.NODE_DATA_CHANGED, "/a", Zxid(number))


def lost() -> zkwire.ZkwireError:
    return zkwire.ConnectionLost("gone", outcome=zkwire.Outcome.UNKNOWN)


async def taken(stream: WatchStream, count: int) -> list:
    return [await anext(stream) for _ in range(count)]


async def test_events_come_in_their_order_whoever_is_faster():
    stream = WatchStream("/a", same)
    stream.deliver(event(1))
    stream.deliver(event(2))
    assert repr(stream) == "<WatchStream of /a: 2 waiting>"
    got = []

    async def consume():
        got.extend(await taken(stream, 4))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(consume)
        await trio.testing.wait_all_tasks_blocked()
        assert got == []
        stream.deliver(event(3))
        await trio.testing.wait_all_tasks_blocked()
        stream.deliver(event(4))
    assert got == [event(1), event(2), event(3), event(4)]


async def test_paths_are_the_callers():
    stream = WatchStream("/a", lambda path: path.removeprefix("/root"))
    stream.deliver(event(1)._replace(path="/root/a/b"))
    assert (await anext(stream)).path == "/a/b"


async def test_every_wait_is_a_checkpoint():
    stream = WatchStream("/a", same)
    stream.deliver(event(1))
    with trio.testing.assert_checkpoints():
        await anext(stream)


async def test_cancelling_at_any_step_loses_nothing():
    stream = WatchStream("/a", same)
    got = []

    async def one():
        got.append(await anext(stream))

    for number in range(3):
        stream.deliver(event(number))
    assert (await cancel_at_each_step(one))[-1] is False
    assert got == [event(0)]
    assert await taken(stream, 2) == [event(1), event(2)]

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            with trio.CancelScope() as scope:
                nursery.start_soon(trio.testing.wait_all_tasks_blocked)
                nursery.start_soon(_cancel_when_idle, scope)
                await one()
            assert scope.cancelled_caught
        stream.deliver(event(9))
        assert await anext(stream) == event(9)


async def _cancel_when_idle(scope: trio.CancelScope) -> None:
    await trio.testing.wait_all_tasks_blocked()
    scope.cancel()


async def test_an_event_and_a_cancellation_in_the_same_step_leave_the_event():
    stream = WatchStream("/a", same)
    got = []

    async def consume(task_status):
        with trio.CancelScope() as scope:
            task_status.started(scope)
            got.append(await anext(stream))

    async with trio.open_nursery() as nursery:
        scope = await nursery.start(lambda *, task_status: consume(task_status))
        await trio.testing.wait_all_tasks_blocked()
        stream.deliver(event(1))
        scope.cancel()
    rest = [] if got else [await anext(stream)]
    assert got + rest == [event(1)]


async def test_a_second_consumer_is_refused_and_the_first_undisturbed():
    stream = WatchStream("/a", same)
    got = []

    async def consume():
        got.append(await anext(stream))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(consume)
        await trio.testing.wait_all_tasks_blocked()
        for _ in range(2):
            with pytest.raises(trio.BusyResourceError, match="another task waits"):
                await anext(stream)
        stream.deliver(event(1))
    assert got == [event(1)]


# --- gaps -------------------------------------------------------------------------------------


async def test_a_gap_stands_where_events_are_missing_and_two_in_a_row_are_one():
    stream = WatchStream("/a", same)
    stream.deliver(event(1))
    stream.gap("reconnected")
    stream.gap("reconnected")
    stream.deliver(event(2))
    stream.gap("reconnected")
    assert await taken(stream, 4) == [
        event(1),
        WatchGap("reconnected"),
        event(2),
        WatchGap("reconnected"),
    ]


async def test_an_overflow_is_marked_once_and_what_came_before_it_is_kept():
    stream = WatchStream("/a", same)
    for number in range(STREAM_CAPACITY + 100):
        stream.deliver(event(number))
    stream.gap("reconnected")
    assert repr(stream) == f"<WatchStream of /a: {STREAM_CAPACITY + 1} waiting>"
    kept = await taken(stream, STREAM_CAPACITY)
    assert kept == [event(number) for number in range(STREAM_CAPACITY)]
    assert await anext(stream) == WatchGap("overflow")
    stream.deliver(event(7))
    assert await anext(stream) == event(7), "there is room again, and no gap left behind"


async def test_a_stream_that_stays_full_grows_no_further():
    stream = WatchStream("/a", same)
    for number in range(STREAM_CAPACITY + 1):
        stream.deliver(event(number))
    for number in range(10):
        await anext(stream)
        for _ in range(3):
            stream.deliver(event(10_000 + number))
    waiting = await taken(stream, STREAM_CAPACITY)
    gaps = [index for index, item in enumerate(waiting) if isinstance(item, WatchGap)]
    assert len(waiting) == STREAM_CAPACITY
    assert gaps
    assert all(after - before > 1 for before, after in pairwise(gaps))


# --- the end ----------------------------------------------------------------------------------


async def test_the_end_comes_behind_what_has_arrived_and_stays():
    stream = WatchStream("/a", same)
    stream.deliver(event(1))
    stream.end(lost)
    assert await anext(stream) == event(1)
    errors = []
    for _ in range(2):
        with pytest.raises(zkwire.ConnectionLost) as caught:
            await anext(stream)
        errors.append(caught.value)
    assert errors[0] is not errors[1], "an exception for each"


async def test_the_end_wakes_the_consumer():
    stream = WatchStream("/a", same)

    async def consume():
        with pytest.raises(zkwire.ConnectionLost):
            await anext(stream)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(consume)
        await trio.testing.wait_all_tasks_blocked()
        stream.end(lost)


async def test_a_closed_stream_has_no_more_and_takes_no_more():
    stream = WatchStream("/a", same)
    got = []

    async def consume():
        got.extend([item async for item in stream])
        got.append("over")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(consume)
        await trio.testing.wait_all_tasks_blocked()
        stream.close()
    stream.deliver(event(1))
    stream.gap("reconnected")
    assert got == ["over"]
    assert [item async for item in stream] == []
    assert repr(stream) == "<WatchStream of /a: 0 waiting>"
