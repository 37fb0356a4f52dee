"""What became of a transaction on one replica."""

from __future__ import annotations

from dataclasses import dataclass

from zkwire import Acl, EventType, Stat


@dataclass(frozen=True, slots=True)
class Change:
    """A node that was created or deleted, or whose data were set; never a child event.

    ``acl`` is the node's own (of a deleted node its last), ``parent_acl`` that of its parent,
    by which the parent's child event is filtered.
    """

    type: EventType
    path: str
    acl: tuple[Acl, ...]
    parent_acl: tuple[Acl, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one operation.

    ``kind`` is the type of the result's record, as a multi's result header has it: 1 (path),
    15 (path and stat: of opcodes 15, 19 and 21), 2, 5 (stat), 13; 7 (stat) for setACL; -1 for
    an error (``err``); 0 for what has no record (sessions).
    """

    kind: int
    path: str | None = None
    stat: Stat | None = None
    err: int = 0


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a transaction.

    ``err`` belongs into the reply's header: 0 for a multi that failed too, whose results tell
    (0 before, the code at, and -2 behind the operation that failed); other than 0 for a multi
    that failed as a whole, which has no results.  ``results`` has one entry for a single
    operation, one per operation for a multi.  ``closed`` is the session that ended, if any.
    """

    err: int
    zxid: int
    results: tuple[Result, ...] = ()
    changes: tuple[Change, ...] = ()
    closed: int | None = None
