"""The arguments of a create: one set of rules for a create alone, and for one in a multi."""

from __future__ import annotations

import pytest

from zkwire import Acl, CreateMode, Identity, InvalidArgument, InvalidArgumentType, Perms
from zkwire._models import OPEN_ACL_UNSAFE
from zkwire._proto._creation import acl_entries, create_values
from zkwire._proto._multi import Create
from zkwire._proto._requests import multi

ME = Acl(Perms.ALL, Identity("digest", "me:hash"))
TTL, TTL_SEQUENTIAL = CreateMode.PERSISTENT_WITH_TTL, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL


def values(path="/a", data=b"", mode=CreateMode.PERSISTENT, acl=OPEN_ACL_UNSAFE, ttl=None):
    return create_values(path, data, mode, acl, ttl)


def test_the_fields_are_in_the_order_of_the_wire():
    assert values("/a", b"x", CreateMode.EPHEMERAL, [ME]) == ("/a", b"x", [ME], 1)
    assert values("/a", None, TTL, [ME], 1.5) == ("/a", None, [ME], 5, 1500)
    assert values("/a/", None, TTL_SEQUENTIAL, [ME], 1) == ("/a/", None, [ME], 6, 1000)


@pytest.mark.parametrize("mode", CreateMode)
def test_a_ttl_is_where_the_mode_has_one_and_nowhere_else(mode):
    with_ttl, without = {"mode": mode, "ttl": 1.0}, {"mode": mode}
    good, bad = (with_ttl, without) if mode.has_ttl else (without, with_ttl)
    assert len(values(**good)) == (5 if mode.has_ttl else 4)
    words = f"ttl: {mode.name} {'needs one' if mode.has_ttl else 'has none'}"
    with pytest.raises(InvalidArgument, match=words):
        values(**bad)


@pytest.mark.parametrize(("seconds", "ms"), [(1e-9, 1), (0.0014, 1), (0.0016, 2), (1, 1000)])
def test_a_ttl_is_never_rounded_to_none(seconds, ms):
    assert values(mode=TTL, ttl=seconds)[-1] == ms


def test_a_ttl_has_forty_bits():
    longest = (2**40 - 1) / 1000
    assert values(mode=TTL, ttl=longest)[-1] == 2**40 - 1
    with pytest.raises(InvalidArgument, match="ttl: "):
        values(mode=TTL, ttl=2**40 / 1000)


@pytest.mark.parametrize("mode", [0, 4, "PERSISTENT", None, CreateMode])
def test_a_mode_is_one_of_the_seven(mode):
    with pytest.raises(InvalidArgumentType, match="mode: must be a CreateMode"):
        values(mode=mode)


def test_the_open_acl_is_made_once():
    assert acl_entries(OPEN_ACL_UNSAFE) is acl_entries(OPEN_ACL_UNSAFE) == list(OPEN_ACL_UNSAFE)


@pytest.mark.parametrize("perms", [0, 1, 31, Perms.READ | Perms.ADMIN])
def test_every_set_of_permissions_is_one(perms):
    entry = Acl(perms, ME.identity)
    assert acl_entries((entry, ME)) == [entry, ME]


@pytest.mark.parametrize("perms", [-1, 32, 2**31])
def test_a_permission_that_does_not_exist_is_refused(perms):
    with pytest.raises(InvalidArgument, match=rf"acl\[1\].perms: must be 0 to 31, not {perms}"):
        acl_entries([ME, Acl(perms, ME.identity)])


@pytest.mark.parametrize("acl", [[], (), iter(())])
def test_an_empty_acl_is_refused(acl):
    with pytest.raises(InvalidArgument, match="acl: must have at least one entry"):
        acl_entries(acl)


@pytest.mark.parametrize("who", [Identity("digest", "me:\udc80"), Identity("\ud800", "me")])
def test_an_identity_that_has_no_utf8_is_refused(who):
    with pytest.raises(InvalidArgument, match=r"acl\[1\]\.identity: 'utf-8' codec can't encode"):
        acl_entries([ME, Acl(1, who)])
    with pytest.raises(InvalidArgument, match=r"acl\[0\]\.identity"):
        multi([Create("/a", acl=[Acl(1, who)])])


@pytest.mark.parametrize("acl", [None, 31, [None], ["world"], [(31, "world", "anyone")]])
def test_what_is_no_acl_is_refused(acl):
    with pytest.raises(InvalidArgumentType, match=r"^acl"):
        acl_entries(acl)


def test_an_acl_that_can_be_read_once_is_read_once():
    assert acl_entries(iter([ME, ME])) == [ME, ME]
