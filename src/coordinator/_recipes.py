"""What a coordinator offers on top of its sessions: locks, elections, leases."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import zkwire
from coordinator._contender import Contender
from coordinator._election import Election
from coordinator._held import Held
from coordinator._janitor import Janitor
from coordinator._locks import Locks
from coordinator._place import Line
from coordinator._session import Session

LEASES: Final = "/leases"
"""Where the nodes of leases lie that belong to no lock."""


class Recipes:
    """The methods of a ``Coordinator`` that take part in lines of contenders."""

    def __init__(
        self, wait_for_session: Callable[[], Awaitable[Session]], janitor: Janitor, tick_time: float
    ) -> None:
        self._session_for_lines = wait_for_session
        self._locks = Locks(wait_for_session, janitor, tick_time)

    @asynccontextmanager
    async def lock(
        self,
        path: str,
        *,
        identifier: bytes = b"",
        acl: Sequence[zkwire.Acl] = zkwire.OPEN_ACL_UNSAFE,
    ) -> AsyncGenerator[Held]:
        """Wait for a lock, and run a block that is cancelled before anyone else can hold it.

        Entering is a checkpoint, which waits without limit: put a cancel scope around it.
        Contenders are served in the order in which they came, by whatever client: those
        of Curator and go-zookeeper on the same path take part, and those of kazoo with
        ``extra_lock_patterns=["-lock-"]``.  Cancelled at any point, it leaves nobody in
        line.  Leaving is a checkpoint of at most a second: it gives the lock away.

        While the session goes on, an interrupted connection costs nothing but time; if
        the session is lost while waiting, it waits again, in the next one.  Once held,
        the lock lasts as long as its lease, which each heartbeat that a majority has
        confirmed renews.  When that ends first, the block is cancelled.

        Args:
            path: the node under which contenders stand in line; made if it is missing,
                as a container.  A name without a slash lies at the root path.
            identifier: the data of the own node, for others to see who is in line.
            acl: of the own node; must let this client read, write and delete it.

        Yields:
            What the holder has in hand: ``valid()``, a fencing token, guarded writes.

        Raises:
            LeaseLost: the lease ended before the block did.
            ReplyError: the server refused to let this client in line.
            CoordinatorFailed: the coordinator has given up.
            ConnectionClosed: it has been left.
            InvalidArgument: the path is not legal, or is the root path itself.
        """
        line = Line(_line_path(path), identifier, tuple(acl))
        async with self._locks.hold(line) as held:
            yield held

    @asynccontextmanager
    async def contend(
        self,
        path: str,
        *,
        identifier: bytes = b"",
        acl: Sequence[zkwire.Acl] = zkwire.OPEN_ACL_UNSAFE,
    ) -> AsyncGenerator[Contender]:
        """Contend for a lock step by step: to bound the waiting alone, or to try again.

        ``async with coord.contend("x") as contender:``, and in it, within
        ``trio.move_on_after(5)`` for example, ``held = await contender.acquire()``.  What
        the lock protects then runs in ``async with held.scope():``.  Otherwise as ``lock``,
        for the same line of contenders.

        Entering is no checkpoint.  Leaving is one of at most a second, if there is
        anything to give back.

        Raises:
            InvalidArgument: the path is not legal, or is the root path itself.
        """
        line = Line(_line_path(path), identifier, tuple(acl))
        async with self._locks.contend(line) as contender:
            yield contender

    def election(
        self,
        path: str,
        data: bytes = b"",
        *,
        acl: Sequence[zkwire.Acl] = zkwire.OPEN_ACL_UNSAFE,
    ) -> Election:
        """An election: a lock whose holder others can find out.  Not a checkpoint.

        Args:
            path: the node under which candidates stand in line, as for ``lock``; Curator's
                ``LeaderSelector`` on the same path takes part.
            data: what the others see of this candidate, such as its address.
            acl: of the own node; must let this client read, write and delete it, and
                the others read it.

        Raises:
            InvalidArgument: the path is not legal, or is the root path itself.
        """
        line = Line(_line_path(path), data, tuple(acl))
        return Election(self._locks, self._session_for_lines, line)

    @asynccontextmanager
    async def lease(self, identifier: bytes = b"") -> AsyncGenerator[Held]:
        """Run a block for as long as the session can be relied on, and not longer.

        As ``lock``, without anybody to wait for: the node that is confirmed is an
        ephemeral one of its own under ``/leases``, a container that servers remove when it
        has been empty for some time.  For work that must be over before others see this
        client's ephemeral nodes go.

        Args:
            identifier: the data of the node.

        Raises:
            LeaseLost: the lease ended before the block did.
            ReplyError: the server refused to make the node.
            CoordinatorFailed: the coordinator has given up.
            ConnectionClosed: it has been left.
        """
        line = Line(LEASES, identifier, zkwire.OPEN_ACL_UNSAFE, has_turns=False)
        async with self._locks.hold(line) as held:
            yield held


def _line_path(path: str) -> str:
    parent = zkwire.check_path(path if path.startswith("/") else f"/{path}")
    if parent == "/":
        raise zkwire.InvalidArgument("path: contenders need a node of their own to stand under")
    return parent
