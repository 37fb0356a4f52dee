"""What the holder of a lock has in hand."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import final

import trio

import zkwire
from coordinator._errors import LeaseLost
from coordinator._lease import Lease
from coordinator._session import Session


@final
class Held:
    """A lock, a leadership or a lease that is held, or was.  Comes from a ``Coordinator``."""

    def __init__(self, session: Session, path: str, stat: zkwire.Stat, lease: Lease) -> None:
        self.session = session
        """The session that holds it; use it for what must end with the lock."""
        self.path = path
        """The holder's own node, under the root path."""
        self.fencing_token = stat.czxid
        """Grows from holder to holder, even when the lock's parent is made anew.

        It is the czxid of the holder's node: a resource outside of ZooKeeper that
        remembers the highest token it has seen, and refuses lower ones, is safe from
        a holder that does not know yet that it has been followed.
        """
        self._lease = lease

    def __repr__(self) -> str:
        return f"<Held {self.path}, token {self.fencing_token:#x}: {self._lease!r}>"

    def valid(self) -> bool:
        """Tell whether the lock is surely held at this instant; see ``Lease.valid``."""
        return self._lease.valid()

    def remaining(self) -> float:
        """Seconds for which it is surely held if nothing more is heard."""
        return self._lease.remaining()

    def check(self) -> None:
        """Do nothing while the lock is surely held.

        Raises:
            LeaseLost: it is not.
        """
        self._lease.check()

    @property
    def lost(self) -> trio.Event:
        """Set once the lock is over without having been released."""
        return self._lease.lost

    @asynccontextmanager
    async def scope(self) -> AsyncGenerator[trio.CancelScope]:
        """Run a block that is cancelled when the lock can be relied on no longer.

        ``Coordinator.lock`` runs its own block in one; this is for work in other tasks.

        Raises:
            LeaseLost: that is so already.
        """
        async with self._lease.scope() as scope:
            yield scope

    @contextmanager
    def guard(self) -> Generator[trio.CancelScope]:
        """As ``scope``, without a checkpoint: too late, the block ends at its first."""
        with self._lease.guard() as scope:
            yield scope

    async def multi(self, ops: Sequence[zkwire.WriteOp]) -> list[zkwire.WriteResult]:
        """Write if, and only if, the lock is still held when the server applies it.

        A checkpoint; otherwise as ``Operations.multi``.  The holder's own node is
        checked in the same transaction, so the write is safe from pauses and clocks
        of whatever length: it is the guard to prefer where what is protected lies in
        ZooKeeper itself.

        Args:
            ops: the writes; paths under the root path.

        Returns:
            The result of each, in order.

        Raises:
            LeaseLost: the lock is over; nothing was applied.
            ReplyError: an operation failed, and nothing was applied; ``index`` says which,
                and is None if it was the check: the own node's ACL must let its owner read it.
            ConnectionLost: with ``Outcome.UNKNOWN``: it may have been applied.
        """
        ops = list(ops)
        self._lease.check()
        try:
            results = await self.session.multi([zkwire.Check(self.path), *ops])
        except zkwire.ReplyError as error:
            if isinstance(error, zkwire.SessionExpired):
                self._lease.end("is over with its session", error)
                raise _lost("the session that held the lock is gone", error) from error
            if error.index is None:
                raise
            if error.index == 0 and isinstance(error, zkwire.NoNode):
                self._lease.end("is over: its node has been removed", error)
                raise _lost("the lock was gone when the server came to the write", error) from error
            # Behind the check, which is not the caller's; refused itself it has no index.
            error.index = error.index - 1 if error.index else None
            error.results = error.results[1:]
            raise
        return results[1:]


def _lost(message: str, error: zkwire.ReplyError) -> LeaseLost:
    lost = LeaseLost(message)
    lost.outcome = error.outcome
    return lost
