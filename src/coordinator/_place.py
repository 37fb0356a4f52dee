"""One place in a line, within one session."""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import uuid4

import trio

import zkwire
from coordinator._heartbeat import Answered
from coordinator._janitor import Janitor, is_unreadable, remove_all
from coordinator._make_node import make_node
from coordinator._queue_nodes import QueueNode, in_line, own_prefix
from coordinator._session import Session

LEAVE_GRACE: Final = 1.0
"""Seconds that leaving the line may take before the rest is left to the janitor."""


class Line(NamedTuple):
    """Where to stand, and as whom."""

    parent: str
    data: bytes
    acl: tuple[zkwire.Acl, ...]
    has_turns: bool = True
    """Whether one stands in it at a time; else everybody in it does at once."""


class Place:
    """Stands in line with a node of its own, and nobody knows it by another.

    The node's name begins with a guid that no other has, made anew for each place in
    a line: after a create whose answer was lost, it is found by that (the "protected"
    create of Curator, and the recipe's "recoverable errors and the GUID").
    """

    def __init__(self, session: Session, janitor: Janitor, line: Line) -> None:
        self.session = session
        self.answered: Answered | None = None
        """The create, if it went over the connection that there was before and after it."""
        self._janitor = janitor
        self._line = line
        self._guid = str(uuid4())
        self._own: str | None = None
        self._is_in_doubt = False
        """Whether there may be nodes of ours beside that one, or one and we do not know it."""

    async def wait_for_turn(self) -> str:
        """Enter the line, and wait to be the first in it; the path of the own node.

        A checkpoint.  Whether it is cancelled or fails, ``leave`` must follow.

        To be the first in any list that shows the own node is to be the first for good:
        whoever was before has gone, and whoever comes later gets a higher number.

        Raises:
            SessionExpired: the session is gone, and the place in the line with it.
            ConnectionClosed: the coordinator has been left.
            ConnectionLost: a list or a node is larger than this client reads.
            ReplyError: the server refused to let this client in line.
        """
        own = await self._enter()
        while self._line.has_turns:
            before = await self._before(own)
            if before is None:
                own = await self._enter()  # somebody has removed it
            elif not before:
                break
            else:
                await self._wait_for(before[-1].name)
        return f"{self._line.parent}/{own}"

    async def leave(self) -> None:  # noqa: ASYNC910  # a step of leaving a line
        """Leave the line, from wherever in it.

        A checkpoint if there is anything to leave; not to be cancelled, and over within a
        second.  What is left then is removed as soon as a server can be reached.
        """
        own = None if self._is_in_doubt else self._own
        if self.session.is_over or (own is None and not self._is_in_doubt):
            return  # noqa: ASYNC910  # a request is one
        self._own, self._is_in_doubt = None, False
        gone = self._janitor.remove(self.session, self._line.parent, self._guid, own)
        with trio.move_on_after(LEAVE_GRACE, shield=True):
            await gone.wait()

    # --- steps ------------------------------------------------------------------------------

    async def _enter(self) -> str:  # noqa: ASYNC910  # a step of standing in line
        prefix = f"{self._line.parent}/{own_prefix(self._guid)}"
        mode = zkwire.CreateMode.EPHEMERAL_SEQUENTIAL
        while True:
            # Not within the same step as the create: which connection that goes over is the
            # session's affair.  The same one afterwards can but be the one.
            connection = await self.session.wait_for_connection()
            began, was_in_doubt = trio.current_time(), self._is_in_doubt
            self._is_in_doubt = True
            try:
                path = await self.session.create(prefix, self._line.data, mode, acl=self._line.acl)
            except zkwire.NoNode:
                self._is_in_doubt = was_in_doubt
                await make_node(self.session, self._line.parent, zkwire.CreateMode.CONTAINER)
            except zkwire.ConnectionLost:
                if (own := await self._look_for_own()) is not None:
                    return own
            else:
                self._own, self._is_in_doubt = path.rpartition("/")[2], was_in_doubt
                if await self.session.wait_for_connection() is connection:
                    self.answered = Answered(connection, began)
                return self._own

    async def _look_for_own(self) -> str | None:  # noqa: ASYNC910  # a step of standing in line
        """The node that a create of unknown outcome has made, if it has."""
        while True:  # noqa: ASYNC913  # a request is one
            try:
                return await remove_all(
                    self.session, self._line.parent, self._guid, but_the_first=True
                )
            except zkwire.ConnectionLost as error:
                if is_unreadable(error):
                    raise

    async def _before(self, own: str) -> list[QueueNode] | None:  # noqa: ASYNC910  # a step
        """Those who stand before the own node; None if that is not there."""
        try:
            line = in_line(await self.session.get_children(self._line.parent))
        except zkwire.NoNode:
            return None  # noqa: ASYNC910  # a request is one
        names = [node.name for node in line]
        return line[: names.index(own)] if own in names else None

    async def _wait_for(self, name: str) -> None:  # noqa: ASYNC910  # a step of standing in line
        """Wait for a change of the one node before: a release wakes one contender alone."""
        path = f"{self._line.parent}/{name}"
        try:
            _, _, watch = await self.session.get_and_watch(path)
        except zkwire.NoNode:
            return  # noqa: ASYNC910  # a request is one
        with watch:  # whoever waits a little, again and again, must not leave one each time
            await watch.wait()
