"""The bodies of replies to writes, by what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zkwire._jute import records
from zkwire._types import OpCode
from zkwire.testing._memory._database import Applied, Result

_ERROR: Final = -1
MULTI_END: Final = records.MULTI_HEADER.encode(_ERROR, True, -1)


def body_of(opcode: int, applied: Applied) -> bytes:
    """The body for a write that was applied, without an error unless it is a multi."""
    if opcode == OpCode.MULTI:
        return _multi_body(applied.results)
    return _body(applied.results[0]) if applied.results else b""


def multi_entry(kind: int, body: bytes) -> bytes:
    """One result of a multi or a multiRead."""
    return records.MULTI_HEADER.encode(kind, False, 0) + body


def multi_error(err: int) -> bytes:
    """One error of a multi or a multiRead."""
    return records.MULTI_HEADER.encode(_ERROR, False, err) + records.ERROR_RESPONSE.encode(err)


def _multi_body(results: Sequence[Result]) -> bytes:
    entries: list[bytes] = []
    failed = any(result.kind == _ERROR for result in results)
    for result in results:
        if failed:
            entries.append(multi_error(result.err))
        else:
            entries.append(multi_entry(result.kind, _body(result)))
    return b"".join(entries) + MULTI_END


def _body(result: Result) -> bytes:
    if result.kind == OpCode.CREATE:
        return records.CREATE_RESPONSE.encode(result.path)
    if result.stat is None:
        return b""
    if result.kind == OpCode.CREATE2:
        return records.CREATE2_RESPONSE.encode(result.path, result.stat)
    if result.kind in {OpCode.SET_DATA, OpCode.SET_ACL}:
        return records.SET_DATA_RESPONSE.encode(result.stat)
    return b""
