"""The one place that writes to the stream.

A write must never be cancelled halfway through a frame, so callers do not write:
one task sends all that is queued, in one go, each time it wakes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import trio

from zkwire._proto._protocol import ZkProtocol
from zkwire._trio._socket import PlainSocket


@final
class Outlet:
    """Sends what a protocol has queued."""

    def __init__(
        self,
        wire: trio.abc.Stream | PlainSocket,
        protocol: ZkProtocol,
        start: Callable[[], None],
    ) -> None:
        """``start`` has ``run`` called, by a task of its own."""
        self._wire = wire
        self._plain = wire if isinstance(wire, PlainSocket) else None
        self._protocol = protocol
        self._left_over = b""
        self._start = start
        self._is_running = False
        self._is_leaving = False
        self._idle: trio.Event | None = None

    def request_queued(self, *, is_alone: bool) -> None:
        """Have a request sent that was queued just now.

        One that has the connection to itself is sent here and now.  Nothing could
        share its write, and waking the task would cost it two more passes through
        the scheduler: about 15% of the latency of one get after the other
        (``bench/speed/sequential.py``).

        Raises:
            BrokenResourceError, ClosedResourceError: the connection broke.
        """
        is_busy = self._is_running and self._idle is None
        if not is_alone or self._plain is None or is_busy:
            self.wake()
            return
        data = self._protocol.data_to_send(trio.current_time())
        if not data:
            return
        sent = self._plain.send_now(data)
        if sent < len(data):
            self._left_over = data[sent:]
            self.wake()

    def wake(self) -> None:
        """Have the task send what is queued."""
        if self._idle is not None:
            self._idle.set()
            self._idle = None
        elif not self._is_running:
            self._is_running = True
            self._start()

    def rest(self) -> None:
        """Nothing has been written for a while: the task may end, until it is needed again."""
        if self._idle is not None and self._plain is not None:
            self._is_leaving = True
            self.wake()

    async def run(self) -> None:
        """Send what is queued, whenever something is, until cancelled or nothing has been.

        Raises:
            BrokenResourceError, ClosedResourceError: the connection broke.
        """
        while True:  # noqa: ASYNC913  # there is something to send
            if data := self._left_over or self._protocol.data_to_send(trio.current_time()):
                self._left_over = b""
                await self._wire.send_all(data)
            elif self._is_leaving:
                self._is_running = self._is_leaving = False
                return  # noqa: ASYNC910  # a background task
            else:
                self._is_leaving = False
                self._idle = trio.Event()
                await self._idle.wait()
