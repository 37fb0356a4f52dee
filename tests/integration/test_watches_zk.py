"""One-shot watches against a real server, over one connection and over the next."""

from __future__ import annotations

import pytest
import trio

import zkwire
from real_server import at_home, attach_again, connect
from zkwire import CreateMode, EventType

pytestmark = pytest.mark.zk


async def _event(watch):
    with trio.fail_after(10):
        return await watch.wait()


async def test_each_kind_fires_for_its_changes(zookeeper):
    async with at_home(zookeeper) as (writer, home), connect(zookeeper) as zk:
        path = f"{home}/n"
        stat, watch = await zk.exists_and_watch(path)
        assert stat is None
        await writer.create(path)
        assert await _event(watch) == (EventType.NODE_CREATED, path, watch.event.zxid)

        stat, exists = await zk.exists_and_watch(path)
        _, _, data = await zk.get_and_watch(path)
        assert stat is not None
        await writer.set(path, b"1")
        assert (await _event(exists)).type is EventType.NODE_DATA_CHANGED
        assert (await _event(data)).type is EventType.NODE_DATA_CHANGED

        _, _, children = await zk.get_children_and_watch(path)
        await writer.create(f"{path}/c")
        assert (await _event(children)).type is EventType.NODE_CHILDREN_CHANGED
        await writer.delete(f"{path}/c")

        _, _, data = await zk.get_and_watch(path)
        _, _, children = await zk.get_children_and_watch(path)
        _, _, parent = await zk.get_children_and_watch(home)
        await writer.delete(path)
        assert (await _event(data)).type is EventType.NODE_DELETED
        assert (await _event(children)).type is EventType.NODE_DELETED
        assert (await _event(parent)).type is EventType.NODE_CHILDREN_CHANGED
        assert zk.statistics().watches == 0


async def test_the_event_of_ones_own_write_comes_before_its_reply(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        for number in range(100):
            _, _, watch = await zk.get_and_watch(home)
            await zk.set(home, b"%d" % number)
            assert watch.event is not None


async def test_no_read_shows_a_change_before_its_event(zookeeper):
    async with at_home(zookeeper) as (writer, home), connect(zookeeper) as zk:
        last = b"200"

        async def write():
            for number in range(int(last) + 1):
                await writer.set(home, b"%d" % number)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(write)
            seen = None
            while seen != last:
                armed, _, watch = await zk.get_and_watch(home)
                seen, _ = await zk.get(home)
                assert seen == armed or watch.event is not None
                if seen != last:
                    await _event(watch)


async def test_what_changed_while_away_is_caught_up(zookeeper):
    watches = zkwire.SessionWatches()
    async with at_home(zookeeper) as (writer, home):
        for name in ("changed", "deleted", "parent", "quiet"):
            await writer.create(f"{home}/{name}")
        async with connect(zookeeper, watches=watches) as zk:
            changed = (await zk.get_and_watch(f"{home}/changed"))[-1]
            exists = (await zk.exists_and_watch(f"{home}/changed"))[-1]
            deleted = (await zk.get_and_watch(f"{home}/deleted"))[-1]
            parent = (await zk.get_children_and_watch(f"{home}/parent"))[-1]
            created = (await zk.exists_and_watch(f"{home}/created"))[-1]
            quiet = (await zk.get_and_watch(f"{home}/quiet"))[-1]
            absent = (await zk.exists_and_watch(f"{home}/absent"))[-1]
            zk.detach()
        await writer.set(f"{home}/changed", b"new")
        await writer.delete(f"{home}/deleted")
        await writer.create(f"{home}/parent/c")
        await writer.create(f"{home}/created")
        assert len(watches) == 7

        async with attach_again(zookeeper, zk, watches=watches) as again:
            assert (await _event(changed)).type is EventType.NODE_DATA_CHANGED
            assert (await _event(exists)).type is EventType.NODE_DATA_CHANGED
            assert (await _event(deleted)).type is EventType.NODE_DELETED
            assert (await _event(parent)).type is EventType.NODE_CHILDREN_CHANGED
            assert (await _event(created)).type is EventType.NODE_CREATED
            await again.sync(home)
            assert quiet.event is None
            assert absent.event is None
            assert len(watches) == 2
            # Those that missed nothing are armed still.
            await writer.set(f"{home}/quiet", b"new")
            await writer.create(f"{home}/absent")
            assert (await _event(quiet)).type is EventType.NODE_DATA_CHANGED
            assert (await _event(absent)).type is EventType.NODE_CREATED


async def test_a_read_at_once_after_attaching_does_not_hide_what_was_missed(zookeeper):
    """The zxid that the server compares with is that of the old connection."""
    watches = zkwire.SessionWatches()
    async with at_home(zookeeper) as (writer, home):
        async with connect(zookeeper, watches=watches) as zk:
            watch = (await zk.get_and_watch(home))[-1]
            zk.detach()
        await writer.set(home, b"missed")
        async with attach_again(zookeeper, zk, watches=watches) as again:
            data, _ = await again.get(home)
            assert data == b"missed"
            assert watch.event is not None, "event before data, even here"


async def test_thousands_of_watches_are_armed_again(zookeeper):
    watches = zkwire.SessionWatches()
    async with at_home(zookeeper) as (writer, home):
        names = [f"{number:0>85}" for number in range(4000)]
        async with connect(zookeeper, watches=watches) as zk:
            held = []

            async def watch(name):
                held.append((await zk.exists_and_watch(f"{home}/{name}"))[-1])

            async with trio.open_nursery() as nursery:
                for name in names:
                    nursery.start_soon(watch, name)
            zk.detach()
        for name in names[::1000]:
            await writer.create(f"{home}/{name}", mode=CreateMode.PERSISTENT)
        async with attach_again(zookeeper, zk, watches=watches) as again:
            await again.sync(home)
            fired = {watch.path for watch in held if watch.event is not None}
            assert fired == {f"{home}/{name}" for name in names[::1000]}
            assert len(watches) == 3996
