"""What a client, or the ensemble itself, asks to be written.

The wire is not trusted: a path may be None or any text, an ACL may be None or empty, flags may
be any number.  ``prepare`` answers each with the error that a real server has for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from zkwire import Acl


@dataclass(frozen=True, slots=True)
class CreateNode:
    """create, create2, createContainer or createTTL, by ``opcode`` (1, 15, 19 or 21).

    The opcode decides which kind of node is stored; the flags decide about a number, an owner
    and most of the checks.  ``ttl`` is in milliseconds, -1 for all opcodes but 21.
    """

    path: str | None
    data: bytes | None
    acl: Sequence[Acl] | None
    flags: int
    ttl: int = -1
    opcode: int = 1


@dataclass(frozen=True, slots=True)
class DeleteNode:
    """delete; version -1 stands for any."""

    path: str | None
    version: int = -1


@dataclass(frozen=True, slots=True)
class SetNodeData:
    """setData; version -1 stands for any."""

    path: str | None
    data: bytes | None
    version: int = -1


@dataclass(frozen=True, slots=True)
class SetNodeAcl:
    """setACL; the version is that of the ACL, -1 for any."""

    path: str | None
    acl: Sequence[Acl] | None
    version: int = -1


@dataclass(frozen=True, slots=True)
class CheckNode:
    """check; version -1 stands for any, which still wants the node to be there."""

    path: str | None
    version: int = -1


@dataclass(frozen=True, slots=True)
class MultiWrite:
    """multi: all or nothing."""

    ops: tuple[CreateNode | DeleteNode | SetNodeData | CheckNode, ...]


@dataclass(frozen=True, slots=True)
class CreateSession:
    """createSession: internal to the ensemble."""

    session_id: int
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class CloseSession:
    """closeSession, asked for by the client or because the session has expired."""

    session_id: int


@dataclass(frozen=True, slots=True)
class CollectNode:
    """deleteContainer: a container or TTL node that `Database.collectable` named."""

    path: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A write that is refused whatever the tree is like; it takes a zxid like any other."""

    err: int


Write: TypeAlias = (
    CreateNode
    | DeleteNode
    | SetNodeData
    | SetNodeAcl
    | CheckNode
    | MultiWrite
    | CreateSession
    | CloseSession
    | CollectNode
    | Refused
)
