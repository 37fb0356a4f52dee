"""One-shot watches on one connection."""

from __future__ import annotations

import trio
from trio.testing import wait_all_tasks_blocked

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import refusal
from zkwire import (
    OPEN_ACL_UNSAFE,
    Connection,
    ConnectionClosed,
    EventType,
    NoNode,
    NoWatcher,
    Watch,
    WatcherType,
)


async def _watch_all(zk: Connection, path: str) -> list[Watch]:
    return [
        (await zk.exists_and_watch(path))[-1],
        (await zk.get_and_watch(path))[-1],
        (await zk.get_children_and_watch(path))[-1],
    ]


@scenario()
async def what_each_change_fires(stage: Stage) -> object:
    path, seen = f"{stage.home}/n", []
    async with stage.connect() as zk:

        async def fired_by(name: str, change) -> None:
            watches = await _watch_all(zk, path) if await zk.exists(path) else []
            parents = (await zk.get_children_and_watch(stage.home))[-1]
            await change()
            # The event comes before the reply to the change that fires it.
            seen.append((name, [watch.event for watch in [*watches, parents]]))

        await fired_by("creating it", lambda: zk.create(path))
        await fired_by("writing it", lambda: zk.set(path, b"1"))
        await fired_by("writing the same", lambda: zk.set(path, b"1"))
        await fired_by("its rights", lambda: zk.set_acl(path, OPEN_ACL_UNSAFE))
        await fired_by("a child", lambda: zk.create(f"{path}/c"))
        await fired_by("writing the child", lambda: zk.set(f"{path}/c", b"1"))
        await fired_by("removing the child", lambda: zk.delete(f"{path}/c"))
        await fired_by("removing it", lambda: zk.delete(path))
    types = [[event and event.type.name for event in events] for _, events in seen]
    assert types[0] == ["NODE_CHILDREN_CHANGED"]
    assert types[1] == ["NODE_DATA_CHANGED", "NODE_DATA_CHANGED", None, None]
    assert types[-1] == [*["NODE_DELETED"] * 3, "NODE_CHILDREN_CHANGED"]
    return seen


@scenario()
async def each_kind_alone_hears_of_the_end(stage: Stage) -> object:
    seen = []
    async with stage.connect() as zk:
        for watching in (zk.exists_and_watch, zk.get_and_watch, zk.get_children_and_watch):
            path = await zk.create(f"{stage.home}/n")
            watch = (await watching(path))[-1]
            await zk.delete(path)
            assert watch.event is not None
            assert watch.event.type is EventType.NODE_DELETED
            seen.append(watch.event)
    return seen


@scenario()
async def a_watch_fires_once(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.connect() as zk:
        await zk.create(path)
        _, _, first = await zk.get_and_watch(path)
        await zk.set(path, b"1")
        event = await first.wait()
        await zk.set(path, b"2")
        await zk.delete(path)
        assert await first.wait() is event
        return event, len(zk.watches)


@scenario()
async def absence_is_watched_by_exists_alone(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.connect() as zk:
        stat, watch = await zk.exists_and_watch(path)
        assert stat is None
        errors = [
            await refusal(zk.get_and_watch(path), NoNode),
            await refusal(zk.get_children_and_watch(path), NoNode),
        ]
        assert len(zk.watches) == 1
        await zk.create(path)
        event = watch.event
        assert event is not None
        assert event.type is EventType.NODE_CREATED
        return errors, event


@scenario()
async def two_watches_of_a_path_share_one_event(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.connect() as zk, stage.connect() as other:
        await zk.create(path)
        watches = [(await zk.get_and_watch(path))[-1] for _ in range(3)]
        watches.append((await zk.exists_and_watch(path))[-1])
        watches.append((await other.get_and_watch(path))[-1])
        await other.set(path, b"1")
        with trio.fail_after(10):
            events = [await watch.wait() for watch in watches]
        assert len(set(events)) == 1
        return events


@scenario()
async def watches_are_checked_and_removed_by_kind(stage: Stage) -> object:
    home, seen = stage.home, []
    async with stage.connect() as zk:
        for removed in (WatcherType.CHILDREN, WatcherType.DATA, WatcherType.ANY):
            seen.append(await refusal(zk.remove_watches(home, removed), NoWatcher))
            await zk.get_and_watch(home)
            await zk.get_children_and_watch(home)
            await zk.remove_watches(home, removed)
            left = []
            for kind in WatcherType:
                try:
                    await zk.check_watches(home, kind)
                    left.append(kind)
                except NoWatcher:
                    pass
            seen.append((removed, left))
            await zk.set(home, b"1")
            await zk.delete(await zk.create(f"{home}/c"))
    assert seen[1][1] == [WatcherType.DATA, WatcherType.ANY]
    assert seen[-1][1] == []
    return seen


@scenario()
async def a_watch_ends_with_its_connection(stage: Stage) -> object:
    async with stage.connect() as zk:
        _, watch = await zk.exists_and_watch(f"{stage.home}/n")
        async with trio.open_nursery() as nursery:
            errors = []

            async def wait() -> None:
                try:
                    await watch.wait()
                except ConnectionClosed as error:
                    errors.append(error)

            nursery.start_soon(wait)
            nursery.start_soon(wait)
            await wait_all_tasks_blocked()
            await zk.aclose()
        assert errors[0] is not errors[1]
        return errors
