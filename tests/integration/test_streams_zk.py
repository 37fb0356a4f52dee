"""Streams of events against a real server, over one connection and over the next."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
import trio

import zkwire
from real_server import at_home, attach_again, connect
from zkwire import EventType, WatcherType, WatchGap

pytestmark = pytest.mark.zk


async def _next(stream):
    with trio.fail_after(10):
        return await anext(stream)


async def _events(stream, count: int) -> list[tuple]:
    return [tuple((await _next(stream))[:2]) for _ in range(count)]


async def test_a_stream_follows_one_node_and_its_list_of_children(zookeeper):
    async with at_home(zookeeper) as (zk, home), zk.watch(f"{home}/n") as stream:
        path = f"{home}/n"
        for _ in range(2):  # it outlives the node
            await zk.create(path)
            await zk.set(path, b"1")
            await zk.create(f"{path}/c")
            await zk.set(f"{path}/c", b"not this one's")
            await zk.delete(f"{path}/c")
            await zk.delete(path)
            assert await _events(stream, 5) == [
                (EventType.NODE_CREATED, path),
                (EventType.NODE_DATA_CHANGED, path),
                (EventType.NODE_CHILDREN_CHANGED, path),
                (EventType.NODE_CHILDREN_CHANGED, path),
                (EventType.NODE_DELETED, path),
            ]


async def test_a_recursive_stream_follows_the_tree_and_no_lists_of_children(zookeeper):
    async with at_home(zookeeper) as (zk, home), zk.watch(home, recursive=True) as stream:
        # A child watch below it: its frame comes over the same connection.
        await zk.create(f"{home}/a")
        _, _, children = await zk.get_children_and_watch(f"{home}/a")
        await zk.create(f"{home}/a/b")
        await zk.set(f"{home}/a/b", b"1")
        await zk.delete(f"{home}/a/b")
        stat = await zk.set(home, b"1")
        assert await _events(stream, 4) == [
            (EventType.NODE_CREATED, f"{home}/a"),
            (EventType.NODE_CREATED, f"{home}/a/b"),
            (EventType.NODE_DATA_CHANGED, f"{home}/a/b"),
            (EventType.NODE_DELETED, f"{home}/a/b"),
        ]
        last = await _next(stream)
        assert last == (EventType.NODE_DATA_CHANGED, home, stat.mzxid)
        assert children.event is not None


async def test_one_frame_is_for_every_watcher_that_it_concerns(zookeeper):
    async with AsyncExitStack() as stack:
        zk, home = await stack.enter_async_context(at_home(zookeeper))
        streams = [
            await stack.enter_async_context(zk.watch(home, recursive=recursive))
            for recursive in (False, True, False)
        ]
        _, _, watch = await zk.get_and_watch(home)
        await zk.set(home, b"1")
        for stream in streams:
            assert await _events(stream, 1) == [(EventType.NODE_DATA_CHANGED, home)]
        assert watch.event is not None
        await zk.set(home, b"2")
        for stream in streams:
            assert await _events(stream, 1) == [(EventType.NODE_DATA_CHANGED, home)]


@pytest.mark.parametrize("recursive", [False, True])
async def test_a_stream_goes_on_over_the_next_connection_and_says_that_it_has_a_gap(
    recursive, zookeeper
):
    watches = zkwire.SessionWatches()
    async with AsyncExitStack() as stack:
        writer, home = await stack.enter_async_context(at_home(zookeeper))
        async with connect(zookeeper, watches=watches) as zk:
            stream = await stack.enter_async_context(zk.watch(home, recursive=recursive))
            await writer.set(home, b"seen")
            assert await _events(stream, 1) == [(EventType.NODE_DATA_CHANGED, home)]
            zk.detach()
        await writer.set(home, b"missed")
        async with attach_again(zookeeper, zk, watches=watches) as again:
            await again.sync(home)  # the watches are set
            await writer.set(home, b"seen again")
            assert await _next(stream) == WatchGap("reconnected")
            assert await _events(stream, 1) == [(EventType.NODE_DATA_CHANGED, home)]
            assert repr(stream).endswith(": 0 waiting>"), "nothing was replayed"


@pytest.mark.parametrize("recursive", [False, True])
async def test_leaving_takes_the_watch_off_the_server_and_no_other(recursive, zookeeper):
    mine, other = WatcherType.PERSISTENT, WatcherType.PERSISTENT_RECURSIVE
    mine, other = (other, mine) if recursive else (mine, other)
    async with at_home(zookeeper) as (zk, home):
        async with zk.watch(home, recursive=not recursive):
            _, _, watch = await zk.get_and_watch(home)
            async with zk.watch(home, recursive=recursive):
                async with zk.watch(home, recursive=recursive):
                    pass
                await zk.check_watches(home, mine)  # the outer one of the kind is there still
            with pytest.raises(zkwire.NoWatcher):
                await zk.check_watches(home, mine)
            await zk.check_watches(home, other)
            await zk.check_watches(home, WatcherType.DATA)
        with pytest.raises(zkwire.NoWatcher):
            await zk.check_watches(home, other)
        await zk.set(home, b"1")
        assert watch.event is not None


async def test_watches_are_removed_by_kind(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        with pytest.raises(zkwire.NoWatcher):
            await zk.remove_watches(home, WatcherType.ANY)
        await zk.get_and_watch(home)
        await zk.get_children_and_watch(home)
        await zk.remove_watches(home, WatcherType.DATA)
        with pytest.raises(zkwire.NoWatcher):
            await zk.check_watches(home, WatcherType.DATA)
        await zk.check_watches(home, WatcherType.CHILDREN)
        await zk.remove_watches(home, WatcherType.ANY)
        with pytest.raises(zkwire.NoWatcher):
            await zk.check_watches(home, WatcherType.CHILDREN)
