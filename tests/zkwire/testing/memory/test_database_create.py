from __future__ import annotations

import pytest

from one_database import OTHER, SESSION, OneDatabase, world
from zkwire import Acl, EventType, Identity, Stat
from zkwire.testing._memory._database import Change, CreateNode, DeleteNode


@pytest.fixture
def one():
    return OneDatabase()


def test_a_fresh_tree_is_a_real_servers(one):
    assert one.stat("/") == one.stat("") == Stat(0, 0, 0, 0, 0, -1, 0, 0, 0, 1, 0)
    assert one.stat("/zookeeper").cversion == -2
    assert one.stat("/zookeeper/config") == Stat(0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0)
    assert one.database.node("/zookeeper/config").acl == world(1)
    assert (one.database.node_count, one.database.data_size) == (5, 44)


def test_first_stat_and_what_the_parent_shows(one):
    applied = one.make("/n", b"four")
    (result,) = applied.results
    assert (applied.err, applied.zxid) == (0, 3)
    assert (result.kind, result.path) == (15, "/n")
    assert result.stat == one.stat("/n") == Stat(3, 3, 1000, 1000, 0, 0, 0, 0, 4, 0, 3)
    assert one.stat("/") == Stat(0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3)
    assert applied.changes == (Change(EventType.NODE_CREATED, "/n", world(), world()),)


def test_numbers_are_shared_and_go_on_after_a_delete(one):
    one.make("/p")
    for name in "abc":
        one.make(f"/p/{name}")
    one.do(DeleteNode("/p/a"))
    assert one.stat("/p").cversion == 4
    assert one.make("/p/s-", flags=2).results[0].path == "/p/s-0000000003"
    assert one.make("/p/", flags=3).results[0].path == "/p/0000000004"


def test_the_counter_stops_where_java_does(one):
    one.make("/p")
    one.database.node("/p").creations = 2**31 - 1
    assert one.make("/p/s-", flags=2).results[0].path == "/p/s-2147483647"
    assert one.make("/p/s-", flags=2).err == -110


def test_an_ephemeral_node_belongs_to_its_session(one):
    one.make("/e", flags=1, session=OTHER)
    assert one.stat("/e").ephemeral_owner == OTHER
    assert one.database.ephemerals_of(OTHER) == ["/e"]
    assert one.make("/e/n").err == -108


def test_containers_and_ttl_nodes_show_no_owner(one):
    assert one.make("/c", flags=4).results[0].stat.ephemeral_owner == 0
    assert one.make("/t", flags=5, ttl=1).results[0].stat.ephemeral_owner == 0
    assert one.make("/t-", flags=6, ttl=2**40 - 1).results[0].path == "/t-0000000002"
    assert one.make("/c/n").err == one.make("/t/n").err == 0


@pytest.mark.parametrize("flags", [-1, 7, 99])
def test_unknown_flags(one, flags):
    assert one.make("/n", flags=flags).err == -8


@pytest.mark.parametrize("ttl", [0, 2**40, -1])
def test_ttl_out_of_range(one, ttl):
    assert one.make("/n", flags=5, ttl=ttl).err == -8


def test_ttl_belongs_to_its_opcode(one):
    assert one.do(CreateNode("/n", b"", world(), 5, -1, 1)).err == -8
    assert one.do(CreateNode("/n", b"", world(), 0, 10, 21)).err == -8


def test_ttl_nodes_can_be_switched_off():
    one = OneDatabase(extendedTypesEnabled=False)
    assert one.make("/n", flags=5, ttl=0).err == -6
    assert one.do(CreateNode("/n", b"", world(), 6, -1, 1)).err == -6
    assert one.make("/c", flags=4).err == 0


@pytest.mark.parametrize(
    ("path", "err"),
    [
        (None, -5),
        ("", -8),
        ("abc", -8),
        ("/", -110),
        ("//", -8),
        ("/zookeeper", -110),
        ("/n/", -101),
        ("/zookeeper/", -8),
        ("/zookeeper/..", -8),
        ("/a\0b", -8),
        ("/a\x1fb", -8),
        ("/a\x7fb", -8),
        ("/a\ue000b", -8),
        ("/a\ufff0b", -8),
        ("/a\U0001f418b", -8),
        ("/missing/n", -101),
    ],
)
def test_paths(one, path, err):
    assert one.make(path).err == err


@pytest.mark.parametrize(
    ("acl", "err"),
    [
        (None, -114),
        ((), -114),
        ((Acl(31, Identity("nonsense", "x")),), -114),
        ((Acl(31, Identity("world", "someone")),), -114),
        ((Acl(31, Identity("digest", "nocolon")),), -114),
        ((Acl(31, Identity("digest", "user:")),), -114),
        ((Acl(31, Identity("digest", "a:b:c")),), -114),
        ((Acl(31, Identity("ip", "300.1.1.1")),), -114),
        ((Acl(31, Identity("ip", "10.0.0.0/33")),), -114),
        ((Acl(31, Identity("auth", "")),), -114),
        ((Acl(31, Identity(None, None)),), -114),
        ((Acl(31, Identity("world", None)),), -5),
        ((Acl(31, Identity("ip", "10.0.0.0/8")),), 0),
        ((Acl(31, Identity("ip", "::1/64")),), 0),
        ((Acl(31, Identity("digest", ":b")),), 0),
    ],
)
def test_acls(one, acl, err):
    assert one.make("/n", acl=acl).err == err


def test_duplicate_entries_are_kept_once(one):
    one.make("/n", acl=world() * 2)
    assert one.database.node("/n").acl == world()


def test_auth_becomes_who_asks(one):
    anna = Identity("digest", "anna:hash")
    one.make("/n", acl=(Acl(3, Identity("auth", "ignored")),), who=(anna,))
    assert one.database.node("/n").acl == (Acl(3, anna),)


def test_the_parent_must_allow_it(one):
    one.make("/p", acl=world(31 & ~4))
    assert one.make("/p/n").err == -102
    assert one.make("/p/n", who=(Identity("super", ""),)).err == 0


def test_the_order_of_the_checks(one):
    one.make("/p", acl=world(1))
    assert one.make("/missing/n", acl=()).err == -114
    assert one.make("/p/.").err == -102
    assert one.make("/zookeeper/config", acl=()).err == -114
    assert one.make("/n", flags=9, session=0x999).err == -8
    assert one.make("n", session=0x999).err == -112


def test_what_is_refused_takes_a_zxid_and_changes_nothing(one):
    before = one.stat("/")
    assert one.make("/missing/n").zxid == 3
    assert one.make("/n").zxid == 4
    assert one.stat("/").cversion == before.cversion + 1


def test_local_sessions_have_no_ephemeral_nodes():
    one = OneDatabase(localSessionsEnabled="true")
    assert one.make("/e", flags=1, session=0x999).err == -120
    assert one.make("/n", session=0x999).err == 0
    assert one.make("/e", flags=1, session=SESSION).err == 0
