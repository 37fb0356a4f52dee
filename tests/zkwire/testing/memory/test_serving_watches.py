"""The watch tables, and what their connections hear."""

from __future__ import annotations

import zkwire
from raw_client import CREATE, EXISTS, GET_DATA, SET_WATCHES, RawClient, creation, reading, request
from zkwire import CreateMode, EventType, Identity, Perms
from zkwire._jute import records
from zkwire._types import WatcherType
from zkwire.testing import open_memory_zookeeper
from zkwire.testing._memory._serving._watch_table import ANY_MODE, WatchMode, WatchTable
from zkwire.testing._memory._serving._watches import Watches

CHANGED, CREATED, DELETED = (
    EventType.NODE_DATA_CHANGED,
    EventType.NODE_CREATED,
    EventType.NODE_DELETED,
)


class Ear:
    """A watcher that writes down what it hears."""

    def __init__(self):
        self.heard = []

    def notify(self, event, path, zxid, acl, /):
        self.heard.append((event, path, zxid))


def test_a_standard_watch_is_consumed_and_leaves_the_others():
    table, ear = WatchTable(), Ear()
    for mode in (WatchMode.STANDARD, WatchMode.PERSISTENT, WatchMode.RECURSIVE):
        table.add("/n", ear, mode)
    for zxid in (1, 2):
        table.trigger(CHANGED, "/n", zxid, None)
    assert ear.heard == [(CHANGED, "/n", 1), (CHANGED, "/n", 2)]
    assert not table.has("/n", ear, WatchMode.STANDARD)
    assert table.has("/n", ear, WatchMode.PERSISTENT)
    assert table.has("/n", ear, WatchMode.RECURSIVE)


def test_a_recursive_watch_hears_of_all_below_once():
    table, ear = WatchTable(), Ear()
    table.add("/", ear, WatchMode.RECURSIVE)
    table.add("/a", ear, WatchMode.RECURSIVE)
    table.add("/a/b", ear, WatchMode.STANDARD)
    table.trigger(CREATED, "/a/b", 1, None)
    table.trigger(CREATED, "/ab", 2, None)
    table.trigger(CREATED, "/", 3, None)
    assert [path for _, path, _ in ear.heard] == ["/a/b", "/ab", "/"]


def test_a_persistent_watch_does_not_reach_below():
    table, ear = WatchTable(), Ear()
    table.add("/a", ear, WatchMode.PERSISTENT)
    table.trigger(CREATED, "/a/b", 1, None)
    assert ear.heard == []


def test_who_was_told_already_is_not_told_twice_and_loses_the_watch_all_the_same():
    table, ear, other = WatchTable(), Ear(), Ear()
    table.add("/n", ear, WatchMode.STANDARD)
    table.add("/n", other, WatchMode.STANDARD)
    table.trigger(DELETED, "/n", 1, None, told=[ear])
    assert (ear.heard, len(other.heard)) == ([], 1)
    assert table.count == 0


def test_watches_are_told_in_the_order_in_which_they_came():
    table, order = WatchTable(), []
    ears = [Ear() for _ in range(20)]
    for ear in ears:
        ear.heard = order  # type: ignore[assignment]
        ear.notify = lambda *_, of=ear: order.append(of)  # type: ignore[method-assign]
        table.add("/n", ear, WatchMode.STANDARD)
    table.trigger(CHANGED, "/n", 1, None)
    assert order == ears


def test_a_connection_that_ends_leaves_nothing_behind():
    table, ear, other = WatchTable(), Ear(), Ear()
    for path in ("/a", "/a/b", "/c"):
        table.add(path, ear, WatchMode.STANDARD | WatchMode.RECURSIVE)
    table.add("/a", other, WatchMode.STANDARD)
    table.forget(ear)
    table.forget(ear)
    assert table.count == 1
    table.trigger(CHANGED, "/a/b", 1, None)
    assert ear.heard == []
    assert table.remove("/a", other, ANY_MODE)
    assert not table.remove("/a", other, ANY_MODE)


def test_a_kind_of_watch_is_looked_for_where_it_is_kept():
    watches, ear = Watches(), Ear()
    watches.watch_data("/n", ear)
    watches.watch_children("/n", ear)
    watches.watch_persistently("/n", ear)
    watches.watch_below("/n", ear)
    assert watches.count == 2
    for kind in (
        WatcherType.DATA,
        WatcherType.CHILDREN,
        WatcherType.PERSISTENT,
        WatcherType.PERSISTENT_RECURSIVE,
    ):
        assert watches.has("/n", ear, kind)
        assert watches.remove("/n", ear, kind)
        assert not watches.has("/n", ear, kind)
    assert watches.count == 0
    assert not watches.has("/n", ear, WatcherType.ANY)


