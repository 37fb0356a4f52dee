"""Streams of events over a connection: set, told, and taken off the server again."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import DATA, Sent, connected, served
from server_frames import notification, reply
from zkwire import EventType, WatcherType, WatchGap
from zkwire._jute import records

ADD, REMOVE, CHECK, SET2 = 106, 18, 17, 105
CREATED, DELETED, CHANGED, CHILDREN = 1, 2, 3, 4
DONE = b"\0\0\0\0"


class Follower:
    """A task that is in ``watch`` until told to leave, and keeps what it was told."""

    def __init__(self, zk, path="/a", *, recursive=False):
        self.zk, self.path, self.recursive = zk, path, recursive
        self.leave, self.entered, self.left = trio.Event(), trio.Event(), trio.Event()
        self.stream = None
        self.error = None

    async def run(self):
        try:
            async with self.zk.watch(self.path, recursive=self.recursive) as self.stream:
                self.entered.set()
                await self.leave.wait()
        except zkwire.ZkwireError as error:
            self.error = error
        self.left.set()


async def enter(nursery, peer, follower, *frames, err=0) -> Sent:
    """Have somebody follow a path, and answer as the server does."""
    nursery.start_soon(follower.run)
    sent = await peer.request()
    assert sent.opcode == ADD
    await peer.send(reply(sent.xid, 1, err, b"" if err else DONE), *frames)
    await (follower.left if err else follower.entered).wait()
    return sent


async def leave(peer, follower, *errors: int) -> list[Sent]:
    """Have it leave; a request for each error, which answers it."""
    follower.leave.set()
    asked = []
    for err in errors:
        asked.append(await peer.request())
        await peer.send(reply(asked[-1].xid, 5, err))
    await follower.left.wait()
    return asked


def asked_off(sent: Sent) -> tuple:
    assert sent.opcode == REMOVE
    return records.REMOVE_WATCHES_REQUEST.parse(sent.body)


async def answer_on_an_old_server(peer, *opcodes: int) -> list[Sent]:
    """Answer a probe, which nobody before 3.9 understands, and these requests behind it."""
    probe, *sent = await peer.requests(1 + len(opcodes))
    assert [probe.opcode, *(each.opcode for each in sent)] == [CHECK, *opcodes]
    bodies = {4: DATA, ADD: DONE}
    await peer.send(
        reply(probe.xid, 2, -5), *[reply(each.xid, 2, body=bodies[each.opcode]) for each in sent]
    )
    return sent


async def nothing_more(zk, peer) -> None:
    """The next that is sent is a read of ours: nothing came before it."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(zk.get, "/probe")
        sent = await peer.request()
        assert (sent.opcode, b"/probe" in sent.body) == (4, True)
        await peer.send(reply(sent.xid, 9, body=DATA))


