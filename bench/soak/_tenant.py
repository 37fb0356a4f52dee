"""A client that holds a lease, pinned to one server, and what it would have believed."""

from __future__ import annotations

import random
from functools import partial

import trio

import coordinator
from bench.soak._lease_history import Watched


class Tenant:
    """Holds one lock that nobody else wants; looked at from outside."""

    def __init__(self, server: str, home: str, name: str, timeout: float, tick: float) -> None:
        self.timeout = timeout
        self.held: coordinator.Held | None = None
        self._open = partial(coordinator.open_coordinator, [server], home, timeout, tick_time=tick)
        self._lock = f"/{name}"
        self._until = float("-inf")
        self._ended = float("inf")
        self._seen: Watched | None = None

    @property
    def is_watched(self) -> bool:
        """Whether it holds a lease that has neither ended nor been recorded."""
        return self.held is not None and self._seen is None and self._ended == float("inf")

    @property
    def seen(self) -> Watched | None:
        """What was recorded when its node was seen to be gone."""
        return self._seen

    async def hold(self) -> None:
        """Hold the lock until the lease ends, and nothing after that."""
        await trio.sleep(random.uniform(0, self.timeout / 4))  # no two beat at one time
        async with self._open() as coord:
            try:
                async with coord.lock(self._lock) as self.held:
                    await trio.sleep_forever()
            except coordinator.LeaseLost:
                # Connected still: what this client goes on hearing is what would deceive it.
                await trio.sleep_forever()

    def look(self) -> None:
        """Note until when the lease lasts, as far as is known by now."""
        if self.held is None or self._seen is not None:
            return
        if self.held.valid():
            self._until = self.held.remaining() + trio.current_time()
        elif self._ended == float("inf"):
            self._ended = trio.current_time()

    def gone(self, fault: str) -> None:
        """Its node is seen to be gone, now."""
        if self.held is None or self._seen is not None:
            return
        was_valid, now = self.held.valid(), trio.current_time()
        self.look()
        session = self.held.session
        naive = now if session.is_over else session.last_contact + self.timeout
        self._seen = Watched(
            fault=fault,
            timeout=self.timeout,
            seen_gone=now,
            was_valid=was_valid,
            lease_until=min(self._until, self._ended),
            naive_until=naive,
        )
