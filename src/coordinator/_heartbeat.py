"""What proves that a session's node is there: a write that never succeeds.

``set(node, version=2**31-1)`` changes nothing and fires no watch, for a node never has that
version.  Its refusal is a transaction all the same, agreed upon by a majority: ``BadVersion``
says that the node was there when the leader looked, ``NoNode`` that it was gone.  From a follower
without its leader, or a leader without its followers, there is no answer.

That alone does not say how long the session has yet to live: a write through a follower does not
touch the leader's clock for it.  Pings of the leader do, every half tick, which the follower
answers with the sessions that it has heard from.  Two beats in a row, over one connection, tell
what came of those; each way between leader and follower keeps its order:

1. The first beat was sent at ``s``.  Its answer came behind all pings that the leader had sent
   by then, the last of them no earlier than ``s - tick / 2``.  By the time of that answer, then,
   the follower had told of every packet that had reached it by ``s - tick / 2``.
2. The second is sent after that answer, so the leader sees it behind what the follower has told.
   Refused with ``BadVersion``, it says that the session was alive then, and its clock had been
   started no earlier than the last of those packets was sent.

That packet is the anchor.  One beat would not do: where the way from the leader is clogged for a
while, its pings are late, and the answers of beats come behind them all at once.  Any other write
will do for the first.  A handshake needs no second: its answer is the leader's own, and starts
the session's clock.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import trio

import zkwire
from coordinator._lease import CLOCK_RATES, Lease
from coordinator._session import Session

NO_SUCH_VERSION: Final = 2**31 - 1
BEAT_FRACTION: Final = 1 / 6
BEGIN_FRACTION: Final = 1 / 2
"""Of the timeout.  What the first beat follows upon, the handshake or the write that made the
node, may be nearly a timeout old, as behind a long wait in a line: a lease that began with
that would be over before the next beat."""
MOST_OPEN: Final = 4
"""Heartbeats without an answer.  Later ones could prove no more: they stand in the same line."""


class Answered(NamedTuple):
    """A write that a majority has answered."""

    connection: zkwire.Connection
    sent: float


class Heartbeat:
    """Keeps one lease going, for one node of one session."""

    def __init__(
        self,
        session: Session,
        path: str,
        lease: Lease,
        tick_time: float,
        answered: Answered | None = None,
    ) -> None:
        """``path`` is the server's; ``tick_time`` in seconds is at least its tick."""
        self._session = session
        self._path = path
        self._lease = lease
        self._tick_time = tick_time
        self._answered = answered
        self._open = 0

    async def run(self) -> None:  # noqa: ASYNC910  # a background task
        """Beat until the lease is over (a background task)."""
        lease = self._lease
        latest: zkwire.Connection | None = None
        async with trio.open_nursery() as nursery:
            while not lease.is_over:
                try:
                    connection = await self._session.wait_for_connection()
                except (zkwire.SessionExpired, zkwire.ConnectionClosed) as error:
                    lease.end("is over with its session", error)
                    break
                if connection is not latest:
                    latest = connection
                    lease.shorten(connection.handshake_sent, connection.session.negotiated_timeout)
                if self._open < MOST_OPEN:
                    self._open += 1
                    nursery.start_soon(self._beat, connection)
                with trio.move_on_after(connection.session.negotiated_timeout * BEAT_FRACTION):
                    await connection.wait_lost()
            # What is still open can only tell what does not matter any more.
            nursery.cancel_scope.cancel()

    async def _beat(self, connection: zkwire.Connection) -> None:  # noqa: ASYNC910  # a background task
        """Beat once; twice, where the first beat has nothing recent to follow upon."""
        try:
            is_answered = await self._beat_once(connection, left=BEGIN_FRACTION)
            if is_answered and not (self._lease.valid() or self._lease.is_over):
                await self._beat_once(connection)
        finally:
            self._open -= 1

    async def _beat_once(  # noqa: ASYNC910  # a step
        self, connection: zkwire.Connection, left: float = 0.0
    ) -> bool:
        """Whether a majority has found the node there.

        A lease that has not begun does so only with that much of the timeout ``left``.
        """
        sent = trio.current_time()
        timeout = connection.session.negotiated_timeout
        anchor = max(connection.handshake_sent, self._known_to_leader(connection, timeout))
        lease = self._lease
        try:
            await connection.set(self._path, b"", NO_SUCH_VERSION)
        except zkwire.BadVersion:
            # Over one connection beats are answered in the order in which they were sent.
            self._answered = Answered(connection, sent)
            is_soon_over = trio.current_time() - anchor > timeout * (1 - left)
            if lease.valid() or lease.is_over or not is_soon_over:
                lease.confirm(anchor, timeout)
            return True  # noqa: ASYNC910  # a background task
        except zkwire.NoNode as error:
            lease.end("is over: its node has been removed", error)
        except zkwire.NoAuth as error:
            lease.end("cannot be confirmed: the node's ACL does not let its owner write it", error)
        except (zkwire.ReplyError, zkwire.ConnectionLost, zkwire.ConnectionClosed):
            pass  # proves nothing
        return False  # noqa: ASYNC910  # a background task

    def _known_to_leader(self, connection: zkwire.Connection, timeout: float) -> float:
        """When the latest packet was sent that the leader knows of before what is sent now."""
        first = self._answered
        if first is None or first.connection is not connection:
            return float("-inf")
        # Servers grant no less than two ticks, unless their minSessionTimeout says otherwise.
        tick = min(self._tick_time, timeout / 2) * (1 + CLOCK_RATES)
        return connection.contact_known_by(first.sent - tick / 2)
