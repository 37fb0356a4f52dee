"""The coordinator on a real server: root path and paths."""

from __future__ import annotations

from uuid import uuid4

import pytest
import trio

import zkwire
from coordinator import CoordinatorFailed, State, open_coordinator
from coordinator_steps import connected, observer
from zkwire import Acl, CreateMode, EventType, Identity, Perms

pytestmark = pytest.mark.zk

TIMEOUT = 1.0


@pytest.fixture
def name():
    """A node name that no other test has."""
    return f"t{uuid4().hex[:12]}"


# --- the root path -------------------------------------------------------------------------------


async def test_a_deep_root_is_made_with_every_parent(zookeeper, name):
    async with connected(zookeeper.servers, f"/{name}/b/c/d/e") as (coordinator, _):
        assert coordinator.state is State.CONNECTED
        assert await coordinator.create("/x") == "/x"
    async with observer(zookeeper.servers[0]) as look:
        assert await look.get_children(f"/{name}/b/c/d/e") == ["x"]


@pytest.mark.parametrize("there", ["", "/b", "/b/c"])
async def test_parents_below_one_that_exists_are_made_too(zookeeper, name, there):
    # Burrow's createRecursive stops at the first ancestor that exists.
    async with observer(zookeeper.servers[0]) as look:
        made = ""
        for part in f"{name}{there}".split("/"):
            made += f"/{part}"
            await look.create(made)
        async with connected(zookeeper.servers, f"/{name}/b/c/d"):
            assert await look.exists(f"/{name}/b/c/d") is not None


async def test_many_make_the_same_root_at_the_same_time(zookeeper, name):
    connected_count = 0

    async def connect():
        nonlocal connected_count
        async with connected(zookeeper.servers, f"/{name}/b/c"):
            connected_count += 1

    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(connect)
    assert connected_count == 8


async def test_a_root_that_somebody_removes_while_it_is_made(zookeeper, name):
    async with observer(zookeeper.servers[0]) as look, trio.open_nursery() as nursery:

        async def remove():
            while True:
                for path in (f"/{name}/b/c", f"/{name}/b", f"/{name}"):
                    try:
                        await look.delete(path)
                    except zkwire.ReplyError:
                        await trio.lowlevel.checkpoint()

        nursery.start_soon(remove)
        async with open_coordinator(zookeeper.servers, f"/{name}/b/c", TIMEOUT) as coordinator:
            with trio.move_on_after(1):
                await coordinator.wait_connected()
            assert coordinator.failure is None, "somebody else's deletions ended it for good"
            nursery.cancel_scope.cancel()
            with trio.CancelScope(deadline=trio.current_time() + 20, shield=True):
                await coordinator.wait_connected()
    assert coordinator.failure is None


READ_ONLY = (Acl(Perms.READ, Identity("world", "anyone")),)
CREATE_ONLY = (Acl(Perms.CREATE, Identity("world", "anyone")),)


async def test_a_parent_that_does_not_let_us_create_is_named_with_the_reason(zookeeper, name):
    async with observer(zookeeper.servers[0]) as look:
        await look.create(f"/{name}", acl=READ_ONLY)
    async with open_coordinator(zookeeper.servers, f"/{name}/b/c", TIMEOUT) as coordinator:
        with trio.fail_after(10):
            for call in (
                coordinator.wait_connected(),
                coordinator.get("/x"),
                coordinator.create("/x"),
                anext(coordinator.sessions()),
                coordinator.wait_expired(),
            ):
                with pytest.raises(CoordinatorFailed) as caught:
                    await call
                message = str(caught.value)
                assert f"'/{name}/b/c'" in message
                assert f"The ACL does not allow it: /{name}/b " in message
                assert "\n" not in message
                assert isinstance(caught.value.__cause__, zkwire.NoAuth)
        assert coordinator.state is State.CLOSED
        assert str(coordinator.failure) == message


