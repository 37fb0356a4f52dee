"""A stream in memory that answers every get at once.

What is left then is the client's own work: no server, no socket, and the same
number of requests in every batch, so that small differences can be told.
"""

from __future__ import annotations

import trio

from bench.speed._nodes import DATA
from bench.speed.codec import STAT
from zkwire._jute import records
from zkwire._types import OpCode

_PREFIX = records.REQUEST_PREFIX.layout
_SESSION_MS = 10_000
_LAST_ZXID = 1


class AnsweringStream(trio.abc.Stream):
    """Answers the handshake, then each request with 100 bytes and a Stat."""

    def __init__(self) -> None:
        self._answers = bytearray()
        self._something = trio.Event()
        self._is_open = False
        self._is_closed = False
        self._body = records.GET_DATA_RESPONSE.encode(DATA, STAT)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Take whole frames, as zkwire sends them, and queue their answers."""
        await trio.lowlevel.checkpoint()
        if not self._is_open:
            self._is_open = True
            granted = records.CONNECT_RESPONSE.encode(0, _SESSION_MS, 1, bytes(16)) + b"\x00"
            self._answer(granted)
            return
        position = 0
        while position < len(data):
            length, xid, opcode = _PREFIX.unpack_from(data, position)
            position += 4 + length
            body = self._body if opcode == OpCode.GET_DATA else b""
            self._answer(records.REPLY_HEADER.encode(xid, _LAST_ZXID, 0) + body)

    def _answer(self, frame: bytes) -> None:
        self._answers += records.FRAME_LENGTH.encode(len(frame)) + frame
        self._something.set()

    async def wait_send_all_might_not_block(self) -> None:
        """Never blocks."""
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return the answers that there are, once there are any."""
        await self._something.wait()
        if self._is_closed:
            raise trio.ClosedResourceError
        answers = bytes(self._answers[:max_bytes])
        del self._answers[:max_bytes]
        if not self._answers:
            self._something = trio.Event()
        return answers

    async def aclose(self) -> None:
        """Close it."""
        self._is_closed = True
        self._something.set()
        await trio.lowlevel.checkpoint()
