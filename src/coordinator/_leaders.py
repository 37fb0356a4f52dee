"""Who leads: the first in line, and the next, and the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self, final

import zkwire
from coordinator._queue_nodes import in_line
from coordinator._session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """Whoever is first in line in an election.

    Attributes:
        path: the leader's node, under the root path.
        data: what the leader says of itself.
        fencing_token: grows from leader to leader; see ``Held.fencing_token``.
    """

    path: str
    data: bytes | None
    fencing_token: zkwire.Zxid


@final
class Leaders:
    """An iteration over leaders; see ``Election.leaders``."""

    def __init__(self, wait_for_session: Callable[[], Awaitable[Session]], parent: str) -> None:
        self._wait_for_session = wait_for_session
        self._parent = parent
        self._is_first = True
        self._latest: Leader | None = None
        self._watch: zkwire.Watch | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Leader | None:
        """Wait for another leader than the one before; None: nobody is in line.

        A checkpoint, and cancelling it loses nothing.

        Raises:
            CoordinatorFailed: the coordinator has given up.
        """
        while True:  # noqa: ASYNC913  # a request is one
            try:
                if self._watch is not None:
                    await self._watch.wait()
                    self._watch = None
                session = await self._wait_for_session()
                leader, self._watch = await look(session, self._parent)
            except zkwire.SessionExpired:
                self._watch = None  # to be looked at anew, in the next session
                continue
            except zkwire.ConnectionClosed:
                raise StopAsyncIteration from None
            if self._is_first or leader != self._latest:
                self._is_first, self._latest = False, leader
                return leader  # noqa: ASYNC910  # a request is one


async def look(session: Session, parent: str) -> tuple[Leader | None, zkwire.Watch]:
    """Who is first in line, and a watch that fires when that changes.

    A checkpoint.  It is the first one's node that is watched, so a hundred candidates that
    come and go behind it wake nobody.

    Raises:
        SessionExpired, ConnectionClosed: the session is over.
        ConnectionLost: the list is larger than this client reads.
        ReplyError: the server refused.
    """
    while True:
        try:
            line = in_line(await session.get_children(parent))
            if line:
                path = f"{parent}/{line[0].name}"
                data, stat, watch = await session.get_and_watch(path)
                return Leader(path=path, data=data, fencing_token=stat.czxid), watch
            children, _, watch = await session.get_children_and_watch(parent)
            if not in_line(children):
                return None, watch
        except zkwire.NoNode:
            stat_of_parent, watch = await session.exists_and_watch(parent)
            if stat_of_parent is None:
                return None, watch
        session.watches.discard(session.server_path(parent), watch)