async def test_a_parent_that_may_not_be_read_is_no_obstacle(zookeeper, name):
    async with observer(zookeeper.servers[0]) as look:
        await look.create(f"/{name}", acl=CREATE_ONLY)
        async with connected(zookeeper.servers, f"/{name}/b"):
            assert await look.exists(f"/{name}/b") is not None


# --- paths ---------------------------------------------------------------------------------------


async def test_paths_lie_under_the_root_in_arguments_results_and_events(zookeeper, name):
    root = f"/{name}/app"
    async with (
        connected(zookeeper.servers, root) as (coordinator, _),
        observer(zookeeper.servers[0]) as look,
    ):
        for handle in (coordinator, coordinator.session):
            assert await handle.create("/x", b"1") == "/x"
            assert await look.get(f"{root}/x") == await handle.get("/x")
            assert await handle.get_children("/") == ["x"]
            path, stat = await handle.create2("/x/y")
            assert (path, (await look.exists(f"{root}/x/y")).czxid) == ("/x/y", stat.czxid)
            _, _, data_watch = await handle.get_and_watch("/x")
            _, _, root_watch = await handle.get_children_and_watch("/")
            _, exists_watch = await handle.exists_and_watch("/new")
            await look.set(f"{root}/x", b"2")
            await look.create(f"{root}/new")
            with trio.fail_after(5):
                events = [await each.wait() for each in (data_watch, root_watch, exists_watch)]
            assert [(event.type, event.path) for event in events] == [
                (EventType.NODE_DATA_CHANGED, "/x"),
                (EventType.NODE_CHILDREN_CHANGED, "/"),
                (EventType.NODE_CREATED, "/new"),
            ]
            for path in ("/x/y", "/x", "/new"):
                await handle.delete(path)
        with pytest.raises(zkwire.NoNode):
            await coordinator.get("/x")


async def test_a_sequential_node_at_the_root_is_its_child(zookeeper, name):
    root = f"/{name}/app"
    async with (
        connected(zookeeper.servers, root) as (coordinator, _),
        observer(zookeeper.servers[0]) as look,
    ):
        made = await coordinator.create("/", mode=CreateMode.PERSISTENT_SEQUENTIAL)
        assert made == "/0000000000"
        path, _ = await coordinator.create2("/", mode=CreateMode.EPHEMERAL_SEQUENTIAL)
        assert path == "/0000000001"
        assert sorted(await look.get_children(root)) == ["0000000000", "0000000001"]
        assert await look.get_children(f"/{name}") == ["app"]


async def test_a_root_of_slash_changes_no_path(zookeeper, name):
    # Burrow's becomes "//notifier", which no server takes.
    async with (
        connected(zookeeper.servers, "/") as (coordinator, _),
        observer(zookeeper.servers[0]) as look,
    ):
        assert await coordinator.create(f"/{name}") == f"/{name}"
        assert await look.exists(f"/{name}") is not None
        assert name in await coordinator.get_children("/")
        path = await coordinator.create(f"/{name}/", mode=CreateMode.PERSISTENT_SEQUENTIAL)
        assert path == f"/{name}/0000000000"


async def test_the_server_s_configuration_node_is_the_server_s(zookeeper, name):
    async with (
        connected(zookeeper.servers, f"/{name}") as (coordinator, _),
        observer(zookeeper.servers[0]) as look,
    ):
        assert await coordinator.get("/zookeeper/config") == await look.get("/zookeeper/config")
        with pytest.raises(zkwire.NoNode) as caught:
            await coordinator.get("/zookeeper/quota")
        assert caught.value.path == f"/{name}/zookeeper/quota"


async def test_a_bad_path_is_refused_here_and_nothing_is_sent(zookeeper, name):
    async with connected(zookeeper.servers, f"/{name}") as (coordinator, _):
        before = await coordinator.exists("/")
        for path, rule in (("x", "must start with '/'"), ("/x/", "must not end with '/'")):
            with pytest.raises(zkwire.InvalidArgument, match=rule):
                await coordinator.create(path)
        assert await coordinator.exists("/") == before
