"""What differs on servers before 3.9: they say less, know less, and one of them closes on it."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
import trio

import zkwire
from real_server import at_home, attach_again, connect
from zkwire import (
    Check,
    Create,
    Created,
    CreateMode,
    Delete,
    EventType,
    SetData,
    WatcherType,
    WatchGap,
)
from zkwire.testing import start_zookeeper

pytestmark = pytest.mark.zk


@pytest.fixture(scope="module")
def old_server(request):
    with start_zookeeper(version=request.param) as ensemble:
        yield ensemble


def on(*versions: str):
    """Run a test against these servers."""
    return pytest.mark.parametrize("old_server", versions, indirect=True)


async def _next(stream):
    with trio.fail_after(10):
        return await anext(stream)


@on("3.5", "3.6", "3.7", "3.8")
async def test_a_create_in_a_multi_tells_its_stat_where_the_server_does(old_server):
    tells = old_server.version not in {"3.5.10", "3.6.4"}  # since 3.7.2 and 3.8.2
    async with at_home(old_server) as (zk, home):
        plain, container, ttl, written, *rest = await zk.multi(
            [
                Create(f"{home}/p"),
                Create(f"{home}/c", mode=CreateMode.CONTAINER),
                Create(f"{home}/t", mode=CreateMode.PERSISTENT_WITH_TTL, ttl=60),
                SetData(f"{home}/p", b"1"),
                Check(f"{home}/p", 1),
                Delete(f"{home}/p"),
            ]
        )
        assert isinstance(plain, Created)
        assert (plain.stat is not None) == tells
        assert container == (f"{home}/c", await zk.exists(f"{home}/c"))
        assert ttl == (f"{home}/t", await zk.exists(f"{home}/t"))
        assert (written.version, rest) == (1, [None, None])
        with pytest.raises(zkwire.BadVersion) as caught:
            await zk.multi([Create(f"{home}/x"), Check(home, 9), Delete(home)])
        assert caught.value.index == 1


@on("3.6", "3.7", "3.8")
@pytest.mark.parametrize("recursive", [False, True])
async def test_a_stream_is_taken_off_servers_without_a_word_for_it(recursive, old_server):
    async with at_home(old_server) as (zk, home):
        with pytest.raises(zkwire.MarshallingError):
            await zk.check_watches(home, WatcherType.PERSISTENT)
        async with zk.watch(home, recursive=recursive) as stream:
            await zk.check_watches(home, WatcherType.ANY)
            await zk.create(f"{home}/a")
            expected = (
                (EventType.NODE_CREATED, f"{home}/a")
                if recursive
                else (EventType.NODE_CHILDREN_CHANGED, home)
            )
            assert await _next(stream) == (*expected, -1), "no zxid before 3.9"
        with pytest.raises(zkwire.NoWatcher):
            await zk.check_watches(home, WatcherType.ANY)


@on("3.6", "3.8")
async def test_taking_a_stream_off_does_not_take_the_paths_other_watches_with_it(old_server):
    async with at_home(old_server) as (zk, home):
        async with zk.watch(home):
            _, _, watch = await zk.get_and_watch(home)
        await zk.set(home, b"1")
        assert watch.event is not None


@on("3.6", "3.7", "3.8")
async def test_a_stream_is_set_again_on_older_servers_too(old_server):
    watches = zkwire.SessionWatches()
    async with AsyncExitStack() as stack:
        writer, home = await stack.enter_async_context(at_home(old_server))
        async with connect(old_server, watches=watches) as zk:
            stream = await stack.enter_async_context(zk.watch(home, recursive=True))
            zk.detach()
        async with attach_again(old_server, zk, watches=watches) as again:
            await again.sync(home)
            await writer.create(f"{home}/a")
            assert await _next(stream) == WatchGap("reconnected")
            assert await _next(stream) == (EventType.NODE_CREATED, f"{home}/a", -1)


@on("3.5")
async def test_one_shot_watches_are_set_again_without_what_3_5_does_not_know(old_server):
    """It would close the connection on setWatches2."""
    watches = zkwire.SessionWatches()
    async with at_home(old_server) as (writer, home):
        async with connect(old_server, watches=watches) as zk:
            _, _, data = await zk.get_and_watch(home)
            _, _, children = await zk.get_children_and_watch(home)
            _, absent = await zk.exists_and_watch(f"{home}/a")
            zk.detach()
        await writer.set(home, b"missed")
        async with attach_again(old_server, zk, watches=watches) as again:
            await again.sync(home)
            assert data.event is not None
            await writer.create(f"{home}/a")
            with trio.fail_after(10):
                await absent.wait()
                await children.wait()
            assert again.is_alive


NEWER = [
    ("3.5", "multi_read", ([],)),
    ("3.5", "get_ephemerals", ()),
    ("3.5", "get_all_children_number", ("/",)),
    ("3.5", "whoami", ()),
    ("3.6", "whoami", ()),
]


@pytest.mark.parametrize(("old_server", "method", "args"), NEWER, indirect=["old_server"])
async def test_an_operation_that_a_server_does_not_know_costs_the_connection(
    method, args, old_server
):
    async with connect(old_server) as zk:
        with pytest.raises(zkwire.Unimplemented):
            await getattr(zk, method)(*args)
        with trio.fail_after(10):
            await zk.wait_lost()


@on("3.5")
async def test_a_stream_from_a_server_that_has_none(old_server):
    async with connect(old_server) as zk:
        with pytest.raises(zkwire.Unimplemented):
            async with zk.watch("/"):
                pytest.fail("entered")
