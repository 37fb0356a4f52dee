"""A connection in memory, bounded as sockets are, which can be reset.

trio's own pairs for tests either take any amount of data or none.
"""

from __future__ import annotations

from typing import Final

import trio

from zkwire.testing._faults._checks import whole

CAPACITY: Final = 64 * 1024
"""Bytes one way before the sender waits; a loopback socket's buffers are of this order."""


class _Pipe:
    """One direction."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.ended = False
        self.broken = False
        self.reader_gone = False
        self._moved = trio.Event()

    @property
    def room(self) -> int:
        return CAPACITY - len(self.data)

    def moved(self) -> None:
        self._moved.set()
        self._moved = trio.Event()

    async def wait(self) -> None:
        await self._moved.wait()


class MemoryStream(trio.abc.HalfCloseableStream):
    """One end of a connection in memory."""

    def __init__(self, outward: _Pipe, inward: _Pipe) -> None:
        self._out = outward
        self._in = inward
        self._closed = False
        self._sending = False
        self._receiving = False

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send; waits while the other end is behind. Cancelled, part of it may be sent."""
        self._begin_sending()
        try:
            await trio.lowlevel.checkpoint()
            self._check_sending()
            left = memoryview(data)
            while left:
                while not self._out.room:
                    await self._out.wait()
                    self._check_sending()
                taken = min(self._out.room, len(left))
                self._out.data += left[:taken]
                left = left[taken:]
                self._out.moved()
        finally:
            self._sending = False

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until there is room."""
        self._begin_sending()
        try:
            await trio.lowlevel.checkpoint()
            while not self._closed and not self._lost and not self._out.room:
                await self._out.wait()
            if self._closed:
                raise trio.ClosedResourceError("this end was closed")
        finally:
            self._sending = False

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return what is there, waiting for something; nothing at the end."""
        if max_bytes is not None:
            whole("max_bytes", max_bytes, least=1)
        if self._receiving:
            raise trio.BusyResourceError("another task receives from this stream")
        self._receiving = True
        try:
            gave_way = False
            while True:
                if self._closed:
                    raise trio.ClosedResourceError("this end was closed")
                is_there = self._in.data or self._in.broken or self._in.ended
                if is_there and gave_way:
                    break
                # Waiting gives way itself: a history of hours is made of waits.
                if is_there:
                    await trio.lowlevel.checkpoint()
                else:
                    await self._in.wait()
                gave_way = True
            if self._in.broken and not self._in.data:
                raise trio.BrokenResourceError("the connection was reset")
            data = bytes(self._in.data[:max_bytes])
            if data:
                del self._in.data[: len(data)]
                self._in.moved()
            return data
        finally:
            self._receiving = False

    async def send_eof(self) -> None:
        """Say that no more will be sent."""
        self._begin_sending()
        try:
            await trio.lowlevel.checkpoint()
            if self._closed:
                raise trio.ClosedResourceError("this end was closed")
            self._out.ended = True
            self._out.moved()
        finally:
            self._sending = False

    async def aclose(self) -> None:
        """Close: the other end reads what was sent, and then the end."""
        if not self._closed:
            self._closed = True
            self._out.ended = self._in.reader_gone = True
            self._in.data.clear()
            self._out.moved()
            self._in.moved()
        await trio.lowlevel.checkpoint()

    def reset(self) -> None:
        """Close with a reset: the other end cannot send, and finds the connection broken.

        As on Linux, what had arrived there before can still be read.
        """
        self._closed = True
        self._out.broken = self._in.reader_gone = True
        self._in.data.clear()
        self._out.moved()
        self._in.moved()

    @property
    def _lost(self) -> bool:
        return self._out.reader_gone or self._in.broken

    def _begin_sending(self) -> None:
        if self._sending:
            raise trio.BusyResourceError("another task sends to this stream")
        self._sending = True

    def _check_sending(self) -> None:
        if self._closed or self._out.ended:
            raise trio.ClosedResourceError("this end was closed")
        if self._lost:
            raise trio.BrokenResourceError("the other end is gone")


def memory_connection() -> tuple[MemoryStream, MemoryStream]:
    """Return the two ends of a new connection."""
    there, back = _Pipe(), _Pipe()
    return MemoryStream(there, back), MemoryStream(back, there)
