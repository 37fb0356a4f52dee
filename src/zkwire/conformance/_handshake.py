"""The first frame each way."""

from __future__ import annotations

from typing import Final, NamedTuple

from zkwire._jute import records
from zkwire.conformance._mismatch import Mismatch
from zkwire.conformance._reply import decode
from zkwire.conformance._wire import Wire

NO_PASSWORD: Final = bytes(16)
LONGEST: Final = 2**31 - 1
"""Milliseconds: whatever the server grants at most."""


class Granted(NamedTuple):
    """The server's answer."""

    timeout_ms: int
    session_id: int
    password: bytes | None
    read_only: bool
    size: int

    @property
    def refused(self) -> bool:
        """Whether the answer is the one to an unknown or expired session."""
        return self.timeout_ms <= 0


def connect_request(
    *,
    timeout_ms: int = LONGEST,
    session_id: int = 0,
    password: bytes | None = NO_PASSWORD,
    last_zxid: int = 0,
    read_only: bool = False,
    protocol_version: int = 0,
) -> bytes:
    """The client's first frame."""
    return records.CONNECT_REQUEST.encode(
        protocol_version, last_zxid, timeout_ms, session_id, password, read_only
    )


async def shake(wire: Wire, request: bytes) -> Granted | None:
    """Send a handshake and read the answer; None where the server closed without one.

    A checkpoint; cancelled, it leaves the connection unusable.
    """
    await wire.send_frame(request, first=True)
    frame = await wire.frame()
    if frame is None:
        return None
    if len(frame) not in {36, 37}:
        raise Mismatch(f"a handshake answer of {len(frame)} bytes")
    version, timeout_ms, session_id, password = decode(records.CONNECT_RESPONSE, frame[:36])
    if version != 0:
        raise Mismatch(f"protocol version {version}")
    return Granted(timeout_ms, session_id, password, frame[36:] == b"\1", len(frame))
