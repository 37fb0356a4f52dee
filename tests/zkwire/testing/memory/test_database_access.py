from __future__ import annotations

import pytest

from one_database import ADDRESS, WORLD
from zkwire import Acl, Identity, Perms
from zkwire.testing._memory._database import allows, digest_identities, shown_acl

ANNA = Identity("digest", "anna:Wap/fLaD11BLJBT+7fkDcVxaT7c=")
SUPER = Identity("super", "")


@pytest.mark.parametrize(
    ("identity", "asks", "granted"),
    [
        (WORLD, set(), True),
        (ANNA, {ANNA}, True),
        (ANNA, {ADDRESS}, False),
        (ANNA, {SUPER}, True),
        (Identity("ip", "127.0.0.1"), {ADDRESS}, True),
        (Identity("ip", "127.0.0.0/8"), {ADDRESS}, True),
        (Identity("ip", "127.0.0.2"), {ADDRESS}, False),
        (Identity("ip", "0.0.0.0/0"), {ADDRESS}, True),
        (Identity("ip", "0.0.0.0/0"), {ANNA}, False),
        (Identity("ip", "::/0"), {ADDRESS}, False),
        (Identity("ip", "fe80::/16"), {Identity("ip", "fe80::1")}, True),
        (Identity("ip", "fe80::/16"), {Identity("ip", "fe90::1")}, False),
    ],
)
def test_allows(identity, asks, granted):
    assert allows([Acl(Perms.READ, identity)], Perms.READ | Perms.ADMIN, frozenset(asks)) is granted


def test_allows_what_is_granted_alone():
    assert not allows([Acl(Perms.READ, WORLD)], Perms.WRITE, frozenset())


def test_digests_are_hidden_from_who_may_not_change_them():
    acl = [Acl(31, ANNA), Acl(1, WORLD)]
    assert shown_acl(acl, frozenset()) == (Acl(31, Identity("digest", "anna:x")), Acl(1, WORLD))
    assert shown_acl(acl, frozenset({ANNA})) == tuple(acl)
    assert shown_acl([Acl(16, WORLD)], frozenset()) == (Acl(16, WORLD),)
    assert shown_acl([Acl(2, WORLD)], frozenset()) is None


def test_digest_identities():
    assert digest_identities(b"anna:secret", None) == (ANNA,)
    assert digest_identities(b"anna:secret", ANNA.id) == (SUPER, ANNA)
    assert digest_identities(b"anna:other", ANNA.id) != (SUPER, ANNA)
    assert digest_identities(b"nocolon", None)[0].id.startswith("nocolon:")
    assert digest_identities(b"a:b:c", None)[0].id.startswith("a:")
