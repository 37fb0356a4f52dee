"""Somebody who stands in line, or holds what the line is for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import final

import trio

import zkwire
from coordinator._errors import LeaseLost
from coordinator._heartbeat import Heartbeat
from coordinator._held import Held
from coordinator._janitor import Janitor
from coordinator._lease import Lease
from coordinator._place import Line, Place
from coordinator._session import Session


@final
class Contender:
    """Waits for a lock, within a scope of the caller's.  Comes from ``Coordinator.contend``."""

    def __init__(
        self,
        wait_for_session: Callable[[], Awaitable[Session]],
        janitor: Janitor,
        line: Line,
        tick_time: float,
        nursery: trio.Nursery,
    ) -> None:
        self._wait_for_session = wait_for_session
        self._janitor = janitor
        self._line = line
        self._tick_time = tick_time
        self._nursery = nursery
        self._is_busy = False
        self._is_closed = False
        self._place: Place | None = None
        self._lease: Lease | None = None
        self._held: Held | None = None
        self._since = 0.0
        self._service = trio.CancelScope(shield=True)

    def __repr__(self) -> str:
        if self._held is not None:
            return f"<Contender: {self._held!r}>"
        return f"<Contender for {self._line.parent}: {'in line' if self._place else 'idle'}>"

    async def acquire(self) -> Held:
        """Stand in line, until it is this contender's turn.

        A checkpoint, which waits without limit: put a cancel scope around it, that ends
        the waiting and not the holding.  Cancelled, it has left the line, which may take
        a second.  If the session is lost meanwhile, it waits again, in the next one.

        Nothing is cancelled by itself when the lock is lost: run what it protects in
        ``held.scope()``.  Called again, it gives back what it holds or has lost, and
        stands in line anew, at its end.

        Returns:
            What the holder has in hand.

        Raises:
            ReplyError: the server refused to let this client in line, or to confirm it.
            CoordinatorFailed: the coordinator has given up.
            ConnectionClosed: it has been left.
            trio.BusyResourceError: another task is at it.
            trio.ClosedResourceError: the block of ``Coordinator.contend`` has been left.
        """
        self._require_idle()
        if self._is_closed:
            raise trio.ClosedResourceError("the contender's block has been left")
        self._is_busy = True
        try:
            while True:
                await self._leave()
                session = await self._wait_for_session()
                try:
                    self._held = await self._take(session)
                except (zkwire.SessionExpired, zkwire.ConnectionClosed):
                    # The place in the line has gone with its session, and there is another
                    # to be had in the next, unless the coordinator is over: which that says.
                    continue
                except LeaseLost as lost:
                    if isinstance(lost.__cause__, zkwire.NoAuth):
                        # It would be refused again and again, and stand in others' way.
                        raise lost.__cause__ from None
                    continue
                return self._held
        except BaseException:
            await self._leave()  # noqa: ASYNC102  # shielded itself, for a second
            raise
        finally:
            self._is_busy = False

    async def release(self) -> None:
        """Give back what is held; nothing if there is nothing.

        A checkpoint, of at most a second.  Leaving the block of ``Coordinator.contend``
        does it too.

        Raises:
            trio.BusyResourceError: another task stands in line.
        """
        self._require_idle()
        await self._leave()
        await trio.lowlevel.checkpoint()

    async def close(self) -> None:  # noqa: ASYNC910  # where there is nothing to give back
        """Leave for good (for ``Locks``)."""
        self._is_closed = True
        await self._leave()

    def _require_idle(self) -> None:
        if self._is_busy:
            raise trio.BusyResourceError("another task stands in line for this contender")

    async def _leave(self) -> None:  # noqa: ASYNC910  # where there is nothing to leave
        """Give back what is held, or leave the line; not to be cancelled."""
        if self._lease is not None:
            # Before the node is removed: from then on it may be somebody else's turn.
            self._lease.give_back()
            if self._held is not None:
                state = "lost" if self._lease.lost.is_set() else "released"
                seconds = trio.current_time() - self._since
                self._held.session.telling.lease(self._held.path, state, seconds)
        self._service.cancel()
        self._held = self._lease = None
        place, self._place = self._place, None
        if place is not None:
            await place.leave()

    async def _take(self, session: Session) -> Held:
        """Stand in line within one session, and prove that the turn is one's own.

        Raises:
            SessionExpired, ConnectionClosed: the session is over.
            LeaseLost: what had been come by was lost before it could be handed out.
        """
        began = trio.current_time()
        self._place = place = Place(session, self._janitor, self._line)
        own = await place.wait_for_turn()
        self._lease = lease = Lease()
        heartbeat = Heartbeat(
            session, session.server_path(own), lease, self._tick_time, place.answered
        )
        self._service = service = trio.CancelScope(shield=True)

        async def serve() -> None:  # noqa: ASYNC910  # a background task
            # Shielded: a block that is cancelled may need the lock to clean up.  Lifted by
            # release(), at the latest when the block is left.
            with service:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(heartbeat.run)
                    nursery.start_soon(lease.run_out)

        self._nursery.start_soon(zkwire.as_service(serve))
        await lease.wait_valid()
        stat = await session.exists(own)
        if stat is None or stat.ephemeral_owner != session.id:
            raise LeaseLost(f"{own}: the node is gone, or another session's")
        lease.check()
        self._since = trio.current_time()
        session.telling.lease(own, "held", self._since - began)
        return Held(session, own, stat, lease)
