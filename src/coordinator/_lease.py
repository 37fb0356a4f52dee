"""How long this client may rely on a node of its session, whatever becomes of the connection.

A ping's answer proves nothing: a follower that is cut off from its leader goes on answering for
up to syncLimit ticks, while the leader lets the session expire.  Neither does ``sync`` (a deposed
leader answers it by itself), nor the answer to a write plus a timeout (a write through a follower
does not touch the leader's clock for the session).  What does is in ``_heartbeat``; here is what
follows from it.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, final

import trio

import zkwire
from coordinator._errors import LeaseLost
from coordinator._lease_clock import LeaseClock

CLOCK_RATES: Final = 0.01
"""How much the rates of the client's and the server's clock may differ."""
MARGIN: Final = 0.002
"""Seconds, for the resolution of clocks in milliseconds on the server's side."""
LOOK_FRACTION: Final = 1 / 24
"""Of the timeout.  trio's timers do not notice that the machine has slept; this often somebody
looks, so that scopes are cancelled and ``lost`` is set so soon after it is awake again."""


@final
class Lease:
    """A right that ends by itself, before a server can give it to anybody else.

    Assumes that client and server clocks run at rates that differ by less than 1 %, that
    the servers' tick is no longer than the coordinator's ``tick_time`` (nor than half the
    timeout that they grant, which they see to unless their ``minSessionTimeout`` is set
    lower), and that a leader that is at work pings each of its followers every half tick,
    as ZooKeeper does.  A virtual machine that is paused from outside stops every clock it
    has, CLOCK_BOOTTIME too; against that only fencing tokens and guarded writes help.
    Nothing depends on what the clocks show.
    """

    def __init__(self, clock: LeaseClock | None = None) -> None:
        self._clock = clock or LeaseClock()
        self._end = -math.inf
        self._look_after = math.inf
        self._was_valid = False
        self._cause: str | None = None
        self._error: zkwire.ZkwireError | None = None
        self._scopes: set[trio.CancelScope] = set()
        self._changed = trio.Event()
        self.lost = trio.Event()
        """Set once the lease is over without having been given back; it does not come again."""

    def __repr__(self) -> str:
        state = f"valid for {self.remaining():.3f} s" if self.valid() else self._state()
        return f"<Lease: {state}>"

    def valid(self) -> bool:
        """Tell whether the right holds at this instant.

        Reckoned when it is called, on a clock that counts the time during which the
        machine was suspended; no task need have run.  May be called from any thread.
        """
        return self._cause is None and self._clock.now() < self._end

    def remaining(self) -> float:
        """Seconds for which the right holds if nothing more is heard; 0 once it is over."""
        return max(0.0, self._end - self._clock.now()) if self._cause is None else 0.0

    def check(self) -> None:
        """Do nothing while the right holds.

        Raises:
            LeaseLost: it does not.
        """
        if not self.valid():
            raise LeaseLost(f"the lease {self._state()}") from self._error

    @property
    def is_over(self) -> bool:
        """Whether it has ended for good, lost or given back."""
        return self._cause is not None or (self._was_valid and not self.valid())

    @asynccontextmanager
    async def scope(self) -> AsyncGenerator[trio.CancelScope]:
        """Run a block that is cancelled when the right ends.

        Entering is a checkpoint, leaving is none.  The deadline is trio's own: no task
        has to run in time for it.

        Yields:
            The cancel scope; ``cancelled_caught`` tells afterwards whether the end of
            the lease was the reason to leave.

        Raises:
            LeaseLost: it was over already.
        """
        await trio.lowlevel.checkpoint()
        self.check()
        with self.guard() as scope:
            yield scope

    @contextmanager
    def guard(self) -> Generator[trio.CancelScope]:
        """As ``scope``, without a checkpoint; a block that is too late is cancelled at its first.

        A block is never let in before the lease has begun: that would have no deadline.
        """
        scope = trio.CancelScope(deadline=self._deadline())
        if not self.valid():
            scope.cancel()
        self._scopes.add(scope)
        try:
            with scope:
                yield scope
        finally:
            self._scopes.discard(scope)

    async def wait_valid(self) -> None:
        """Wait until the right holds for the first time, or never will.

        A checkpoint, and cancelling it has no effect.

        Raises:
            LeaseLost: it is over.
        """
        await trio.lowlevel.checkpoint()
        while not self._was_valid and self._cause is None:
            await self._changed.wait()
        self.check()

    # --- for its heartbeat --------------------------------------------------------------------

    def confirm(self, anchor: float, timeout: float) -> None:
        """The session cannot end for ``timeout`` seconds from ``anchor`` on, by trio's clock."""
        if self.is_over:
            # Work has been cancelled: a right that comes and goes would help nobody.
            self.end("had run out")
            return
        self._look_after = timeout * LOOK_FRACTION
        self._set_end(max(self._end, self._end_from(anchor, timeout)))
        if not self._was_valid and self.valid():
            self._was_valid = True
            self._turn()

    def shorten(self, since: float, timeout: float) -> None:
        """The session may end ``timeout`` seconds from ``since`` on, whatever was granted before.

        A server that the session moves to may grant less than the one before it, and
        the leader goes by what it was told last.
        """
        self._set_end(min(self._end, self._end_from(since, timeout)))

    def end(self, cause: str, error: zkwire.ZkwireError | None = None) -> None:
        """It is lost, for a reason that completes "the lease ..."; ``error`` is what said so."""
        if self._cause is None:
            self._error = error
            self._finish(cause)
            self.lost.set()

    def give_back(self) -> None:
        """Nobody may rely on it from now on, and nothing is lost by that."""
        if self.is_over:
            self.end("has run out")
        else:
            self._finish("has been given back")

    async def run_out(self) -> None:  # noqa: ASYNC910  # a background task
        """Tell when it has run out (a background task)."""
        while self._cause is None:
            if self._was_valid and not self.valid():
                self.end("has run out: nothing confirmed it in time")
                return  # noqa: ASYNC910  # a background task
            look_at = math.inf
            if self._was_valid:
                # Not to the last bit: where rounding has put the deadline before the end, a
                # clock that waits for all tasks to sleep would never get there.
                now = trio.current_time()
                look_at = max(min(self._deadline(), now + self._look_after), now + MARGIN / 2)
            with trio.move_on_at(look_at):
                await self._changed.wait()

    # --- steps --------------------------------------------------------------------------------

    def _finish(self, cause: str) -> None:
        self._cause = cause
        self._turn()
        for scope in self._scopes:
            scope.cancel()

    def _turn(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    def _end_from(self, instant: float, timeout: float) -> float:
        return self._clock.at(instant) + timeout / (1 + CLOCK_RATES) - MARGIN

    def _set_end(self, end: float) -> None:
        self._end = end
        deadline = self._deadline()
        for scope in self._scopes:
            scope.deadline = deadline

    def _deadline(self) -> float:
        """The end, by trio's clock."""
        return trio.current_time() + self._end - self._clock.now()

    def _state(self) -> str:
        return self._cause or ("has run out" if self._was_valid else "has not begun")