async def served(ensemble, **options):
    client = RawClient(ensemble.members[0].connect())
    await client.shake(**options)
    return client


async def test_one_change_one_notification_the_node_before_its_parent():
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        await client.call(1, CREATE, creation("/p"))
        await client.call(2, 8, records.GET_CHILDREN_REQUEST.encode("/p", True))
        await client.call(3, EXISTS, records.EXISTS_REQUEST.encode("/p/n", True))
        await client.call(4, 106, records.ADD_WATCH_REQUEST.encode("/p", 1))
        await client.send(request(5, CREATE, creation("/p/n")))
        came = [await client.came() for _ in range(3)]
        assert [each.event for each in came[:2]] == [(1, "/p/n"), (4, "/p")]
        assert came[2].xid == 5


async def test_a_deleted_node_is_told_of_once_though_both_tables_have_it():
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        await client.call(1, CREATE, creation("/n"))
        await client.call(2, GET_DATA, reading("/n", watch=True))
        await client.call(3, 8, records.GET_CHILDREN_REQUEST.encode("/n", True))
        await client.send(request(4, 2, records.DELETE_REQUEST.encode("/n", -1)))
        assert (await client.came()).event == (2, "/n")
        assert (await client.came()).xid == 4


async def test_who_may_not_read_a_node_hears_nothing_of_it_and_loses_the_watch():
    async with open_memory_zookeeper() as ensemble:
        anna = zkwire.Acl(
            Perms.ALL, Identity("digest", "anna:hqPOFzbj/C9B4hKmTZ2oNM5CAMU=")
        )  # not what anybody here is
        open_to_all, writer = await served(ensemble), await served(ensemble)
        await writer.call(1, CREATE, creation("/n"))
        await open_to_all.call(1, GET_DATA, reading("/n", watch=True))
        hidden = [anna, zkwire.Acl(Perms.WRITE, Identity("world", "anyone"))]
        assert (await writer.call(2, 7, records.SET_ACL_REQUEST.encode("/n", hidden, -1))).err == 0
        for xid in (3, 4):
            body = records.SET_DATA_REQUEST.encode("/n", b"x", -1)
            assert (await writer.call(xid, 5, body)).err == 0
        check = records.CHECK_WATCHES_REQUEST.encode("/n", 3)
        assert (await open_to_all.call(2, 17, check)).err == -121


async def test_watches_are_made_up_for_before_the_reply_whatever_the_acl_says():
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        for xid, path in enumerate(("/open", "/hidden"), 1):
            await client.call(xid, CREATE, creation(path))
        nobody = [zkwire.Acl(Perms.ALL, Identity("ip", "192.0.2.1"))]
        await client.call(3, 7, records.SET_ACL_REQUEST.encode("/hidden", nobody, -1))
        again = await served(ensemble)
        lists = (["/open", "/hidden", "/gone"], ["/open", "/hidden", "/not"], ["/open", "/hidden"])
        await again.send(request(-8, SET_WATCHES, records.SET_WATCHES.encode(0, *lists)))
        heard = []
        while (came := await again.came()).xid == -1:
            assert came.zxid == -1
            heard.append(came.event)
        assert heard == [
            *((3, "/open"), (3, "/hidden"), (2, "/gone")),
            *((1, "/open"), (1, "/hidden")),
            *((4, "/open"), (4, "/hidden")),
        ]
        assert (came.xid, came.err, came.body) == (-8, 0, b"")
        await client.call(4, CREATE, creation("/not"))
        assert (await again.came()).event == (1, "/not")


async def test_watches_go_with_their_connection_and_not_with_the_session(autojump_clock):
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        await client.call(1, CREATE, creation("/n"))
        await client.call(2, GET_DATA, reading("/n", watch=True))
        await client.stream.aclose()
        again = await served(ensemble, session_id=client.session_id, password=client.password)
        check = records.CHECK_WATCHES_REQUEST.encode("/n", 3)
        assert (await again.call(1, 17, check)).err == -121


async def test_the_end_of_a_session_is_an_event_for_who_watches_its_nodes(autojump_clock):
    async with open_memory_zookeeper(tick_time=2.0) as ensemble:
        stream = await ensemble.dial("zk1.invalid", 2181)
        async with zkwire.open_connection_over(stream, session_timeout=30.0) as observer:
            silent = await served(ensemble, timeout_ms=4000)
            await silent.call(1, CREATE, creation("/e", flags=CreateMode.EPHEMERAL.flags))
            async with observer.watch("/", recursive=True) as watch:
                event = await anext(watch)
            assert (event.type, event.path) == (DELETED, "/e")
            assert await silent.closed()
