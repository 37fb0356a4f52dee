"""Locks and leases: a place in a line, and a lease on it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import zkwire
from coordinator._contender import Contender
from coordinator._errors import LeaseLost
from coordinator._held import Held
from coordinator._janitor import Janitor
from coordinator._place import Line
from coordinator._session import Session


class Locks:
    """What locks need of their coordinator."""

    def __init__(
        self,
        wait_for_session: Callable[[], Awaitable[Session]],
        janitor: Janitor,
        tick_time: float,
    ) -> None:
        self._wait_for_session = wait_for_session
        self._janitor = janitor
        self._tick_time = tick_time

    @asynccontextmanager
    async def contend(self, line: Line) -> AsyncGenerator[Contender]:
        """See ``Coordinator.contend``."""
        async with zkwire.service_nursery() as nursery:
            contender = Contender(
                self._wait_for_session, self._janitor, line, self._tick_time, nursery
            )
            try:
                yield contender
            finally:
                await contender.close()  # noqa: ASYNC102  # shielded itself, for a second
                nursery.cancel_scope.cancel()

    @asynccontextmanager
    async def hold(self, line: Line) -> AsyncGenerator[Held]:
        """See ``Coordinator.lock``."""
        async with self.contend(line) as contender:
            held = await contender.acquire()
            with held.guard() as scope:
                yield held
            if scope.cancelled_caught or not held.valid():
                # Nor may a block that never looked pass for one that was protected.
                raise LeaseLost(f"{line.parent}: {held!r}, before its block was done")
