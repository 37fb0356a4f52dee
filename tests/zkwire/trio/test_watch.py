"""One-shot watches: armed by a reply, fired by an event, ended or carried on by the loss."""

from __future__ import annotations

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import (
    DATA,
    SET_WATCHES,
    Peer,
    Tap,
    connected,
    connected_over,
)
from server_frames import STAT, connect_reply, framed, notification, reply
from zkwire._jute import records

CHANGED, CREATED, DELETED, CHILDREN = 3, 1, 2, 4
EXISTS_REPLY = records.EXISTS_RESPONSE.build(STAT)
CHILDREN_REPLY = records.GET_CHILDREN2_RESPONSE.build(["c"], STAT)


async def _answered(call, peer, *frames):
    """Make a call, and answer its request with these frames in one write."""
    got = []

    async def run():
        got.append(await call())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await peer.request()
        await peer.send(*frames)
    return got[0]


async def _watch(zk, peer, path="/a", xid=1):
    _, _, watch = await _answered(lambda: zk.get_and_watch(path), peer, reply(xid, xid, body=DATA))
    return watch


# --- arming -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "body", "event"),
    [
        ("get_and_watch", DATA, CHANGED),
        ("get_and_watch", DATA, DELETED),
        ("exists_and_watch", EXISTS_REPLY, CHANGED),
        ("exists_and_watch", EXISTS_REPLY, DELETED),
        ("get_children_and_watch", CHILDREN_REPLY, CHILDREN),
        ("get_children_and_watch", CHILDREN_REPLY, DELETED),
    ],
)
async def test_an_event_right_behind_the_reply_is_not_lost(call, body, event, autojump_clock):
    """Reply and event in one segment: the watch is armed before the next frame is looked at."""
    async with connected() as (zk, peer):
        *_, watch = await _answered(
            lambda: getattr(zk, call)("/a"),
            peer,
            reply(1, 5, body=body) + notification(event, "/a", 6),
        )
        assert watch.event == (event, "/a", 6)
        assert await watch.wait() == zkwire.WatchEvent(
            zkwire.EventType(event), "/a", zkwire.Zxid(6)
        )
        assert zk.statistics().watches == 0


async def test_an_absent_node_is_watched_for_its_coming(autojump_clock):
    async with connected() as (zk, peer):
        stat, watch = await _answered(
            lambda: zk.exists_and_watch("/a"),
            peer,
            reply(1, 5, -101) + notification(CREATED, "/a"),
        )
        assert stat is None
        assert (await watch.wait()).type is zkwire.EventType.NODE_CREATED


