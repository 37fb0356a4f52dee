"""The register of checks: names, groups, and what every check must say."""

from __future__ import annotations

from collections import Counter

import pytest
import trio

from zkwire import OpCode
from zkwire.conformance import Address, Target, Version, all_checks, select_checks
from zkwire.conformance._check import Check, Group, check
from zkwire.conformance._version import Changed

GROUP_OF = {
    OpCode.CREATE: "create",
    OpCode.DELETE: "delete",
    OpCode.EXISTS: "exists",
    OpCode.GET_DATA: "get_data",
    OpCode.SET_DATA: "set_data",
    OpCode.GET_ACL: "get_acl",
    OpCode.SET_ACL: "set_acl",
    OpCode.GET_CHILDREN: "get_children",
    OpCode.SYNC: "sync",
    OpCode.PING: "headers",
    OpCode.GET_CHILDREN2: "get_children2",
    OpCode.CHECK: "multi",
    OpCode.MULTI: "multi",
    OpCode.CREATE2: "create",
    OpCode.RECONFIG: "reconfig",
    OpCode.CHECK_WATCHES: "check_watches",
    OpCode.REMOVE_WATCHES: "remove_watches",
    OpCode.CREATE_CONTAINER: "create_container",
    OpCode.CREATE_TTL: "create_ttl",
    OpCode.MULTI_READ: "multi_read",
    OpCode.AUTH: "auth",
    OpCode.SET_WATCHES: "set_watches",
    OpCode.SASL: "sasl",
    OpCode.GET_EPHEMERALS: "get_ephemerals",
    OpCode.GET_ALL_CHILDREN_NUMBER: "get_all_children_number",
    OpCode.SET_WATCHES2: "set_watches2",
    OpCode.ADD_WATCH: "add_watch",
    OpCode.WHO_AM_I: "who_am_i",
    OpCode.CLOSE_SESSION: "close_session",
}

NEWEST = Version(3, 9, 5)


async def passing(_):
    await trio.lowlevel.checkpoint()
    return "ok"


def target(version=NEWEST, **options):
    return Target(address=Address("127.0.0.1", 1), version=version, **options)


def test_there_are_enough_checks_and_no_name_twice():
    names = [each.name for each in all_checks()]
    assert len(names) >= 150
    assert max(Counter(names).values()) == 1


def test_a_name_begins_with_its_group():
    assert [each.name for each in all_checks() if not each.name.startswith(f"{each.group}.")] == []


@pytest.mark.parametrize("opcode", list(OpCode))
def test_every_opcode_has_checks(opcode):
    assert select_checks(groups=[GROUP_OF[opcode]])


def test_a_name_cannot_be_taken_twice():
    taken = all_checks()[0]
    name = taken.name.removeprefix(f"{taken.group}.")
    with pytest.raises(ValueError, match="two checks"):
        check(name=name, group=taken.group, expects="something")(passing)


def test_a_check_must_say_what_it_expects():
    with pytest.raises(ValueError, match="does not say"):
        Group("nothing")("said", " ")(passing)
    assert "nothing.said" not in {each.name for each in all_checks()}


def test_selecting_by_group_and_by_name():
    some = select_checks(groups=["sync"], names=["headers.xid"])
    assert {each.group for each in some} == {"sync", "headers"}
    assert [each.name for each in some if each.group == "headers"] == ["headers.xid"]
    assert select_checks() == all_checks()


@pytest.mark.parametrize(
    ("groups", "names"), [(["nonsense"], []), ([], ["sync"]), (["sync"], ["x"])]
)
def test_selecting_what_is_not_there(groups, names):
    with pytest.raises(ValueError, match="there is no"):
        select_checks(groups, names)


def test_older_servers_are_not_applicable():
    feature = Check("g.n", "g", "x", (3, 6, 0), (), passing)
    assert feature.not_applicable(target(Version(3, 5, 10))) == "needs 3.6.0"
    assert feature.not_applicable(target(Version(3, 6, 0))) is None


def test_a_check_names_what_the_target_lacks():
    lacking = [each.not_applicable(target(ttl=False)) for each in select_checks(["create_ttl"])]
    assert lacking.count("TTL nodes are switched off") == len(lacking) - 1
    assert lacking.count(None) == 1


def test_what_is_expected_follows_the_version():
    change = Changed("before", "after", (3, 7, 3), (3, 8, 4))
    feature = Check("g.n", "g", change, (3, 5, 0), (), passing)
    said = {
        version: feature.expected_of(Version(*version))
        for version in [(3, 6, 9), (3, 7, 2), (3, 7, 3), (3, 8, 3), (3, 8, 4), (3, 9, 0)]
    }
    assert list(said.values()) == ["before", "before", "after", "before", "after", "after"]
    assert str(change) == "before; since 3.7.3, 3.8.4: after"


@pytest.mark.parametrize(
    ("said", "harmless"),
    [
        (None, False),
        (Version(3, 5, 10), False),
        (Version(3, 8, 4), False),
        (Version(3, 9, 2), False),
        (Version(3, 8, 5), True),
        (Version(3, 9, 3), True),
    ],
)
def test_a_check_alone_goes_to_no_server_that_it_harms(said, harmless):
    (alone,) = select_checks(names=["opcodes.check_alone"])
    assert (alone.not_applicable(target(said=said)) is None) is harmless
