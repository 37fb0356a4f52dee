"""Removes nodes of those who have left a line, and whose removal could not be waited for.

A create whose answer was lost, or whose caller was cancelled, may have made a node that would
stand in line for as long as the session lives, with everybody behind it.
"""

from __future__ import annotations

import logging
import math
from functools import partial
from typing import Final, NamedTuple

import trio

import zkwire
from coordinator._queue_nodes import of_ours
from coordinator._session import Session

STOP_GRACE: Final = 1.0
"""Seconds for what is under way when the coordinator is left; its session ends meanwhile."""

_log: Final = logging.getLogger("coordinator")


class Job(NamedTuple):
    """Every node under ``parent`` that was made under ``guid``, in one session."""

    session: Session
    parent: str
    guid: str
    name: str | None
    """The one node that there is, where that is known."""
    done: trio.Event


class Janitor:
    """Cleans up behind contenders for as long as their sessions live."""

    def __init__(self, nursery: trio.Nursery) -> None:
        """``nursery``: where it works, a task for each contender that has left something."""
        self._nursery = nursery
        self._work: list[trio.CancelScope] = []
        self._ends_at = math.inf

    def remove(
        self, session: Session, parent: str, guid: str, name: str | None = None
    ) -> trio.Event:
        """Have the nodes removed; the event is set when they are, or their session is over."""
        job = Job(session, parent, guid, name, trio.Event())
        if self._ends_at < math.inf:
            # The coordinator is being left: so is the session.
            job.done.set()
        else:
            self._nursery.start_soon(zkwire.as_service(partial(self._clean, job)))
        return job.done

    def stop(self) -> None:
        """Take no more work; what there is ends with its sessions."""
        self._ends_at = trio.current_time() + STOP_GRACE
        for scope in self._work:
            scope.deadline = self._ends_at

    async def _clean(self, job: Job) -> None:  # noqa: ASYNC910  # a background task
        try:
            # What cancels the coordinator's block cancels those who stand in line in it,
            # and somebody has to clean up behind them.  Lifted by stop().
            with trio.CancelScope(deadline=self._ends_at, shield=True) as scope:
                self._work.append(scope)
                try:
                    while not await _remove(job):
                        pass
                finally:
                    self._work.remove(scope)
        finally:
            job.done.set()


async def _remove(job: Job) -> bool:  # noqa: ASYNC910  # a step
    """Remove what a job names; False if that has to be tried again."""
    session, parent = job.session, job.parent
    try:
        if job.name is not None:
            await remove_node(session, f"{parent}/{job.name}")
        else:
            await remove_all(session, parent, job.guid)
    except zkwire.ConnectionLost as error:
        if not is_unreadable(error):
            return False  # the session goes on over the next connection, which this waits for  # noqa: ASYNC910  # a request is one
        _warn(parent, error)
    except (zkwire.SessionExpired, zkwire.ConnectionClosed):
        pass  # the server removes them with the session
    except zkwire.ReplyError as error:
        _warn(parent, error)
    return True  # noqa: ASYNC910  # a request is one


def _warn(parent: str, error: zkwire.ZkwireError) -> None:
    _log.warning("nodes under %s may be left until their session ends: %r", parent, error)


def is_unreadable(error: zkwire.ConnectionLost) -> bool:
    """Whether an answer cost the connection: so it would the next time, and for ever."""
    return isinstance(error.__cause__, zkwire.RemoteProtocolError | zkwire.FrameStalled)


async def remove_all(
    session: Session, parent: str, guid: str, *, but_the_first: bool = False
) -> str | None:  # noqa: ASYNC910  # a step
    """Remove the nodes that were made under a guid; the name of one that was spared.

    A checkpoint.  The ``sync`` comes first because the server may be another than the
    one that the create was sent to: what that one has passed on is before it.

    Raises:
        ConnectionLost: some of them may be there still.
        SessionExpired, ConnectionClosed: the session is over.
        ReplyError: the server refused.
    """
    try:
        await session.sync(parent)
        nodes = of_ours(await session.get_children(parent), guid)
    except zkwire.NoNode:
        return None  # noqa: ASYNC910  # sync() was one, though it raised
    spared = nodes.pop(0).name if but_the_first and nodes else None
    for node in nodes:
        await remove_node(session, f"{parent}/{node.name}")
    return spared


async def remove_node(session: Session, path: str) -> None:  # noqa: ASYNC910  # a step
    """Delete a node; one that is missing is as good as deleted.

    A checkpoint.

    Raises:
        ConnectionLost: the outcome is unknown.
        SessionExpired, ConnectionClosed: the session is over.
        ReplyError: the server refused.
    """
    try:
        await session.delete(path)
    except zkwire.NoNode:
        return  # noqa: ASYNC910  # a request is one