# --- setting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("recursive", "mode"), [(False, 0), (True, 1)])
async def test_a_stream_is_asked_for_and_hears_the_very_next_frame(recursive, mode, autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        follower = Follower(zk, recursive=recursive)
        sent = await enter(nursery, peer, follower, notification(CHANGED, "/a", 6))
        assert records.ADD_WATCH_REQUEST.parse(sent.body) == ("/a", mode)
        assert await anext(follower.stream) == (EventType.NODE_DATA_CHANGED, "/a", 6)
        await leave(peer, follower, 0)


async def test_a_refused_stream_watches_nothing(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        follower = Follower(zk)
        nursery.start_soon(follower.run)
        sent = await peer.request()
        await peer.send(reply(sent.xid, 1, -5))
        asked = await leave(peer, follower, -121)
        assert asked_off(asked[0]) == ("/a", WatcherType.PERSISTENT)
        assert isinstance(follower.error, zkwire.MarshallingError)
        assert follower.stream is None
        assert zk.statistics().watches == 0


@pytest.mark.parametrize("path", ["a", "/a/", None])
async def test_a_bad_path_sends_nothing(path, autojump_clock):
    async with connected() as (zk, peer):
        with pytest.raises((zkwire.InvalidArgument, zkwire.InvalidArgumentType), match="path: "):
            async with zk.watch(path):
                pytest.fail("entered")
        await nothing_more(zk, peer)


async def test_a_recursive_stream_hears_of_no_lists_and_a_plain_one_of_its_own(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        plain, recursive = Follower(zk), Follower(zk, recursive=True)
        await enter(nursery, peer, plain)
        nursery.start_soon(recursive.run)
        probe, sent = await peer.requests(2)
        assert (probe.opcode, sent.opcode) == (CHECK, ADD)
        await peer.send(reply(probe.xid, 1), reply(sent.xid, 1, body=DONE))
        await recursive.entered.wait()
        await peer.send(
            notification(CREATED, "/a/b", 7),
            notification(CHILDREN, "/a", 7),
            notification(CHILDREN, "/a/b", 8),
            notification(CHANGED, "/a", 9),
        )
        children = (EventType.NODE_CHILDREN_CHANGED, "/a", 7)
        changed = (EventType.NODE_DATA_CHANGED, "/a", 9)
        created = (EventType.NODE_CREATED, "/a/b", 7)
        assert [await anext(plain.stream) for _ in "12"] == [children, changed]
        assert [await anext(recursive.stream) for _ in "12"] == [created, changed]
        await leave(peer, plain, 0)
        await leave(peer, recursive, 0)


# --- leaving ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recursive", "kind"),
    [(False, WatcherType.PERSISTENT), (True, WatcherType.PERSISTENT_RECURSIVE)],
)
@pytest.mark.parametrize("answer", [0, -121, -102])
async def test_the_last_to_leave_takes_the_watch_off(recursive, kind, answer, autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        one, two = Follower(zk, recursive=recursive), Follower(zk, recursive=recursive)
        await enter(nursery, peer, one)
        await enter(nursery, peer, two)
        assert await leave(peer, one) == []
        (asked,) = await leave(peer, two, answer)
        assert asked_off(asked) == ("/a", kind)
        assert zk.statistics().watches == 0
        await nothing_more(zk, peer)


async def test_a_server_before_3_9_is_asked_for_any_kind(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        follower = Follower(zk, recursive=True)
        await enter(nursery, peer, follower)
        exact, any_kind = await leave(peer, follower, -5, 0)
        assert asked_off(exact) == ("/a", WatcherType.PERSISTENT_RECURSIVE)
        assert asked_off(any_kind) == ("/a", WatcherType.ANY)


async def test_any_kind_is_not_asked_for_where_it_would_take_another_watch_along(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        follower = Follower(zk)
        await enter(nursery, peer, follower)
        nursery.start_soon(zk.get_and_watch, "/a")
        await answer_on_an_old_server(peer, 4, ADD)
        await leave(peer, follower, -5)
        await nothing_more(zk, peer)
        assert zk.statistics().watches == 1


@pytest.mark.parametrize("recursive", [False, True])
async def test_nor_one_whose_request_is_under_way(recursive, autojump_clock):
    """Removing by "any" behind it would leave a watch that never fires."""
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        leaving = Follower(zk, recursive=recursive)
        await enter(nursery, peer, leaving)
        leaving.leave.set()
        exact = await peer.request()
        nursery.start_soon(zk.get_and_watch, "/a")
        other = Follower(zk, recursive=not recursive)
        nursery.start_soon(other.run)
        await peer.send(reply(exact.xid, 2, -5))
        await leaving.left.wait()
        later = await peer.requests(5)
        asked = {sent.opcode for sent in later}
        assert asked == {4, ADD, CHECK}, "and no removal"
        for sent in later:
            err = -5 if sent.opcode == CHECK else 0
            body = {4: DATA, ADD: DONE}.get(sent.opcode, b"")
            await peer.send(reply(sent.xid, 4, err, body))
        await trio.testing.wait_all_tasks_blocked()
        assert other.entered.is_set()
        assert zk.statistics().watches == 2
        await leave(peer, other, 0)


async def test_who_leaves_does_not_take_the_watch_of_who_is_on_the_way(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        leaving, coming = Follower(zk), Follower(zk)
        await enter(nursery, peer, leaving)
        nursery.start_soon(coming.run)
        sent = await peer.request()
        assert sent.opcode == ADD
        assert await leave(peer, leaving) == [], "somebody's addWatch is in flight"
        await peer.send(reply(sent.xid, 2, body=DONE), notification(CHANGED, "/a", 5))
        await coming.entered.wait()
        assert (await anext(coming.stream)).zxid == 5
        (asked,) = await leave(peer, coming, 0)
        assert asked_off(asked)[0] == "/a"


async def test_who_comes_while_the_watch_is_taken_off_asks_behind_that(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        leaving, coming, elsewhere = Follower(zk), Follower(zk), Follower(zk, "/b")
        await enter(nursery, peer, leaving)
        leaving.leave.set()
        removal = await peer.request()
        assert removal.opcode == REMOVE
        nursery.start_soon(coming.run)
        nursery.start_soon(elsewhere.run)
        sent = await peer.request()
        assert (sent.opcode, b"/b" in sent.body) == (ADD, True), "nobody else waits"
        await peer.send(reply(removal.xid, 2), reply(sent.xid, 2, body=DONE))
        await leaving.left.wait()
        sent = await peer.request()
        assert (sent.opcode, b"/a" in sent.body) == (ADD, True)
        await peer.send(reply(sent.xid, 3, body=DONE))
        await coming.entered.wait()
        await elsewhere.entered.wait()
        await leave(peer, coming, 0)
        await leave(peer, elsewhere, 0)


async def test_a_server_that_does_not_answer_the_removal_has_a_second(autojump_clock):
    async with connected(timeout_ms=20_000) as (zk, peer), trio.open_nursery() as nursery:
        follower = Follower(zk)
        await enter(nursery, peer, follower)
        start = trio.current_time()
        follower.leave.set()
        await follower.left.wait()
        assert trio.current_time() - start == pytest.approx(1.0)
        assert zk.is_alive


async def test_a_cancelled_block_takes_its_watch_off_too(autojump_clock):
    log: list[Sent] = []
    async with served(log) as (zk, _):
        with trio.move_on_after(0.5) as scope:
            async with zk.watch("/a"):
                await trio.sleep_forever()
        assert scope.cancelled_caught
        assert [sent.opcode for sent in log] == [ADD, REMOVE]
        assert zk.statistics().watches == 0


async def test_an_entry_cancelled_on_its_way_takes_off_what_it_may_have_set(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:

        async def impatient():
            with trio.move_on_after(0.1):
                async with zk.watch("/a"):
                    pytest.fail("entered")

        nursery.start_soon(impatient)
        added, removed = await peer.requests(2)
        assert (added.opcode, removed.opcode) == (ADD, REMOVE)
        await peer.send(reply(added.xid, 1, body=DONE), notification(CHANGED, "/a"))
        await peer.send(reply(removed.xid, 1))
        await trio.testing.wait_all_tasks_blocked()
        assert zk.statistics().watches == 0
        assert zk.is_alive


async def test_leaving_over_a_lost_connection_is_quiet(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        follower = Follower(zk)
        await enter(nursery, peer, follower)
        await peer.stream.aclose()
        await zk.wait_lost()
        with pytest.raises(zkwire.ConnectionLost):
            await anext(follower.stream)
        await leave(peer, follower)
        assert follower.error is None


# --- the next connection ----------------------------------------------------------------------


async def test_a_shared_stream_goes_on_with_a_gap_over_the_next_connection(autojump_clock):
    watches = zkwire.SessionWatches()
    async with AsyncExitStack() as stack:
        nursery = await stack.enter_async_context(trio.open_nursery())
        async with connected(watches=watches) as (zk, peer):
            follower = Follower(zk, recursive=True)
            await enter(nursery, peer, follower, notification(CHANGED, "/a", 5))
            zk.detach()
        async with connected(watches=watches, last_zxid=7) as (again, peer):
            sent = await peer.request()
            assert (sent.xid, sent.opcode) == (-8, SET2)
            assert records.SET_WATCHES2.parse(sent.body) == (7, [], [], [], [], ["/a"])
            await peer.send(reply(-8, 9), notification(CREATED, "/a/b", 9))
            assert [await anext(follower.stream) for _ in "123"] == [
                (EventType.NODE_DATA_CHANGED, "/a", 5),
                WatchGap("reconnected"),
                (EventType.NODE_CREATED, "/a/b", 9),
            ]
            assert again.is_alive
            follower.leave.set()
            await follower.left.wait()
            assert len(watches) == 0


# --- checking and removing by hand ------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "opcode"), [("check_watches", CHECK), ("remove_watches", REMOVE)]
)
@pytest.mark.parametrize("kind", WatcherType)
async def test_asking_for_watches_of_a_kind(method, opcode, kind, autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:

        async def ask():
            await getattr(zk, method)("/a", kind)
            with pytest.raises(zkwire.NoWatcher):
                await getattr(zk, method)("/a", kind)

        nursery.start_soon(ask)
        for err in (0, -121):
            sent = await peer.request()
            assert (sent.opcode, records.CHECK_WATCHES_REQUEST.parse(sent.body)) == (
                opcode,
                ("/a", kind),
            )
            await peer.send(reply(sent.xid, 1, err))


@pytest.mark.parametrize("method", ["check_watches", "remove_watches"])
@pytest.mark.parametrize("kind", [3, "any", None])
async def test_a_kind_is_one_of_five(method, kind, autojump_clock):
    async with connected() as (zk, peer):
        with pytest.raises(zkwire.InvalidArgumentType, match="kind: must be a WatcherType"):
            await getattr(zk, method)("/a", kind)
        await nothing_more(zk, peer)
