"""Invariant: any bytes are a value or malformed, and a value's own bytes are those it came from.

Input: which record, then its bytes; behind the records come a multi's results and
the handshake's reply.  A window that ends a byte too early is malformed.  One input
in 64 is also read by construct's interpretation, which is some fifty times slower.
"""

from __future__ import annotations

import inspect
import struct
from zlib import crc32

from fuzz.harness import fuzz, instrument_derived, instrumented

with instrumented(__name__, ["zkwire._jute._malformed", "zkwire._proto"]):
    from zkwire._errors import (
        RemoteProtocolError,
        ReplyError,
        ServerUnusable,
        SessionExpired,
        reply_error,
    )
    from zkwire._jute import AnyRecord, MalformedRecord, Record
    from zkwire._jute import records as declared
    from zkwire._models import SessionCredentials, SessionInfo
    from zkwire._proto._handshake import read_connect_reply
    from zkwire._proto._multi import Created, decode_results

RECORDS: list[AnyRecord] = [
    value for _, value in sorted(inspect.getmembers(declared)) if isinstance(value, Record)
]
MULTI = len(RECORDS)
HANDSHAKE = MULTI + 1
SAMPLE = 64

_BOOLS = [
    sum(node.format == "?" for _, node in r.shape.fields if hasattr(node, "format"))
    for r in RECORDS
]


def check(data: bytes) -> None:
    if not data:
        return
    which = data[0] % (HANDSHAKE + 1)
    if which == MULTI:
        check_multi(data)
    elif which == HANDSHAKE:
        check_handshake(data)
    else:
        check_record(RECORDS[which], _BOOLS[which], data)


def check_record(record: AnyRecord, bools: int, data: bytes) -> None:
    size = len(data)
    is_sampled = crc32(data) % SAMPLE == 0
    try:
        values, end = record.decode_from(data, 1, size)
    except MalformedRecord as error:
        assert 1 <= error.position <= size
        if is_sampled:
            try:
                record.parse(data[1:])
            except MalformedRecord:
                return
            raise AssertionError("construct reads it") from error
        return
    assert 1 <= end <= size
    encoded = record.encode(*values)
    if encoded != (body := data[1:end]):
        check_lossy(record, bools, values, encoded, body)
    if end > 1:
        try:
            record.decode_from(data, 1, end - 1)
        except MalformedRecord:
            pass
        else:
            raise AssertionError("a byte behind the window was read")
    if is_sampled:
        assert record.parse(data[1:]) == values
        assert record.build(*values) == encoded


def check_lossy(
    record: AnyRecord, bools: int, values: tuple[object, ...], encoded: bytes, body: bytes
) -> None:
    """Only text that is not UTF-8, and a true boolean other than 1, are written otherwise."""
    assert record.decode_from(encoded, 0, len(encoded)) == (values, len(encoded))
    if "\N{REPLACEMENT CHARACTER}" in repr(values):
        return
    assert len(encoded) == len(body)
    differing = [
        (ours, theirs) for ours, theirs in zip(encoded, body, strict=True) if ours != theirs
    ]
    assert len(differing) <= bools
    assert all(ours == 1 and theirs != 0 for ours, theirs in differing)


# --- a multi's results ----------------------------------------------------------------------

_ENTRY = struct.Struct(">i?i")
_INT = struct.Struct(">i")
_STAT = 68
_CREATE, _DELETE, _GET_DATA, _SET_DATA, _GET_CHILDREN, _CHECK, _CREATE2 = 1, 2, 4, 5, 8, 13, 15


def skip_text(data: bytes, pos: int) -> tuple[int | None, int]:
    """The length of a buffer, None for null, and the position behind it."""
    (length,) = _INT.unpack_from(data, pos)
    if length < -1 or pos + 4 + length > len(data):
        raise struct.error
    return (None, pos + 4) if length < 0 else (length, pos + 4 + length)


def kinds_of(data: bytes, pos: int) -> list[tuple[int, object]]:
    """The entries by hand: each its type, and an error's code or where its end is."""
    found: list[tuple[int, object]] = []
    while True:
        kind, done, _ = _ENTRY.unpack_from(data, pos)
        pos += _ENTRY.size
        if done:
            return found
        detail: object = None
        if kind == -1:
            (detail,) = _INT.unpack_from(data, pos)
            pos += 4
        elif kind in (_CREATE, _CREATE2):
            length, pos = skip_text(data, pos)
            if length is None:
                raise struct.error
        elif kind == _GET_DATA:
            detail, pos = skip_text(data, pos)
        elif kind == _GET_CHILDREN:
            (count,) = _INT.unpack_from(data, pos)
            pos += 4
            if count < -1:
                raise struct.error
            detail = max(count, 0)
            for _ in range(count):
                length, pos = skip_text(data, pos)
                if length is None:
                    raise struct.error
        elif kind not in (_DELETE, _SET_DATA, _CHECK):
            raise struct.error
        if kind in (_CREATE2, _GET_DATA, _SET_DATA):
            pos += _STAT
        if pos > len(data):
            raise struct.error
        found.append((kind, detail))


def check_multi(data: bytes) -> None:
    paths = ["/a"] * (data[1] % 8 if len(data) > 1 else 0)
    start = min(2, len(data))
    try:
        by_hand = kinds_of(data, start)
    except struct.error:
        by_hand = None
    try:
        results = decode_results(data, start, paths)
    except MalformedRecord as error:
        assert 0 <= error.position <= len(data)
        assert by_hand is None or len(by_hand) != len(paths)
        return
    assert by_hand is not None
    assert len(by_hand) == len(results) == len(paths)
    for (kind, detail), result in zip(by_hand, results, strict=True):
        if kind == -1:
            assert isinstance(result, ReplyError)
            assert type(result) is type(reply_error(int(str(detail))))
            assert result.code == detail
        elif kind in (_CREATE, _CREATE2):
            assert isinstance(result, Created)
            assert (result.stat is None) == (kind == _CREATE)
        elif kind == _GET_DATA:
            assert (None if result[0] is None else len(result[0])) == detail
        elif kind == _GET_CHILDREN:
            assert len(result) == detail
        elif kind == _SET_DATA:
            assert len(result) == 11
        else:
            assert result is None


# --- the handshake's reply ------------------------------------------------------------------

KNOWN = SessionCredentials(id=0x0100_0000_0000_0001, password=bytes(16))


def check_handshake(data: bytes) -> None:
    asked_for = KNOWN if len(data) > 1 and data[1] & 1 else None
    frame = data[2:]
    try:
        info = read_connect_reply(frame, asked_for=asked_for)
    except SessionExpired:
        assert asked_for is not None
        assert len(frame) >= 36 or len(frame) == 16
    except ServerUnusable:
        assert asked_for is None or len(frame) < 36
    except RemoteProtocolError:
        assert len(frame) >= 36
    else:
        assert isinstance(info, SessionInfo)
        assert info.negotiated_timeout > 0
        assert info.credentials.id != 0
        assert asked_for is None or info.credentials.id == asked_for.id
        again = declared.CONNECT_RESPONSE.encode(
            int.from_bytes(frame[:4], "big", signed=True),
            round(info.negotiated_timeout * 1000),
            info.credentials.id,
            info.credentials.password,
        )
        # A null password is kept as an empty one.
        assert frame.startswith(again) or frame[16:20] == b"\xff\xff\xff\xff"


if __name__ == "__main__":
    instrument_derived(*(record.decode_from for record in RECORDS))
    fuzz(check)
