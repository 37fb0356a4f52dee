"""Several kinds of watch on one path: a server before 3.9 keeps but the last (ZOOKEEPER-4466)."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
import trio

import zkwire
from real_server import at_home, attach_again, connect
from zkwire import EventType, WatchGap
from zkwire.testing import start_zookeeper

pytestmark = pytest.mark.zk

CREATED, DELETED = EventType.NODE_CREATED, EventType.NODE_DELETED
CHANGED, CHILDREN = EventType.NODE_DATA_CHANGED, EventType.NODE_CHILDREN_CHANGED


@pytest.fixture(scope="module", params=["3.6", "3.8", "3.9"])
def server(request):
    with start_zookeeper(version=request.param) as ensemble:
        yield ensemble


class Followed:
    """A client that watches, another that changes, and what the first has heard."""

    def __init__(self, zk, writer, home):
        self.zk, self.writer, self.home = zk, writer, home

    async def heard(self, stream):
        """What has come by now: a sync behind the changes has everything come before it."""
        await self.zk.sync(self.home)
        found = []
        while ": 0 waiting>" not in repr(stream):
            item = await anext(stream)
            short = item.path.replace(self.home, "~") if isinstance(item, tuple) else None
            found.append(item if short is None else (item.type, short))
        return found

    async def change(self):
        """Two of each kind of change: the first uses up what is one-shot."""
        for name in "ab":
            await self.writer.create(f"{self.home}/{name}")
            await self.writer.set(self.home, name.encode())
        await self.writer.set(f"{self.home}/a", b"")


PLAIN = [(CHILDREN, "~"), (CHANGED, "~"), (CHILDREN, "~"), (CHANGED, "~")]
DEEP = [(CREATED, "~/a"), (CHANGED, "~"), (CREATED, "~/b"), (CHANGED, "~"), (CHANGED, "~/a")]


@pytest.fixture
async def followed(server):
    async with at_home(server) as (writer, home), connect(server) as zk:
        yield Followed(zk, writer, home)


@pytest.mark.parametrize("read", ["get_and_watch", "exists_and_watch", "get_children_and_watch"])
@pytest.mark.parametrize(("recursive", "expected"), [(False, PLAIN), (True, DEEP)])
async def test_a_one_shot_watch_does_not_make_a_stream_one_shot(
    read, recursive, expected, followed
):
    zk, home = followed.zk, followed.home
    async with zk.watch(home, recursive=recursive) as stream:
        *_, once = await getattr(zk, read)(home)
        # Any transaction meanwhile, such as the end of somebody's session, may leave a gap.
        assert await followed.heard(stream) in ([], [WatchGap("rearmed")])
        await followed.change()
        assert await followed.heard(stream) == expected
        assert once.event is not None
        assert once.event.type is (CHILDREN if "children" in read else CHANGED)


@pytest.mark.parametrize("read", ["get_and_watch", "exists_and_watch", "get_children_and_watch"])
@pytest.mark.parametrize(("recursive", "expected"), [(False, PLAIN), (True, DEEP)])
async def test_nor_does_a_stream_put_a_one_shot_watch_out_of_action(
    read, recursive, expected, followed
):
    zk, home = followed.zk, followed.home
    *_, once = await getattr(zk, read)(home)
    async with zk.watch(home, recursive=recursive) as stream:
        await followed.change()
        assert await followed.heard(stream) == expected
        assert once.event is not None
        assert once.event.type is (CHILDREN if "children" in read else CHANGED)


@pytest.mark.parametrize("order", [(False, True), (True, False)])
async def test_two_kinds_of_stream_share_a_path(order, followed):
    zk, home = followed.zk, followed.home
    async with AsyncExitStack() as stack:
        streams = {
            recursive: await stack.enter_async_context(zk.watch(home, recursive=recursive))
            for recursive in order
        }
        *_, data = await zk.get_and_watch(home)
        *_, children = await zk.get_children_and_watch(home)
        for stream in streams.values():
            await followed.heard(stream)  # as above
        await followed.change()
        assert await followed.heard(streams[False]) == PLAIN
        assert await followed.heard(streams[True]) == DEEP
        assert data.event is not None
        assert children.event is not None


async def test_a_recursive_stream_that_leaves_leaves_the_other_whole(server, followed):
    zk, home = followed.zk, followed.home
    async with zk.watch(home) as stream:
        async with zk.watch(home, recursive=True):
            pass
        await zk.sync(home)  # leaving does not wait until the other is set again
        await followed.change()
        gap = [] if server.version.startswith("3.9") else [WatchGap("rearmed")]
        assert await followed.heard(stream) == gap + PLAIN


@pytest.mark.parametrize("read", ["get_and_watch", "get_children_and_watch"])
@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize("fires", [False, True])
async def test_behind_the_last_one_shot_watch_nothing_is_left_of_a_stream(
    fires, recursive, read, followed
):
    zk, home = followed.zk, followed.home
    async with zk.watch(home, recursive=recursive):
        *_, once = await getattr(zk, read)(home)
    if fires:
        await followed.change()
        await zk.sync(home)
        assert once.event is not None
    else:
        once.remove()
    await zk.sync(home)
    with pytest.raises(zkwire.NoWatcher):
        await zk.check_watches(home, zkwire.WatcherType.ANY)


async def test_all_of_them_are_set_again_over_the_next_connection(server):
    watches = zkwire.SessionWatches()
    async with AsyncExitStack() as stack:
        writer, home = await stack.enter_async_context(at_home(server))
        async with connect(server, watches=watches) as zk:
            plain = await stack.enter_async_context(zk.watch(home))
            deep = await stack.enter_async_context(zk.watch(home, recursive=True))
            *_, data = await zk.get_and_watch(home)
            *_, children = await zk.get_children_and_watch(home)
            zk.detach()
        async with attach_again(server, zk, watches=watches) as again:
            await again.sync(home)
            assert (data.event, children.event) == (None, None)
            followed = Followed(again, writer, home)
            await followed.change()
            assert await followed.heard(plain) == [WatchGap("reconnected"), *PLAIN]
            assert await followed.heard(deep) == [WatchGap("reconnected"), *DEEP]
            assert (data.event.type, children.event.type) == (CHANGED, CHILDREN)


async def test_under_a_stream_of_writes_a_stream_misses_nothing_without_saying_so(followed):
    """Reads with a watch, against writes that come in between: an event, or a gap."""
    zk, writer, home = followed.zk, followed.writer, followed.home
    path, last = f"{home}/n", b"300"
    await writer.create(path)
    seen = set()

    async def write():
        for number in range(int(last) + 1):
            await writer.set(path, b"%d" % number)

    async with zk.watch(home, recursive=True) as stream, trio.open_nursery() as nursery:
        nursery.start_soon(write)

        async def disturb():
            while last not in seen:
                with await _watch_of(zk, home):
                    pass

        nursery.start_soon(disturb)
        with trio.fail_after(30):
            while last not in seen:
                await anext(stream)  # a lost one, and this would wait for ever
                data, _ = await zk.get(path)
                seen.add(data)


async def _watch_of(zk, path):
    _, _, watch = await zk.get_and_watch(path)
    return watch
