"""A plain TCP stream with fewer steps for each message than ``trio.SocketStream`` takes.

The general stream tries to receive before it waits, and passes through the
scheduler after each success, sent or received.  The reader has always emptied the
socket before it comes back, and both tasks wait by themselves, so none of it is
needed here: a get by itself costs 5 system calls in place of 8 (``bench/``).
"""

from __future__ import annotations

import os
from typing import final

import trio


@final
class PlainSocket:
    """Reads and writes the socket of a stream, which stays the owner."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._fileno = stream.socket.fileno

    async def receive_some(self, max_bytes: int) -> bytes:
        """Wait until there is something, and return it; empty at the end of the stream.

        A checkpoint; cancelling it loses nothing.

        Raises:
            BrokenResourceError: the connection broke.
            ClosedResourceError: the stream was closed.
        """
        while True:
            descriptor = self._fileno()
            if descriptor < 0:
                raise trio.ClosedResourceError
            await trio.lowlevel.wait_readable(descriptor)
            try:
                # Still its own: whoever closes a socket wakes those who wait for it.
                return os.read(descriptor, max_bytes)
            except BlockingIOError:
                continue  # woken for nothing: poll(2) allows it
            except OSError as error:
                raise trio.BrokenResourceError(f"socket connection broken: {error}") from error

    def send_now(self, data: bytes) -> int:
        """Send what the kernel takes without waiting, and return how many bytes that was.

        Raises:
            BrokenResourceError: the connection broke.
            ClosedResourceError: the stream was closed.
        """
        descriptor = self._fileno()
        if descriptor < 0:
            raise trio.ClosedResourceError
        try:
            return os.write(descriptor, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise trio.BrokenResourceError(f"socket connection broken: {error}") from error

    async def send_all(self, data: bytes) -> None:  # noqa: ASYNC910  # the docstring says when it is one
        """Send it; a checkpoint only where the kernel's buffer is full.

        Raises:
            BrokenResourceError: the connection broke.
            ClosedResourceError: the stream was closed.
        """
        if sent := self.send_now(data):
            data = data[sent:]
        if data:
            await self._stream.send_all(data)
