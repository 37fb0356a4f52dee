from __future__ import annotations

import pytest

from one_database import SESSION, OneDatabase, world
from zkwire.testing._memory._database import (
    CheckNode,
    CreateNode,
    DeleteNode,
    MultiWrite,
    SetNodeData,
)


@pytest.fixture
def one():
    return OneDatabase()


OPEN = world()


def create(path, flags=0, opcode=1, acl=OPEN, ttl=-1):
    return CreateNode(path, b"", acl, flags, ttl, opcode)


def codes(applied):
    assert {result.kind for result in applied.results} == {-1}
    return [result.err for result in applied.results]


def test_later_operations_see_earlier_ones(one):
    ops = create("/n"), create("/n/c"), DeleteNode("/n/c"), SetNodeData("/n", b"x", 0)
    applied = one.do(MultiWrite((*ops, CheckNode("/n", 1), DeleteNode("/n", 1), create("/n"))))
    assert applied.err == 0
    assert [result.kind for result in applied.results] == [1, 1, 2, 5, 13, 2, 1]
    assert [change.path for change in applied.changes] == ["/n", "/n/c", "/n/c", "/n", "/n", "/n"]
    assert one.stat("/n").czxid == applied.zxid == 3
    assert (one.stat("/n").version, one.stat("/").cversion) == (0, 2)


def test_each_stat_is_of_its_own_moment(one):
    applied = one.do(MultiWrite((create("/n", opcode=15), SetNodeData("/n", b"x"))))
    assert [result.stat.version for result in applied.results] == [0, 1]


def test_an_empty_multi(one):
    applied = one.do(MultiWrite(()))
    assert (applied.err, applied.results, applied.zxid) == (0, (), 3)


def test_codes_of_a_failure(one):
    ops = create("/n"), create("/m"), CheckNode("/n", 7), DeleteNode("/n"), DeleteNode("/zz")
    applied = one.do(MultiWrite(ops))
    assert (applied.err, applied.changes) == (0, ())
    assert codes(applied) == [0, 0, -103, -2, -2]
    assert not one.has("/n")


def test_numbers_are_given_again_after_a_failure(one):
    ops = create("/s-", 2), create("/s-", 2)
    assert codes(one.do(MultiWrite((*ops, CheckNode("/zz"))))) == [0, 0, -101]
    applied = one.do(MultiWrite(ops))
    assert [result.path for result in applied.results] == ["/s-0000000000", "/s-0000000001"]


def test_a_parent_made_ephemeral_a_moment_ago(one):
    assert codes(one.do(MultiWrite((create("/e", 1), create("/e/n"))))) == [0, -108]
    one.do(MultiWrite((create("/e", 1),)))
    assert one.stat("/e").ephemeral_owner == SESSION


def test_a_node_that_an_earlier_operation_filled_or_emptied(one):
    one.make("/p")
    assert codes(one.do(MultiWrite((create("/p/n"), DeleteNode("/p"))))) == [0, -111]
    one.make("/p/n")
    assert one.do(MultiWrite((DeleteNode("/p/n"), DeleteNode("/p")))).err == 0
    assert not one.has("/p")


def test_an_acl_made_a_moment_ago_counts(one):
    ops = create("/p", acl=world(1)), create("/p/n")
    assert codes(one.do(MultiWrite(ops))) == [0, -102]
    ops = create("/p", acl=world(16)), CheckNode("/p")
    assert codes(one.do(MultiWrite(ops))) == [0, -102]


def test_the_flags_decide_about_the_kind_of_node(one):
    # A 3.9.5 answers so, other than for the same operations by themselves.
    ops = (
        create("/a", 4, opcode=1),
        create("/b", 4, opcode=15),
        create("/c", 0, opcode=19),
        create("/d", 4, opcode=21, ttl=5),
        create("/e", 1, opcode=21, ttl=5),
        create("/t", 5, opcode=21, ttl=5),
    )
    applied = one.do(MultiWrite(ops))
    assert [result.kind for result in applied.results] == [15, 15, 15, 15, 1, 15]
    assert [one.database.node(f"/{name}").container for name in "abcdet"] == [True] * 4 + [
        False
    ] * 2
    assert one.database.ephemerals_of(SESSION) == ["/e"]


@pytest.mark.parametrize(
    "op",
    [
        create("/n", 7),
        create("/n", 5),
        create("/n", 6, opcode=15),
        create("/n", acl=None),
        create(None),
        DeleteNode(None),
        SetNodeData(None, b""),
        CheckNode(None),
    ],
)
def test_what_cannot_be_read_fails_the_whole(one, op):
    applied = one.do(MultiWrite((CheckNode("/missing"), op)))
    assert applied.err == -5
    assert one.do(MultiWrite((create("/a"), op))).err == -5
    assert not one.has("/a")


def test_a_time_to_live_out_of_range_fails_its_operation(one):
    op = create("/n", 5, opcode=21, ttl=0)
    assert codes(one.do(MultiWrite((op, CheckNode("/"))))) == [-8, -2]


def test_a_session_that_is_over(one):
    one.close()
    assert codes(one.do(MultiWrite((create("/n"), CheckNode("/"))))) == [-112, -2]
