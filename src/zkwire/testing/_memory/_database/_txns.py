"""Transactions: writes that were checked, with everything decided that replicas must agree on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from zkwire import Acl


@dataclass(frozen=True, slots=True)
class CreateTxn:
    """A node, under its final name.

    ``owner`` is the session of an ephemeral node, else 0; ``ttl`` is in milliseconds, 0 for a
    node without; ``creations`` is the parent's counter afterwards; ``kind`` is the type of the
    reply's record: 1 is the path alone, 15 path and Stat.
    """

    path: str
    data: bytes | None
    acl: tuple[Acl, ...]
    creations: int
    kind: int
    owner: int = 0
    container: bool = False
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class DeleteTxn:
    """A node that goes."""

    path: str


@dataclass(frozen=True, slots=True)
class SetDataTxn:
    """New data, and the version they get."""

    path: str
    data: bytes | None
    version: int


@dataclass(frozen=True, slots=True)
class SetAclTxn:
    """A new ACL, and the version it gets."""

    path: str
    acl: tuple[Acl, ...]
    version: int


@dataclass(frozen=True, slots=True)
class CheckTxn:
    """A check that held."""

    path: str


@dataclass(frozen=True, slots=True)
class ErrorTxn:
    """A refusal: it changes nothing, and takes a zxid all the same."""

    err: int


@dataclass(frozen=True, slots=True)
class MultiTxn:
    """All of a multi's operations; with an ``ErrorTxn`` among them none is applied."""

    txns: tuple[CreateTxn | DeleteTxn | SetDataTxn | CheckTxn | ErrorTxn, ...]


@dataclass(frozen=True, slots=True)
class CreateSessionTxn:
    """A session begins."""

    session_id: int
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class CloseSessionTxn:
    """A session ends, and its ephemeral nodes with it."""

    session_id: int


Txn: TypeAlias = (
    CreateTxn
    | DeleteTxn
    | SetDataTxn
    | SetAclTxn
    | CheckTxn
    | ErrorTxn
    | MultiTxn
    | CreateSessionTxn
    | CloseSessionTxn
)


@dataclass(slots=True)
class Committed:
    """A transaction with its place in the order of all, and the leader's wall clock.

    ``proposal`` is whatever the member that it came from needs to answer its client.
    """

    zxid: int
    time_ms: int
    txn: Txn
    proposal: object | None = field(default=None, repr=False)
