"""Values that callers see.  A leaf above ``_types``.

``Stat``, ``Identity``, ``Acl`` and ``WatchEvent`` are named tuples because one is
made for every reply or event: building a frozen dataclass of eleven fields costs
about eight times as much as ``tuple.__new__`` (``bench/speed/codec.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from zkwire._types import EventType, Perms, SessionId, Zxid

PASSWORD_LENGTH: Final = 16


class Stat(NamedTuple):
    """The server's record of a node, in wire order.

    ``ctime`` and ``mtime`` are the leader's wall clock in milliseconds.
    ``cversion`` is not the counter behind sequential names: servers report
    twice the creations less the children that are left.  ``ephemeral_owner`` is
    0 for containers and TTL nodes too.
    """

    czxid: Zxid
    mzxid: Zxid
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    ephemeral_owner: int
    data_length: int
    num_children: int
    pzxid: Zxid


class Identity(NamedTuple):
    """Someone an ACL can name: a scheme, and an id within it."""

    scheme: str
    id: str


class Acl(NamedTuple):
    """One entry of an access control list."""

    perms: int
    identity: Identity


OPEN_ACL_UNSAFE: Final = (Acl(Perms.ALL, Identity("world", "anyone")),)
"""Everybody may do everything."""


class WatchEvent(NamedTuple):
    """A change of a watched node.

    ``type`` is a plain ``int`` where a server sends a type that this release
    does not know.  ``zxid`` is the transaction behind the change, or -1 where
    the server does not say: all servers before 3.9, and events that make up for
    a change missed during a reconnect.
    """

    type: EventType | int
    path: str
    zxid: Zxid


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCredentials:
    """What it takes to attach to a session again.  Neither text form shows the password."""

    id: SessionId
    password: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.id & 0xFFFF_FFFF_FFFF_FFFF:#x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """What a server granted in its handshake.

    ``negotiated_timeout`` is in seconds: the requested one, held to the server's
    limits (2 to 20 ticks unless configured otherwise).
    """

    credentials: SessionCredentials
    negotiated_timeout: float
    read_only: bool
