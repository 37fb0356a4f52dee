"""The watches of a session: who is told, what is set again, who still wants what."""

from __future__ import annotations

import pytest
import trio
import trio.testing

import zkwire
from zkwire import EventType, SessionWatches, Watch, WatchEvent, WatchGap, WatchKind, WatchStream
from zkwire._types import OpCode, Zxid

PERSISTENT, RECURSIVE = WatchKind.PERSISTENT, WatchKind.PERSISTENT_RECURSIVE


def stream_at(watches: SessionWatches, kind: WatchKind, path: str) -> WatchStream:
    stream = WatchStream(path, lambda server_path: server_path)
    watches.register(kind, path, stream)
    return stream


async def items(stream: WatchStream) -> list:
    """What has arrived, and nothing that is to come."""
    found = []
    with trio.CancelScope() as scope:
        while True:
            scope.deadline = trio.current_time() + 0.01
            found.append(await anext(stream))
    return found


def happened(type_: EventType, path: str) -> WatchEvent:
    return WatchEvent(type_, path, Zxid(5))


async def test_one_event_goes_to_all_whom_it_concerns(autojump_clock):
    watches = SessionWatches()
    one, two = Watch("/a/b"), Watch("/a/b")
    watches.register(WatchKind.DATA, "/a/b", one)
    watches.register(WatchKind.EXIST, "/a/b", two)
    here = stream_at(watches, PERSISTENT, "/a/b")
    below = [stream_at(watches, RECURSIVE, path) for path in ("/", "/a", "/a/b")]
    others = [stream_at(watches, PERSISTENT, path) for path in ("/", "/a", "/a/b/c", "/a/bb")]
    others += [stream_at(watches, RECURSIVE, path) for path in ("/a/b/c", "/a/bb", "/b")]
    changed = happened(EventType.NODE_DATA_CHANGED, "/a/b")
    watches.deliver(changed)
    watches.deliver(changed)
    assert one.event == two.event == changed
    for stream in (here, *below):
        assert await items(stream) == [changed, changed]
    for stream in others:
        assert await items(stream) == []
    assert len(watches) == 11, "one-shot watches are gone, the others stay"


async def test_a_recursive_stream_is_never_told_of_a_list_of_children(autojump_clock):
    watches = SessionWatches()
    here = stream_at(watches, PERSISTENT, "/a")
    recursive = [stream_at(watches, RECURSIVE, path) for path in ("/", "/a")]
    child = Watch("/a")
    watches.register(WatchKind.CHILD, "/a", child)
    children = happened(EventType.NODE_CHILDREN_CHANGED, "/a")
    watches.deliver(children)
    assert child.event == children
    assert await items(here) == [children]
    for stream in recursive:
        assert await items(stream) == []


@pytest.mark.parametrize("kind", [PERSISTENT, RECURSIVE])
async def test_a_persistent_watch_outlives_its_node(kind, autojump_clock):
    watches = SessionWatches()
    stream = stream_at(watches, kind, "/a")
    events = [
        happened(type_, "/a")
        for type_ in (
            EventType.NODE_CREATED,
            EventType.NODE_DELETED,
            EventType.NODE_CREATED,
        )
    ]
    for one in events:
        watches.deliver(one)
    assert await items(stream) == events


async def test_events_that_nobody_watches_are_no_error(autojump_clock):
    watches = SessionWatches()
    stream = stream_at(watches, PERSISTENT, "/a")
    watches.deliver(happened(EventType.NODE_DELETED, "/b"))
    watches.deliver(WatchEvent(99, "/a", Zxid(1)))
    watches.deliver(WatchEvent(EventType.NODE_CREATED, "", Zxid(1)))
    assert await items(stream) == []


# --- after a reconnect ------------------------------------------------------------------------


async def test_streams_are_told_of_the_gap_once_each_and_one_shot_watches_of_nothing(
    autojump_clock,
):
    watches = SessionWatches()
    watch = Watch("/a")
    watches.register(WatchKind.DATA, "/a", watch)
    both = stream_at(watches, PERSISTENT, "/a")
    watches.register(RECURSIVE, "/b", both)
    other = stream_at(watches, RECURSIVE, "/c")
    requests = list(watches.rearm(Zxid(9)))
    assert watch.event is None
    assert await items(both) == await items(other) == [WatchGap("reconnected")]
    assert [one.operation.opcode for one in requests] == [OpCode.SET_WATCHES2]
    assert requests[0].values == (9, ["/a"], [], [], ["/a"], ["/b", "/c"])


def test_servers_that_need_not_know_setwatches2_are_not_sent_it():
    watches = SessionWatches()
    watches.register(WatchKind.EXIST, "/a", Watch("/a"))
    (request,) = watches.rearm(Zxid(9))
    assert request.operation.opcode is OpCode.SET_WATCHES
    assert request.values == (9, [], ["/a"], [])


async def test_the_end_ends_watches_and_streams(autojump_clock):
    watches = SessionWatches()
    watch = Watch("/a")
    watches.register(WatchKind.DATA, "/a", watch)
    stream = stream_at(watches, PERSISTENT, "/a")
    watches.end(lambda: zkwire.SessionExpired("/a"))
    with pytest.raises(zkwire.SessionExpired):
        await watch.wait()
    with pytest.raises(zkwire.SessionExpired):
        await anext(stream)
    assert len(watches) == 0
    assert list(watches.rearm(Zxid(9))) == []


# --- who wants what ---------------------------------------------------------------------------


def test_the_last_to_leave_is_told_so_whoever_is_still_to_come_counted():
    watches = SessionWatches()
    watches.want(PERSISTENT, "/a")
    watches.want(PERSISTENT, "/a")
    watches.want(RECURSIVE, "/a")
    watches.want(PERSISTENT, "/b")
    assert not watches.unwant(PERSISTENT, "/a")
    assert watches.is_wanted(PERSISTENT, "/a")
    assert watches.unwant(PERSISTENT, "/a")
    assert not watches.is_wanted(PERSISTENT, "/a")
    assert watches.unwant(RECURSIVE, "/a")
    assert watches.unwant(PERSISTENT, "/b")


def test_a_path_is_watched_from_the_moment_somebody_is_about_to():
    watches = SessionWatches()
    assert not watches.has("/a")
    watches.want(WatchKind.CHILD, "/a")
    assert watches.has("/a")
    assert not watches.has("/a/b")
    assert not watches.has("/")
    watches.unwant(WatchKind.CHILD, "/a")
    assert not watches.has("/a")
    stream = stream_at(watches, PERSISTENT, "/a")
    assert watches.has("/a")
    watches.discard("/a", stream)
    assert not watches.has("/a")
    assert len(watches) == 0


async def test_who_comes_while_a_watch_is_taken_off_waits(autojump_clock):
    watches = SessionWatches()
    order = []

    async def come(path):
        await watches.settled(path)
        order.append(path)

    async with trio.open_nursery() as nursery:
        with watches.removing("/a"):
            for path in ("/a", "/a", "/b"):
                nursery.start_soon(come, path)
            await trio.testing.wait_all_tasks_blocked()
            assert order == ["/b"]
    assert order == ["/b", "/a", "/a"]
    with trio.testing.assert_no_checkpoints():
        await watches.settled("/a")


async def test_a_removal_that_fails_lets_them_in_too(autojump_clock):
    watches = SessionWatches()
    with pytest.raises(ZeroDivisionError), watches.removing("/a"):
        raise ZeroDivisionError
    await watches.settled("/a")
    assert not watches.has("/a")
