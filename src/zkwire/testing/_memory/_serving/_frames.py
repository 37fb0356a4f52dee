"""What a server writes: frames, and the replies, answers and notifications inside them."""

from __future__ import annotations

from typing import Final

from zkwire._errors import NotReadOnly
from zkwire._jute import records
from zkwire._types import EventType

_SYNC_CONNECTED: Final = 3
"""The state in every notification, whatever the session's state."""

_NOTIFICATION: Final = -1
_PASSWORD_OF_NOBODY: Final = bytes(16)


def framed(body: bytes) -> bytes:
    """A frame with this content."""
    return records.FRAME_LENGTH.encode(len(body)) + body


def reply(xid: int, zxid: int, err: int = 0, body: bytes = b"") -> bytes:
    """The frame that answers a request."""
    return framed(records.REPLY_HEADER.encode(xid, zxid, err) + body)


def notification(event: EventType, path: str, zxid: int) -> bytes:
    """The frame that tells of a change."""
    body = records.WATCHER_EVENT.encode(event, _SYNC_CONNECTED, path)
    return reply(_NOTIFICATION, zxid, 0, body)


def granted(timeout_ms: int, session_id: int, password: bytes, *, read_only: bool | None) -> bytes:
    """The frame that answers a handshake; ``read_only`` is None for clients that left it out."""
    body = records.CONNECT_RESPONSE.encode(0, timeout_ms, session_id, password)
    if read_only is not None:
        body += records.CONNECT_RESPONSE_READ_ONLY.encode(read_only)
    return framed(body)


def refused(*, read_only: bool | None) -> bytes:
    """The answer to a session that is unknown, over, or not this client's."""
    return granted(0, 0, _PASSWORD_OF_NOBODY, read_only=read_only)


def refused_by_read_only(zxid: int) -> bytes:
    """What a read-only server without local sessions answers to a handshake: a reply's header."""
    return reply(0, zxid, NotReadOnly.code)
