"""Requests about watches; nothing of them depends on what an ACL allows at the time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zkwire._errors import MarshallingError, NoWatcher
from zkwire._jute import records
from zkwire._types import WatcherType
from zkwire.testing._memory._serving._reader import Reader, RefusedError, given
from zkwire.testing._memory._serving._requests import Request

_NULL_PATH: Final = "\0"
"""Stands for a null path, which the servers' tables take for a path like any other; no node has
this one, so that nothing ever happens at it."""

_OK_BODY: Final = records.ERROR_RESPONSE.encode(0)


def set_watches(reader: Reader, request: Request) -> bytes:
    """Set watches again after a reconnect, and tell what was missed."""
    (seen, *lists), _ = records.SET_WATCHES.decode_from(*request.body)
    _rearm(reader, seen, [_listed(each) for each in lists])
    return b""


def set_watches2(reader: Reader, request: Request) -> bytes:
    """The same with persistent watches, which miss nothing that anybody would tell them."""
    (seen, *lists), _ = records.SET_WATCHES2.decode_from(*request.body)
    *standard, persistent, recursive = [_listed(each) for each in lists]
    _rearm(reader, seen, standard)
    for path in persistent:
        reader.watches.watch_persistently(_named(path), reader)
    for path in recursive:
        reader.watches.watch_below(_named(path), reader)
    return b""


def _listed(paths: Sequence[str | None] | None) -> Sequence[str | None]:
    if paths is None:
        raise RefusedError(MarshallingError.code)
    return paths


def _named(path: str | None) -> str:
    return _NULL_PATH if path is None else path


def _rearm(reader: Reader, seen: int, lists: Sequence[Sequence[str | None]]) -> None:
    data, exist, children = lists
    watches, database = reader.watches, reader.database
    for path in data:
        watches.rearm_data(database, seen, given(path), reader)
    for path in exist:
        watches.rearm_exist(database, given(path), reader)
    for path in children:
        watches.rearm_children(database, seen, given(path), reader)


def add_watch(reader: Reader, request: Request) -> bytes:
    """Set a persistent watch, on one node or on all below it."""
    (path, mode), _ = records.ADD_WATCH_REQUEST.decode_from(*request.body)
    if not reader.watches.add(_named(path), reader, mode):
        raise RefusedError(MarshallingError.code)
    return _OK_BODY


def check_watches(reader: Reader, request: Request) -> bytes:
    """Say whether a watch is there."""
    (path, kind), _ = records.CHECK_WATCHES_REQUEST.decode_from(*request.body)
    if not reader.watches.has(_named(path), reader, _kind(kind)):
        raise RefusedError(NoWatcher.code)
    return b""


def remove_watches(reader: Reader, request: Request) -> bytes:
    """Take watches back."""
    (path, kind), _ = records.REMOVE_WATCHES_REQUEST.decode_from(*request.body)
    if not reader.watches.remove(_named(path), reader, _kind(kind)):
        raise RefusedError(NoWatcher.code)
    return b""


def _kind(number: int) -> WatcherType:
    try:
        return WatcherType(number)
    except ValueError:
        raise RefusedError(MarshallingError.code) from None
