from __future__ import annotations

import pytest

from one_database import OneDatabase, world
from zkwire import EventType, Identity
from zkwire.testing._memory._database import (
    Change,
    DeleteNode,
    Refused,
    SetNodeAcl,
    SetNodeData,
)


@pytest.fixture
def one():
    one = OneDatabase()
    one.make("/n", b"x")
    return one


def test_delete(one):
    applied = one.do(DeleteNode("/n", 0))
    assert (applied.err, applied.results[0].kind) == (0, 2)
    assert applied.changes == (Change(EventType.NODE_DELETED, "/n", world(), world()),)
    assert not one.has("/n")
    assert (one.stat("/").cversion, one.stat("/").pzxid) == (1, applied.zxid)


@pytest.mark.parametrize("path", ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"])
def test_the_servers_own_nodes_stay(one, path):
    assert one.do(DeleteNode(path), 0x100, Identity("super", "")).err == -8


@pytest.mark.parametrize(
    ("path", "err"),
    [(None, -5), ("", -8), ("abc", -8), ("/a\0", -8), ("/a/", -101), ("/a/b", -101)],
)
def test_paths_of_delete(one, path, err):
    assert one.do(DeleteNode(path)).err == err


def test_the_version_is_checked_before_the_children(one):
    one.make("/n/child")
    assert one.do(DeleteNode("/n", 7)).err == -103
    assert one.do(DeleteNode("/n", 0)).err == -111


def test_delete_needs_the_parent(one):
    one.make("/p", acl=world(31 & ~8))
    one.make("/p/n")
    assert one.do(DeleteNode("/p/n", 7)).err == -102


def test_set_data(one):
    one.now_ms = 2_000
    before = one.stat("/n")
    applied = one.do(SetNodeData("/n", b"four", 0))
    expected = before._replace(version=1, mzxid=applied.zxid, mtime=2_000, data_length=4)
    assert applied.results[0].stat == one.stat("/n") == expected
    assert applied.changes == (Change(EventType.NODE_DATA_CHANGED, "/n", world()),)


def test_null_data_are_not_empty_data(one):
    one.do(SetNodeData("/n", None))
    assert one.database.node("/n").data is None
    assert one.stat("/n").data_length == 0
    one.do(SetNodeData("/n", b""))
    assert one.database.node("/n").data == b""


def test_a_version_wraps_as_in_java(one):
    one.database.node("/n").version = 2**31 - 1
    assert one.do(SetNodeData("/n", b"")).results[0].stat.version == -(2**31)


@pytest.mark.parametrize(
    ("write", "err"),
    [
        (SetNodeData("/n", b"", 7), -103),
        (SetNodeData("/missing", b""), -101),
        (SetNodeData("/n/", b""), -8),
        (SetNodeData(None, b""), -8),
        (SetNodeData("/zookeeper/config", b"", 7), -102),
        (SetNodeAcl("/n", world(), 7), -103),
        (SetNodeAcl("/missing", ()), -114),
        (SetNodeAcl("/missing", world()), -101),
        (SetNodeAcl("/n/", None), -8),
        (SetNodeAcl("/zookeeper/config", world()), -102),
        (Refused(-123), -123),
    ],
)
def test_refusals(one, write, err):
    applied = one.do(write)
    assert (applied.err, applied.results[0].kind, applied.results[0].err) == (err, -1, err)
    assert (applied.changes, applied.zxid) == ((), one.database.last_zxid)


def test_set_acl(one):
    one.do(SetNodeData("/n", b"y"))
    before = one.stat("/n")
    applied = one.do(SetNodeAcl("/n", world(1), 0))
    assert applied.results[0].stat == one.stat("/n") == before._replace(aversion=1)
    assert applied.changes == ()
    assert one.do(SetNodeData("/n", b"")).err == -102
    assert one.do(SetNodeAcl("/n", world())).err == -102


def test_a_session_that_is_over_writes_nothing(one):
    one.close()
    for write in (DeleteNode("/n"), SetNodeData("/n", b""), SetNodeAcl("/n", world())):
        assert one.do(write).err == -112
