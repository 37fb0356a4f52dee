"""One timer for all connections of an event loop.

With a timer for each connection, every ping begins with a reader that is cancelled, unwound and put
back to wait: 40% of the CPU time of an idle connection.  Here one task sleeps until the first of
them has something to do, and asks all that are due.

The task runs in the nursery of one of the connections, and moves into that of another when its
host is closed: a task that belonged to nobody would outlive what it is for.
"""

from __future__ import annotations

import math
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, Protocol, final

import trio

from zkwire._trio._nursery import as_service

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Timed(Protocol):
    """Somebody who has something to do at times."""

    def look_at_the_clock(self) -> float:
        """Do what is due, without raising anything, and return when to be asked again."""
        ...


@final
class Ticker:
    """Asks each of its members when it is time."""

    def __init__(self) -> None:
        self._nurseries: dict[Timed, trio.Nursery] = {}
        self._host: Timed | None = None
        self._sleep = trio.CancelScope()
        # Who is to be asked when, and these times as a heap.
        self._at: dict[Timed, float] = {}
        self._due: dict[float, dict[Timed, None]] = {}
        self._times: list[float] = []

    def join(self, member: Timed, nursery: trio.Nursery, at: float) -> None:
        """Ask a member from now on, until it leaves; the nursery is open until then."""
        self._nurseries[member] = nursery
        self.set(member, at)
        if self._host is None:
            self._move_to(member)

    def leave(self, member: Timed) -> None:
        """Ask a member no more."""
        del self._nurseries[member]
        self._forget(member)
        if self._host is member:
            self._sleep.cancel()
            self._pass_on()

    def set(self, member: Timed, at: float) -> None:
        """Ask a member next when it is that time, and not before."""
        self._forget(member)
        self._at[member] = at
        if at not in self._due:
            self._due[at] = {}
            heappush(self._times, at)
        self._due[at][member] = None
        if at < self._sleep.deadline:
            self._sleep.deadline = at

    def _forget(self, member: Timed) -> None:
        at = self._at.pop(member, None)
        if at is not None and at in self._due:
            self._due[at].pop(member, None)

    def _pass_on(self) -> None:
        self._host = None
        for member in self._nurseries:
            self._move_to(member)
            return

    def _move_to(self, host: Timed) -> None:
        self._host = host
        self._nurseries[host].start_soon(as_service(self._task(host)))

    def _task(self, host: Timed) -> Callable[[], Awaitable[None]]:
        async def run() -> None:  # noqa: ASYNC910  # a background task
            try:
                while self._host is host:
                    deadline = self._times[0] if self._times else math.inf
                    # Shielded, as all that serves a connection: see Engine.
                    with trio.CancelScope(deadline=deadline, shield=True) as self._sleep:
                        await trio.sleep_forever()
                    if self._host is host:
                        self._ask_who_is_due()
            finally:
                if self._host is host:  # interrupted: the others go on
                    self._nurseries.pop(host, None)
                    self._pass_on()

        return run

    def _ask_who_is_due(self) -> None:
        now = trio.current_time()
        due: list[Timed] = []
        while self._times and self._times[0] <= now:
            due += self._due.pop(heappop(self._times))
        for member in due:
            self.set(member, member.look_at_the_clock())


def ticker() -> Ticker:
    """The event loop's."""
    found = _ticker.get()
    if found is None:
        found = Ticker()
        _ticker.set(found)
    return found


_ticker: Final[trio.lowlevel.RunVar[Ticker | None]] = trio.lowlevel.RunVar(
    "zkwire's ticker", default=None
)
