"""A connection in memory, bounded as sockets are, which can be reset.

trio's own pairs for tests either take any amount of data or none.  Histories of hours under a
virtual clock are made of waits, so no pass of the event loop is made beyond what trio's rules ask.
"""

from __future__ import annotations

import operator
from typing import Final

import trio

CAPACITY: Final = 64 * 1024
"""Bytes one way before the sender waits; a loopback socket's buffers are of this order."""


class _Pipe:
    """One direction."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.ended = False
        self.broken = False
        self.reader_gone = False
        self._reader: trio.Event | None = None
        self._writer: trio.Event | None = None

    def wake_reader(self) -> None:
        if self._reader is not None:
            self._reader.set()
            self._reader = None

    def wake_writer(self) -> None:
        if self._writer is not None:
            self._writer.set()
            self._writer = None

    def wake(self) -> None:
        self.wake_reader()
        self.wake_writer()

    async def wait_for_data(self) -> None:
        self._reader = trio.Event()
        await self._reader.wait()

    async def wait_for_room(self) -> None:
        self._writer = trio.Event()
        await self._writer.wait()


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
            self._check_sending()
            await trio.lowlevel.checkpoint()
            self._check_sending()
            left = memoryview(data)
            while left:
                while (room := CAPACITY - len(self._out.data)) <= 0:
                    await self._out.wait_for_room()
                    self._check_sending()
                self._out.data += left[:room]
                left = left[room:]
                self._out.wake_reader()
        finally:
            self._sending = False

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until there is room."""
        self._begin_sending()
        try:
            await trio.lowlevel.checkpoint()
            while not self._closed and not self._is_lost and len(self._out.data) >= CAPACITY:
                await self._out.wait_for_room()
            if self._closed:
                raise trio.ClosedResourceError("this end was closed")
        finally:
            self._sending = False

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return what is there, waiting for something; nothing at the end."""
        if max_bytes is not None and operator.index(max_bytes) < 1:
            raise ValueError(f"max_bytes: must be at least 1, not {max_bytes}")
        if self._receiving:
            raise trio.BusyResourceError("another task receives from this stream")
        self._receiving = True
        try:
            await self._wait_for_something()
            if self._in.data:
                data = bytes(self._in.data[:max_bytes])
                del self._in.data[: len(data)]
                self._in.wake_writer()
                return data
            if self._in.broken:
                raise trio.BrokenResourceError("the connection was reset")
            return b""
        finally:
            self._receiving = False

    async def _wait_for_something(self) -> None:
        # Waiting is a checkpoint by itself.
        if self._closed or self._in.data or self._in.ended or self._in.broken:
            await trio.lowlevel.checkpoint()
        while not (self._closed or self._in.data or self._in.ended or self._in.broken):
            await self._in.wait_for_data()
        if self._closed:
            raise trio.ClosedResourceError("this end was closed")

    async def send_eof(self) -> None:
        """Say that no more will be sent."""
        self._begin_sending()
        try:
            await trio.lowlevel.checkpoint()
            if self._closed:
                raise trio.ClosedResourceError("this end was closed")
            self._out.ended = True
            self._out.wake_reader()
        finally:
            self._sending = False

    async def aclose(self) -> None:
        """Close: the other end reads what was sent, and then the end."""
        if not self._closed:
            self._closed = self._in.reader_gone = self._out.ended = True
            self._in.data.clear()
            self._in.wake()
            self._out.wake()
        await trio.lowlevel.checkpoint()

    def reset(self) -> None:
        """Close with a reset: the other end cannot send, and finds the connection broken.

        As on Linux, what had arrived there before can still be read.
        """
        self._closed = self._out.broken = self._in.reader_gone = True
        self._in.data.clear()
        self._out.wake()
        self._in.wake()

    @property
    def _is_lost(self) -> bool:
        return self._out.reader_gone or self._in.broken

    def _begin_sending(self) -> None:
        if self._sending:
            raise trio.BusyResourceError("another task sends to this stream")
        self._sending = True

    def _check_sending(self) -> None:
        if self._closed or self._out.ended:
            raise trio.ClosedResourceError("this end was closed")
        if self._is_lost:
            raise trio.BrokenResourceError("the other end is gone")


def memory_connection() -> tuple[MemoryStream, MemoryStream]:
    """The two ends of a new connection."""
    there, back = _Pipe(), _Pipe()
    return MemoryStream(there, back), MemoryStream(back, there)
