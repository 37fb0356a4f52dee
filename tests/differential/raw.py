"""Requests that no ``zkwire.Connection`` sends: what they name or hold is against the rules."""

from __future__ import annotations

from typing import Any, Final

from zkwire import OPEN_ACL_UNSAFE
from zkwire._jute import records
from zkwire._proto import _operations as operations
from zkwire._proto._operations import BODY, Operation
from zkwire._proto._request import Request

_OPEN: Final = list(OPEN_ACL_UNSAFE)
_BAD_PATHS: Final = ("", "abc", "/d/", "/d//a", "/d/./a", "/d/..", "/d/\x01", "/d/a\x00b", None)
_ALL_ZXIDS: Final = (0, 2**62)


def _body(frame: bytes) -> bytes:
    return frame[BODY:]


def _requests() -> dict[str, Request[Any]]:
    made: dict[str, Request[Any]] = {}

    def add(operation: Operation[Any], *values: Any) -> None:
        shown = ", ".join("open" if each is _OPEN else repr(each) for each in values)
        # Servers take an empty path for the root.
        path = "/" if values[0] == "" else values[0] if isinstance(values[0], str) else None
        made[f"raw {operation.name}({shown})"] = Request(operation, path, values)

    for path in _BAD_PATHS:
        add(operations.CREATE, path, b"", _OPEN, 0)
        add(operations.CREATE2, path, b"", _OPEN, 2)
        add(operations.DELETE, path, -1)
        add(operations.EXISTS, path, False)
        add(operations.EXISTS, path, True)
        add(operations.GET_DATA, path, False)
        add(operations.GET_CHILDREN, path, True)
        add(operations.GET_CHILDREN2, path, False)
        add(operations.SET_DATA, path, b"", -1)
        add(operations.GET_ACL, path)
        add(operations.SET_ACL, path, _OPEN, -1)
        add(operations.SYNC, path)
        add(operations.ADD_WATCH, path, 0)
        add(operations.GET_ALL_CHILDREN_NUMBER, path)
        add(operations.GET_EPHEMERALS, path)
        add(operations.CHECK_WATCHES, path, 3)
        add(operations.REMOVE_WATCHES, path, 3)
    for acl in ([], None):
        add(operations.CREATE, "/d/b", b"", acl, 0)
        add(operations.SET_ACL, "/d/a", acl, -1)
    for flags in (5, 6, 7, -1):
        add(operations.CREATE, "/d/y", b"", _OPEN, flags)
    for flags, ttl in ((0, 1000), (4, 1000), (5, 0), (5, 2**40), (6, 2**40)):
        add(operations.CREATE_TTL, "/d/y", b"", _OPEN, flags, ttl)
    for kind in (0, 6):
        add(operations.REMOVE_WATCHES, "/d/a", kind)
        add(operations.CHECK_WATCHES, "/d/a", kind)
    add(operations.ADD_WATCH, "/d/a", 2)
    for zxid in _ALL_ZXIDS:
        for path in ("/d", "/d/a", "/d/b", "/d/a/x/p", "/"):
            add(operations.SET_WATCHES, zxid, [path], [], [])
            add(operations.SET_WATCHES, zxid, [], [path], [])
            add(operations.SET_WATCHES, zxid, [], [], [path])
            add(operations.SET_WATCHES2, zxid, [], [], [], [path], [])
            add(operations.SET_WATCHES2, zxid, [path], [], [path], [], [path])
    for name, body in _lists().items():
        for operation in (operations.MULTI, operations.MULTI_READ):
            made[f"raw {operation.name} of {name}"] = Request(
                operation, None, (body,), decode=_body
            )
    return made


def _lists() -> dict[str, bytes]:
    end = records.MULTI_HEADER.encode(-1, True, -1)

    def entry(kind: int, body: bytes) -> bytes:
        return records.MULTI_HEADER.encode(kind, False, -1) + body

    acl = entry(7, records.SET_ACL_REQUEST.encode("/d/a", _OPEN, -1))
    read = entry(4, records.GET_DATA_REQUEST.encode("/nothing", False))
    bad = entry(1, records.CREATE_REQUEST.encode("/d/a/", b"", _OPEN, 0))
    null = entry(2, records.DELETE_REQUEST.encode(None, -1))
    made = entry(1, records.CREATE_REQUEST.encode("/d/y", b"", _OPEN, 0))
    flags = entry(1, records.CREATE_REQUEST.encode("/d/y", b"", _OPEN, 9))
    return {
        "nothing": end,
        "no end": made,
        "an empty body": b"",
        "set_acl": acl + end,
        "a read of what is not there": read + end,
        "a bad path": made + bad + end,
        "a null path": made + null + end,
        "unknown flags": made + flags + end,
        "both kinds": read + made + end,
    }


REQUESTS: Final = _requests()
