"""Frames over one TCP connection, and nothing that hides a byte of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import trio

from zkwire.conformance._guard import refuse_forbidden
from zkwire.conformance._mismatch import Mismatch

if TYPE_CHECKING:
    from zkwire.conformance._address import Address

_CHUNK = 65536


class Wire:
    """One connection.  There is no way to write bytes past the guard.

    ``connect`` and every other async method is a checkpoint; a cancelled one leaves the
    connection good for ``aclose`` alone.
    """

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._received = bytearray()
        self._at_end = False

    @classmethod
    async def connect(cls, address: Address) -> Wire:
        """Open a TCP connection.

        Raises:
            OSError: Nothing listens there.
        """
        return cls(await trio.open_tcp_stream(address.host, address.port))

    async def aclose(self) -> None:
        """Close the socket and tell the server nothing."""
        await self._stream.aclose()

    async def send_frame(self, body: bytes, *, first: bool = False, pieces: int = 1) -> None:
        """Send one frame, in as many writes as asked for.  ``first`` marks the handshake."""
        if not first:
            refuse_forbidden(body)
        data = len(body).to_bytes(4, "big") + body
        size = -(-len(data) // pieces)
        for start in range(0, len(data), size):
            await self._send(data[start : start + size])

    async def send_frames(self, bodies: Sequence[bytes]) -> None:
        """Send several frames in one write."""
        for body in bodies:
            refuse_forbidden(body)
        await self._send(b"".join(len(body).to_bytes(4, "big") + body for body in bodies))

    async def send_length(self, length: int) -> None:
        """Send the length of a frame, and no frame."""
        await self._send(length.to_bytes(4, "big", signed=True))

    async def send_word(self, word: str) -> None:
        """Send a four-letter word."""
        if len(word) != 4 or not (word.isascii() and word.isalpha()):
            raise ValueError(f"{word!r} is not a four-letter word")
        await self._send(word.encode("ascii"))

    async def _send(self, data: bytes) -> None:
        try:
            await self._stream.send_all(data)
        except trio.BrokenResourceError:
            self._at_end = True  # what was received before is still there to be read

    async def frame(self) -> bytes | None:
        """The next frame, or None where the server has closed the connection."""
        while len(self._received) < 4 or len(self._received) < 4 + self._length():
            if not await self._receive():
                if self._received:
                    raise Mismatch(f"the server closed inside a frame: {bytes(self._received)!r}")
                return None
        end = 4 + self._length()
        body = bytes(self._received[4:end])
        del self._received[:end]
        return body

    async def rest(self) -> bytes:
        """Everything up to the server's close."""
        while await self._receive():
            pass
        return bytes(self._received)

    def _length(self) -> int:
        length = int.from_bytes(self._received[:4], "big", signed=True)
        if length < 0:
            raise Mismatch(f"the server sent a frame of length {length}")
        return length

    async def _receive(self) -> bool:
        try:
            data = await self._stream.receive_some(_CHUNK)
        except trio.BrokenResourceError:
            return False  # a reset is a close with unread bytes on the other side
        self._received += data
        return bool(data)
