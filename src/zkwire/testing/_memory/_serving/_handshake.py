"""A client's first frame."""

from __future__ import annotations

from typing import NamedTuple

from zkwire._jute import MalformedRecord, records


class Hello(NamedTuple):
    """What a client asks for when it connects."""

    last_zxid: int
    timeout_ms: int
    session_id: int
    password: bytes
    read_only: bool
    says_read_only: bool
    """Whether the last byte was there: an answer has it if and only if the request had."""

    def said(self, read_only: bool) -> bool | None:
        """The byte for the answer, or None for no byte."""
        return read_only if self.says_read_only else None


def hello_of(frame: bytes) -> Hello | None:
    """Read a first frame; None where it is none.

    Clients up to 3.3 end it before readOnly.
    """
    for data, says in ((frame, True), (frame + b"\0", False)):
        try:
            values, end = records.CONNECT_REQUEST.decode_from(data, 0, len(data))
        except MalformedRecord:
            continue
        if says or end == len(data):
            _, last_zxid, timeout_ms, session_id, password, read_only = values
            return Hello(last_zxid, timeout_ms, session_id, password or b"", read_only, says)
    return None
