"""Watches that stay, as streams of events."""

from __future__ import annotations

from contextlib import AsyncExitStack

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import refusal
from zkwire import CreateMode, NoWatcher, StreamItem, WatcherType, WatchStream


async def taken(stream: WatchStream, count: int) -> list[StreamItem]:
    """The next so many items."""
    with trio.fail_after(10):
        return [await anext(stream) for _ in range(count)]


@scenario()
async def a_stream_follows_a_node_through_its_lives(stage: Stage) -> object:
    path, seen = f"{stage.home}/n", []
    async with stage.connect() as zk, zk.watch(path) as stream:
        for _ in range(2):
            await zk.create(path)
            await zk.set(path, b"1")
            await zk.create(f"{path}/c")
            await zk.set(f"{path}/c", b"not this one's")
            await zk.delete(f"{path}/c")
            await zk.delete(path)
            seen.append(await taken(stream, 5))
    assert [event.type.value for event in seen[0]] == [1, 3, 4, 4, 2]
    assert [event[:2] for event in seen[0]] == [event[:2] for event in seen[1]]
    return seen


@scenario()
async def a_recursive_stream_follows_the_tree(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk, zk.watch(home, recursive=True) as stream:
        await zk.create(f"{home}/a")
        await zk.create(f"{home}/a/b")
        await zk.create(f"{home}/a/b/c", mode=CreateMode.EPHEMERAL)
        await zk.set(f"{home}/a/b", b"1")
        await zk.delete(f"{home}/a/b/c")
        await zk.delete(f"{home}/a/b")
        await zk.set(home, b"last")
        events = await taken(stream, 7)
        assert 4 not in [event.type.value for event in events], "no lists of children"
        zxids = [event.zxid for event in events]
        assert zxids == sorted(set(zxids))
        return events


@scenario()
async def every_watcher_gets_the_one_frame(stage: Stage) -> object:
    home = stage.home
    async with AsyncExitStack() as stack:
        zk = await stack.enter_async_context(stage.connect())
        streams = [
            await stack.enter_async_context(zk.watch(home, recursive=recursive))
            for recursive in (False, True, False)
        ]
        _, _, watch = await zk.get_and_watch(home)
        await zk.set(home, b"1")
        await zk.create(f"{home}/c")
        await zk.set(home, b"2")
        seen = [await taken(stream, 3) for stream in streams]
        assert watch.event is not None
        assert [event.type.value for event in seen[0]] == [3, 4, 3]
        assert [event.type.value for event in seen[1]] == [3, 1, 3]
        return seen, watch.event


@scenario()
async def leaving_takes_off_the_one_watch_and_no_other(stage: Stage) -> object:
    home, seen = stage.home, []
    async with stage.connect() as zk:

        async def kinds() -> list[WatcherType]:
            found = []
            for kind in WatcherType:
                try:
                    await zk.check_watches(home, kind)
                    found.append(kind)
                except NoWatcher:
                    pass
            return found

        async with zk.watch(home):
            await zk.get_and_watch(home)
            async with zk.watch(home, recursive=True):
                seen.append(await kinds())
            seen.append(await kinds())
        seen.append(await kinds())
        await zk.set(home, b"1")
        seen.append(await kinds())
        seen.append(await refusal(zk.remove_watches(home, WatcherType.PERSISTENT), NoWatcher))
    assert seen[0] == [
        WatcherType.DATA,
        WatcherType.ANY,
        WatcherType.PERSISTENT,
        WatcherType.PERSISTENT_RECURSIVE,
    ]
    assert seen[3] == []
    return seen


@scenario()
async def a_one_shot_watch_beside_a_stream_stays_one_shot(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk, zk.watch(home) as stream:
        _, _, once = await zk.get_and_watch(home)
        _, _, children = await zk.get_children_and_watch(home)
        await zk.set(home, b"1")
        await zk.set(home, b"2")
        await zk.create(f"{home}/c")
        await zk.delete(f"{home}/c")
        events = await taken(stream, 4)
        assert [event.type.value for event in events] == [3, 3, 4, 4]
        assert once.event == events[0]
        assert children.event == events[2]
        return events, once.event, children.event


@scenario()
async def another_s_changes_come_in_their_order(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as writer, stage.connect() as zk:
        async with zk.watch(home, recursive=True) as stream, trio.open_nursery() as nursery:
            for number in range(20):
                nursery.start_soon(writer.create, f"{home}/{number}")
            events = await taken(stream, 20)
        zxids = [event.zxid for event in events]
        assert zxids == sorted(set(zxids))
        return {event.path for event in events}, {event.type for event in events}
