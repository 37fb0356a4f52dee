"""What a session is sent, read and kept."""

from __future__ import annotations

from typing import Any, NamedTuple

from zkwire import ReplyError, SessionCredentials
from zkwire._jute import records


class Handshake(NamedTuple):
    """The server's answer to a handshake; all None where it closed instead."""

    length: int | None
    protocol: int | None
    timeout_ms: int | None
    session_id: int | None
    read_only: bool | None


class Answer(NamedTuple):
    """A reply: its header and what its body says."""

    xid: int
    zxid: int
    err: int
    length: int
    operation: str
    path: str | None
    value: Any


class Event(NamedTuple):
    """A notification."""

    zxid: int
    err: int
    type: int
    state: int
    path: str | None


class Over(NamedTuple):
    """The server closed the connection, or did not answer, or sent what nobody had asked for."""

    how: str


class Seen(NamedTuple):
    """Something that came in, and the step that was under way."""

    step: int
    what: Handshake | Answer | Event | Over


def read_handshake(frame: bytes | None) -> tuple[Handshake, SessionCredentials | None]:
    if frame is None or len(frame) < 36:
        return Handshake(frame and len(frame), None, None, None, None), None
    (protocol, timeout, session_id, password), end = records.CONNECT_RESPONSE.decode_from(
        frame, 0, len(frame)
    )
    read_only = bool(frame[end]) if end < len(frame) else None
    answer = Handshake(len(frame), protocol, timeout, session_id, read_only)
    if timeout <= 0:
        return answer, None
    return answer, SessionCredentials(id=session_id, password=password)


def plain(value: Any) -> Any:
    """A value that compares: errors inside a multi's list become their code."""
    if isinstance(value, ReplyError):
        return ("error", value.code)
    if type(value) is list:
        return [plain(each) for each in value]
    return value
