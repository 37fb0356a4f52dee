"""The one task that writes to a connection.

Nobody else waits for a client to read: what is sent is kept, without a bound, and goes out all
at once when the task has its turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio


class Outlet:
    """What is to be sent on one connection."""

    def __init__(self, stream: trio.abc.Stream, gate: Callable[[], Awaitable[None]]) -> None:
        """``gate`` is awaited before each write: it holds while the member is frozen."""
        self._stream = stream
        self._gate = gate
        self._waiting: list[bytes] = []
        self._ends = False
        self._idle: trio.Event | None = None

    def put(self, data: bytes) -> None:
        """Send this, behind all that was put before."""
        if not self._ends:
            self._waiting.append(data)
            self._wake()

    def end(self) -> None:
        """Send what was put so far, and nothing else."""
        self._ends = True
        self._wake()

    async def run(self) -> None:
        """Send what is put, until the end of it.

        A checkpoint; cancelled, it may have sent a part.

        Raises:
            BrokenResourceError, ClosedResourceError: The connection broke.
        """
        while True:
            if self._waiting:
                await self._gate()
                data = b"".join(self._waiting)
                self._waiting.clear()
                await self._stream.send_all(data)
            elif self._ends:
                return
            else:
                self._idle = trio.Event()
                await self._idle.wait()

    def _wake(self) -> None:
        if self._idle is not None:
            self._idle.set()
            self._idle = None
