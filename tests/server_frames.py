"""What a server sends, as bytes, and a protocol brought to the state that a test starts from."""

from __future__ import annotations

from typing import Any

from zkwire._jute import records
from zkwire._models import Stat
from zkwire._proto._events import SessionOpened
from zkwire._proto._protocol import ZkProtocol

SESSION_ID = 0x0123_4567_89AB_CDEF
PASSWORD = bytes(range(16))
STAT = Stat(11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def frames_of(sent: bytes) -> list[bytes]:
    """The frames in what a client wrote, without their lengths."""
    found = []
    while sent:
        length = int.from_bytes(sent[:4], "big")
        assert len(sent) >= 4 + length, "half a frame was written"
        found.append(sent[4 : 4 + length])
        sent = sent[4 + length :]
    return found


def connect_reply(
    *,
    timeout_ms: int = 6000,
    session_id: int = SESSION_ID,
    password: bytes | None = PASSWORD,
    tail: bytes = b"\x00",
) -> bytes:
    """The body of a handshake reply; ``tail`` is the readOnly byte, or what stands for it."""
    return records.CONNECT_RESPONSE.build(0, timeout_ms, session_id, password) + tail


def reply(xid: int, zxid: int = 1, err: int = 0, body: bytes = b"") -> bytes:
    return framed(records.REPLY_HEADER.build(xid, zxid, err) + body)


def notification(kind: int, path: str | None, zxid: int = -1) -> bytes:
    return reply(-1, zxid, 0, records.WATCHER_EVENT.build(kind, 3, path))


def pong(zxid: int = 1) -> bytes:
    return reply(-2, zxid)


def active(*, timeout_ms: int = 6000, now: float = 0.0, **options: Any) -> ZkProtocol:
    """A protocol whose handshake is sent and answered."""
    protocol = ZkProtocol(session_timeout=timeout_ms / 1000, now=now, **options)
    protocol.data_to_send(now)
    (event,) = protocol.receive_data(framed(connect_reply(timeout_ms=timeout_ms)), now)
    assert isinstance(event, SessionOpened)
    return protocol
