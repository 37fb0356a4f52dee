from __future__ import annotations

import dataclasses

import pytest

import zkwire
from zkwire import CreateMode, Perms, SessionCredentials, SessionInfo


def test_credentials_are_shown_by_their_id_and_never_by_their_password():
    credentials = SessionCredentials(id=0x0123, password=b"secret")
    assert str(credentials) == "0x123"
    assert repr(credentials) == "SessionCredentials(id=291)"
    info = SessionInfo(credentials=credentials, negotiated_timeout=4.0, read_only=False)
    assert "secret" not in repr(info) + str(info) + f"{info!s}{dataclasses.astuple(info)[1:]}"


def test_an_id_is_shown_unsigned():
    assert str(SessionCredentials(id=-1, password=b"")) == "0xffffffffffffffff"


def test_values_cannot_be_changed():
    credentials = SessionCredentials(id=1, password=b"")
    with pytest.raises(dataclasses.FrozenInstanceError):
        credentials.password = b"x"
    with pytest.raises(AttributeError):
        zkwire.OPEN_ACL_UNSAFE[0].perms = 0


@pytest.mark.parametrize(
    ("mode", "flags", "sequential", "ephemeral", "ttl"),
    [
        (CreateMode.PERSISTENT, 0, False, False, False),
        (CreateMode.EPHEMERAL, 1, False, True, False),
        (CreateMode.PERSISTENT_SEQUENTIAL, 2, True, False, False),
        (CreateMode.EPHEMERAL_SEQUENTIAL, 3, True, True, False),
        (CreateMode.CONTAINER, 4, False, False, False),
        (CreateMode.PERSISTENT_WITH_TTL, 5, False, False, True),
        (CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, 6, True, False, True),
    ],
)
def test_create_modes(mode, flags, sequential, ephemeral, ttl):
    assert mode.flags == flags
    assert (mode.is_sequential, mode.is_ephemeral, mode.has_ttl) == (sequential, ephemeral, ttl)


def test_there_are_no_other_modes():
    assert sorted(mode.flags for mode in CreateMode) == list(range(7))


def test_everything_is_everything():
    union = Perms.READ | Perms.WRITE | Perms.CREATE | Perms.DELETE | Perms.ADMIN
    assert union is Perms.ALL
    assert int(union) == 31
    assert (zkwire.Acl(31, zkwire.Identity("world", "anyone")),) == zkwire.OPEN_ACL_UNSAFE