@pytest.mark.parametrize("call", ["get_and_watch", "get_children_and_watch", "exists_and_watch"])
async def test_a_refused_read_arms_nothing(call, autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:

        async def refused():
            with pytest.raises(zkwire.NoAuth):
                await getattr(zk, call)("/a")

        nursery.start_soon(refused)
        await peer.request()
        await peer.send(reply(1, 1, -102))
        await trio.testing.wait_all_tasks_blocked()
        assert zk.statistics().watches == 0


async def test_a_cancelled_read_arms_nothing(autojump_clock):
    async with connected() as (zk, peer):
        with trio.move_on_after(0.1):
            await zk.get_and_watch("/a")
        await peer.request()
        await peer.send(reply(1, 1, body=DATA), notification(CHANGED, "/a"))
        await trio.testing.wait_all_tasks_blocked()
        assert zk.statistics().watches == 0
        assert zk.is_alive


async def test_an_event_comes_before_the_reply_that_shows_the_change(autojump_clock):
    async with connected() as (zk, peer):
        watch = await _watch(zk, peer)

        async def read():
            await zk.get("/a")
            return watch.event

        change = notification(CHANGED, "/a", 2) + reply(2, 2, body=DATA)
        assert await _answered(read, peer, change) == (CHANGED, "/a", 2)


# --- firing -----------------------------------------------------------------------------------


async def test_a_watch_fires_once_and_for_all_its_waiters(autojump_clock):
    async with connected() as (zk, peer):
        watch = await _watch(zk, peer)
        got = []

        async def wait():
            got.append(await watch.wait())

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(wait)
            await trio.testing.wait_all_tasks_blocked()
            assert repr(watch) == "<Watch of /a: armed>"
            await peer.send(notification(CHANGED, "/a", 7), notification(DELETED, "/a", 8))
        assert got == [(CHANGED, "/a", 7)] * 3
        assert watch.event == (CHANGED, "/a", 7), "the second event belongs to nobody"
        assert repr(watch) == "<Watch of /a: fired>"


async def test_several_watches_of_one_path_share_the_servers_one_event(autojump_clock):
    async with connected() as (zk, peer):
        watches = [await _watch(zk, peer, xid=xid) for xid in (1, 2, 3)]
        assert zk.statistics().watches == 3
        await peer.send(notification(CHANGED, "/a"))
        for watch in watches:
            await watch.wait()
        assert zk.statistics().watches == 0


async def test_events_of_other_paths_kinds_and_types_fire_nothing(autojump_clock):
    async with connected() as (zk, peer):
        watch = await _watch(zk, peer)
        await peer.send(
            notification(CHANGED, "/b"), notification(CHILDREN, "/a"), notification(99, "/a")
        )
        await trio.testing.wait_all_tasks_blocked()
        assert watch.event is None
        assert zk.is_alive


async def test_a_cancelled_wait_leaves_the_watch_armed(autojump_clock):
    async with connected() as (zk, peer):
        watch = await _watch(zk, peer)
        with trio.move_on_after(0.1) as scope:
            await watch.wait()
        assert scope.cancelled_caught
        await peer.send(notification(CHANGED, "/a"))
        await watch.wait()
        with trio.testing.assert_checkpoints():
            await watch.wait()


# --- the end of a connection ------------------------------------------------------------------


async def test_watches_of_the_connections_own_end_with_it(autojump_clock):
    async with connected() as (zk, peer):
        watch = await _watch(zk, peer)
        errors = []

        async def wait():
            with pytest.raises(zkwire.ConnectionLost) as caught:
                await watch.wait()
            errors.append(caught.value)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            nursery.start_soon(wait)
            await trio.testing.wait_all_tasks_blocked()
            await peer.stream.aclose()
        await wait()
        assert len({id(error) for error in errors}) == 3
        assert {error.__cause__ for error in errors} == {zk.failure}
        assert repr(watch) == "<Watch of /a: ended>"
        assert zk.statistics().watches == 0


async def test_watches_end_with_a_close_as_closed(autojump_clock):
    async with connected() as (zk, peer):
        watch = await _watch(zk, peer)
        zk.detach()
        with pytest.raises(zkwire.ConnectionClosed):
            await watch.wait()


async def test_watches_of_the_session_outlive_a_connection(autojump_clock):
    watches = zkwire.SessionWatches()
    async with connected(watches=watches) as (zk, peer):
        watch = await _watch(zk, peer)
        await peer.stream.aclose()
        await zk.wait_lost()
        assert watch.event is None
        assert len(watches) == 1
    assert repr(watch) == "<Watch of /a: armed>"
    watches.end(lambda: zkwire.SessionExpired(None))
    with pytest.raises(zkwire.SessionExpired):
        await watch.wait()
    assert len(watches) == 0


async def test_the_next_connection_arms_them_again_before_anything_else(autojump_clock):
    watches = zkwire.SessionWatches()
    async with connected(watches=watches) as (zk, peer):
        data = await _watch(zk, peer, "/data")
        _, absent = await _answered(
            lambda: zk.exists_and_watch("/absent"), peer, reply(2, 40, -101)
        )
        *_, child = await _answered(
            lambda: zk.get_children_and_watch("/parent"), peer, reply(3, 41, body=CHILDREN_REPLY)
        )
        zk.detach()
    seen = zk.last_zxid
    assert seen == 41
    async with connected(watches=watches, last_zxid=seen) as (zk, peer):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(zk.get, "/x")
            first = await peer.request()
            second = await peer.request()
            await peer.send(reply(1, 99, body=DATA))
        assert (first.xid, first.opcode) == (-8, SET_WATCHES)
        assert records.SET_WATCHES.parse(first.body) == (41, ["/data"], ["/absent"], ["/parent"])
        assert (second.xid, second.opcode) == (1, 4)
        # What was missed comes first, then the reply, in any mixture with other replies.
        await peer.send(
            notification(CREATED, "/absent"),
            notification(CHILDREN, "/parent"),
            reply(-8, 99),
        )
        await absent.wait()
        await child.wait()
        assert data.event is None
        assert len(watches) == 1
        assert zk.is_alive


async def test_a_watch_on_a_node_that_was_there_is_set_again_as_one(autojump_clock):
    """In the list of the absent ones the server would answer with a creation that never was."""
    watches = zkwire.SessionWatches()
    async with connected(watches=watches) as (zk, peer):
        await _answered(lambda: zk.exists_and_watch("/a"), peer, reply(1, 1, body=EXISTS_REPLY))
        zk.detach()
    async with connected(watches=watches) as (_, peer):
        sent = await peer.request()
        assert records.SET_WATCHES.parse(sent.body)[1:] == (["/a"], [], [])
        await peer.send(reply(-8, 1))


async def test_many_watches_are_armed_in_batches_with_one_zxid(autojump_clock):
    watches = zkwire.SessionWatches()
    for number in range(4000):
        path = f"/{number:0>89}"
        watches.register(zkwire.WatchKind.DATA, path, zkwire.Watch(path))
    near, far = trio.testing.memory_stream_pair()
    tap = Tap(near)
    async with connected_over(tap, far, watches=watches, last_zxid=zkwire.Zxid(7)) as (zk, peer):
        paths, batches = set(), 0
        while len(paths) < 4000:
            sent = await peer.request()
            assert len(sent.body) < 140 * 1024
            zxid, data, _, _ = records.SET_WATCHES.parse(sent.body)
            assert zxid == 7
            paths.update(data)
            batches += 1
        assert batches == 3
        assert len(tap.writes) == 2, "the handshake, and all batches in one"
        await peer.send(*[reply(-8, 9)] * 3)
        await trio.testing.wait_all_tasks_blocked()
        assert zk.is_alive


async def test_a_session_without_its_watches_is_no_session(autojump_clock):
    """A refused setWatches: going on would lose events without a word."""
    watches = zkwire.SessionWatches()
    watch = zkwire.Watch("/a")
    watches.register(zkwire.WatchKind.DATA, "/a", watch)
    async with connected(watches=watches) as (zk, peer):
        await peer.request()
        await peer.send(reply(-8, 1, -5))
        await zk.wait_lost()
        assert isinstance(zk.failure, zkwire.MarshallingError)
    assert watch.event is None


async def test_a_watch_that_no_frame_can_hold_fails_the_opening(autojump_clock):
    watches = zkwire.SessionWatches()
    path = "/" + "a" * 2000
    watches.register(zkwire.WatchKind.DATA, path, zkwire.Watch(path))
    near, far = trio.testing.memory_stream_pair()
    await far.send_all(framed(connect_reply()))
    with pytest.raises(zkwire.InvalidArgument, match="set_watches"):
        async with zkwire.open_connection_over(near, watches=watches, max_outbound_frame=1024):
            pytest.fail("opened")
    await Peer(far).wait_closed()
