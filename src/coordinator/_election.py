"""Elections: a lock whose holder everybody can find out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import final

import zkwire
from coordinator._held import Held
from coordinator._leaders import Leader, Leaders
from coordinator._locks import Locks
from coordinator._place import Line
from coordinator._queue_nodes import QueueNode, in_line
from coordinator._session import Session


@final
class Election:
    """Candidates in a line, of whom the first leads.  Made by ``Coordinator.election``.

    The line is that of the lock on the same path, so it is one with those of Curator's
    ``LeaderSelector`` and of go-zookeeper's lock.
    """

    def __init__(
        self,
        locks: Locks,
        wait_for_session: Callable[[], Awaitable[Session]],
        line: Line,
    ) -> None:
        self._locks = locks
        self._wait_for_session = wait_for_session
        self._line = line

    def __repr__(self) -> str:
        return f"<Election at {self._line.parent}>"

    @property
    def path(self) -> str:
        """The node under which candidates stand in line."""
        return self._line.parent

    @asynccontextmanager
    async def campaign(self) -> AsyncGenerator[Held]:
        """Wait to be elected, and run a block that is cancelled before anyone else leads.

        Exactly as ``Coordinator.lock``: checkpoints, cancellation, errors.  Leaving the
        block is stepping down.  Campaigns of one election may run side by side; each is
        a candidate.
        """
        async with self._locks.hold(self._line) as held:
            yield held

    async def leader(self) -> Leader | None:
        """Tell who leads, or None: nobody is in line.

        A checkpoint, which waits without limit while there is no session.  It says who
        was first in line when the server looked, which may lag behind; whether that one
        may act on it is for its own lease to say.

        Raises:
            ReplyError: the server refused.
            CoordinatorFailed: the coordinator has given up.
            ConnectionClosed: it has been left.
        """
        while True:
            session = await self._wait_for_session()
            try:
                line = await _line(session, self.path)
                if not line:
                    return None
                path = f"{self.path}/{line[0].name}"
                data, stat = await session.get(path)
            except (zkwire.NoNode, zkwire.SessionExpired):
                continue  # stepped down between the two requests; or into the next session
            return Leader(path=path, data=data, fencing_token=stat.czxid)

    def leaders(self) -> Leaders:
        """Follow who leads: the present leader first, then at each change the new one.

        Not a checkpoint; each step of the iteration is one.  Latest value: a leader who
        is gone by the time of the step is passed over.  None stands for nobody.  A
        leader who changes its own data comes again.  The iteration goes on through
        reconnects and into the next session, and ends when the coordinator is left; it
        raises ``CoordinatorFailed`` if the coordinator gives up.
        """
        return Leaders(self._wait_for_session, self.path)


async def _line(session: Session, parent: str) -> list[QueueNode]:
    try:
        return in_line(await session.get_children(parent))
    except zkwire.NoNode:
        return []  # noqa: ASYNC910  # a request is one, though it raises
