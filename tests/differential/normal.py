"""Makes two servers' accounts comparable, by as little as that takes.

What differs between two correct servers: the numbers of sessions, the first transaction's
number, the clock, the order of children, of identities
and of what they make of an ACL's "auth", and the order in which the
ephemeral nodes of a session go that ends.  All else is left as it is.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from differential.seen import Answer, Event, Handshake, Over, Seen
from differential.side import Account, Node
from zkwire import Acl, Identity, Stat
from zkwire._proto._multi import Created

Line = tuple[int, str]
"""A step, and what came of it."""


class Normaliser:
    """Reads one side's account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._names = {
            number: f"{name}{index + 1}"
            for name, ids in account.ids.items()
            for index, number in enumerate(ids)
        }
        self._times: dict[int, int] = {}
        self._closing = {
            self._zxid(seen.what.zxid)
            for streams in account.seen.values()
            for seen in streams
            if isinstance(seen.what, Answer) and seen.what.operation == "close_session"
        }

    def streams(self) -> dict[str, list[tuple[int, tuple[Any, ...]]]]:
        """What each session was sent, in order."""
        return {name: self._stream(seen) for name, seen in self._account.seen.items()}

    def trees(self) -> list[dict[str, tuple[Any, ...]]]:
        """What is in the tree, by path."""
        return [
            {path: self._node(path, tree[path]) for path in sorted(tree)}
            for tree in self._account.trees
        ]

    def _node(self, path: str, node: Node) -> tuple[Any, ...]:
        return tuple((each.err, self._value(path, each.value)) for each in node)

    def _stream(self, seen: list[Seen]) -> list[tuple[int, tuple[Any, ...]]]:
        lines = [(each.step, self._line(each.what)) for each in seen]
        # The ephemeral nodes of a session that ends go in an order of their own.
        ordered: list[tuple[int, tuple[Any, ...]]] = []
        for key, group in groupby(lines, key=lambda line: self._ended_by(line[1])):
            together = list(group)
            ordered += together if key is None else sorted(together, key=lambda line: line[1][3:])
        return ordered

    def _ended_by(self, line: tuple[Any, ...]) -> object:
        is_event = line[0] == "event"
        return line[1] if is_event and line[1] in self._closing else None

    def _line(self, what: Handshake | Answer | Event | Over) -> tuple[Any, ...]:
        match what:
            case Handshake(length, protocol, timeout, session, read_only):
                name = self._session(session) if session else session
                return ("handshake", length, protocol, timeout, name, read_only)
            case Answer(xid, zxid, err, length, operation, path, value):
                return (operation, xid, self._zxid(zxid), err, length, self._value(path, value))
            case Event(zxid, err, kind, state, path):
                return ("event", self._zxid(zxid), err, kind, state, path)
            case Over(how):
                return ("over", how)

    def _session(self, number: int) -> str:
        return self._names.get(number, f"unknown {number:#x}")

    def _zxid(self, zxid: int) -> Any:
        base = self._account.base_zxid
        if zxid <= 0:
            return zxid
        return f"+{zxid - base}" if zxid >= base else "earlier"

    def _value(self, path: str | None, value: Any) -> Any:
        match value:
            case Stat():
                return self._stat(path, value)
            case Created(made, stat):
                return ("created", made, None if stat is None else self._stat(made, stat))
            case Acl() | Identity() | str() | bytes() | int() | None:
                return value
            case tuple():
                return tuple(self._value(path, each) for each in value)
            case list():
                return self._list(path, value)
        raise AssertionError(f"a value of type {type(value).__name__}")

    def _list(self, path: str | None, values: list[Any]) -> list[Any]:
        if all(isinstance(each, str | Identity) for each in values):
            return sorted(values)
        if all(isinstance(each, Acl) for each in values):
            # What "auth" stands for comes in the order of a set.
            runs = groupby(values, key=lambda each: (each.perms, each.identity.scheme))
            return [each for _, run in runs for each in sorted(run)]
        return [self._value(path, each) for each in values]

    def _stat(self, path: str | None, stat: Stat) -> tuple[Any, ...]:
        base = self._account.base_stats.get(path or "")
        pzxid = self._zxid(stat.pzxid)
        if base is not None:  # earlier sequences have left their traces
            stat = stat._replace(cversion=stat.cversion - base.cversion)
            pzxid = "as before" if stat.pzxid == base.pzxid else pzxid
        owner = self._session(stat.ephemeral_owner) if stat.ephemeral_owner else 0
        return (
            self._zxid(stat.czxid),
            self._zxid(stat.mzxid),
            pzxid,
            self._time(stat.czxid, stat.ctime),
            self._time(stat.mzxid, stat.mtime),
            stat.version,
            stat.cversion,
            stat.aversion,
            owner,
            stat.data_length,
            stat.num_children,
        )

    def _time(self, zxid: int, time: int) -> Any:
        """The clock is not compared, but a transaction has one time, wherever it is seen."""
        if zxid <= 0 or self._times.setdefault(zxid, time) == time:
            return time if zxid <= 0 else "time"
        return f"another time than transaction {self._zxid(zxid)}"
