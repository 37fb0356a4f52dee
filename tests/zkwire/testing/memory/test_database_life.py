from __future__ import annotations

import pytest

from one_database import OTHER, SESSION, OneDatabase, world
from zkwire import EventType
from zkwire.testing._memory._database import (
    CollectNode,
    Committed,
    Database,
    DeleteNode,
    SetNodeData,
    config_text,
)
from zkwire.testing._memory._database._txns import CreateTxn, DeleteTxn


@pytest.fixture
def one():
    return OneDatabase()


def test_sessions(one):
    assert one.database.sessions == {SESSION: 30_000, OTHER: 30_000}
    assert one.close().closed == SESSION
    assert one.database.sessions == {OTHER: 30_000}


def test_ephemeral_nodes_go_with_their_session_in_one_transaction(one):
    one.make("/p")
    for path, session in (("/p/a", SESSION), ("/p/b", OTHER), ("/p/c", SESSION)):
        one.make(path, flags=1, session=session)
    one.make("/d", flags=1)
    applied = one.close()
    assert [(change.type, change.path) for change in applied.changes] == [
        (EventType.NODE_DELETED, path) for path in ("/p/a", "/p/c", "/d")
    ]
    assert (one.has("/p/a"), one.has("/p/b"), one.has("/d")) == (False, True, False)
    assert one.stat("/p").pzxid == one.stat("/").pzxid == applied.zxid
    assert (one.stat("/p").cversion, one.stat("/p").num_children) == (5, 1)
    assert (one.database.ephemerals_of(SESSION), one.database.ephemeral_count) == ([], 1)


def test_a_container_is_collected_once_it_was_used(one):
    one.make("/c", flags=4)
    assert one.database.next_collectable_ms(5_000) is None
    one.make("/c/n")
    assert one.database.collectable(10**15) == []
    one.do(DeleteNode("/c/n"))
    assert one.database.next_collectable_ms(5_000) == 5_000
    assert one.database.collectable(5_000) == ["/c"]
    assert one.do(CollectNode("/c"), 0).changes[0].type is EventType.NODE_DELETED
    assert one.database.next_collectable_ms(5_000) is None


def test_a_container_that_is_used_again_stays(one):
    one.make("/c", flags=4)
    one.make("/c/n", flags=1)
    one.close()
    assert one.database.collectable(0) == ["/c"]
    one.make("/c/n", session=OTHER)
    assert one.database.collectable(0) == []
    assert one.do(CollectNode("/c"), 0).err == -111


def test_a_ttl_node_lives_from_its_last_change(one):
    one.make("/t", flags=5, ttl=500)
    assert one.database.next_collectable_ms(0) == 1_501
    one.now_ms = 1_400
    one.do(SetNodeData("/t", b"x"))
    assert one.database.collectable(1_900) == []
    assert one.database.collectable(1_901) == ["/t"]
    one.make("/t/n")
    assert one.database.collectable(10_000) == []


def test_what_is_no_container_is_not_collected(one):
    one.make("/n")
    assert one.do(CollectNode("/n"), 0).err == -103
    assert one.do(CollectNode("/missing"), 0).err == -101


def test_count_below(one):
    for path in ("/a", "/a/b", "/a/b/c", "/ab"):
        one.make(path)
    below = one.database.count_below
    assert (below("/a"), below("/a/b/c"), below("/"), below("/missing")) == (2, 0, 7, 0)


def test_a_snapshot_changes_by_itself(one):
    one.make("/zookeeper/quota/q")
    one.make("/q")
    one.make("/zookeeper/quota/q/zookeeper_limits", b"count=9,bytes=9")
    one.make("/zookeeper/quota/q/zookeeper_stats")
    one.make("/e", flags=1)
    one.make("/c", flags=4)
    copied = one.database.copy()
    assert copied.last_zxid == one.database.last_zxid
    one.close()
    one.make("/c/n", session=OTHER)
    one.make("/q/n", session=OTHER)
    assert (copied.node("/e") is None, copied.sessions[SESSION]) == (False, 30_000)
    assert (copied.ephemerals_of(SESSION), copied.collectable(0)) == (["/e"], [])
    statistics = "/zookeeper/quota/q/zookeeper_stats"
    assert copied.node(statistics).data == b"count=1,bytes=0"
    assert one.database.node(statistics).data == b"count=2,bytes=0"
    assert copied.count_below("/") == one.database.count_below("/") - 1


def test_sizes_come_back_to_what_they_were(one):
    before = (one.database.data_size, one.database.node_count)
    one.make("/n", b"four", flags=1)
    one.do(SetNodeData("/n", None))
    assert one.database.data_size == before[0] + 2
    one.close()
    assert (one.database.data_size, one.database.node_count) == before


def test_replicas_that_have_come_apart_say_so(one):
    one.make("/n")
    for txn, err in (
        (DeleteTxn("/missing"), -101),
        (CreateTxn("/missing/n", b"", world(), 1, 1), -101),
        (CreateTxn("/n", b"", world(), 9, 1), -110),
    ):
        assert one.database.apply(Committed(99, 0, txn)).err == err


def test_the_configuration_of_an_ensemble():
    assert config_text(["127.0.0.1:1"]) == b""
    text = config_text(["127.0.0.1:1", "127.0.0.1:2"])
    assert text.decode().split("\n") == [
        "server.1=127.0.0.1:2888:3888:participant;127.0.0.1:1",
        "server.2=127.0.0.1:2888:3888:participant;127.0.0.1:2",
        "version=0",
    ]
    stat = Database(text, 7).node("/zookeeper/config").stat
    assert (stat.version, stat.aversion, stat.mtime) == (-1, -1, 7)
    assert (stat.mzxid, stat.data_length) == (0, len(text))
