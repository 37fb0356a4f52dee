"""What applications hold: one handle over all sessions that it will ever have."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar, final

import trio

import zkwire
from coordinator._config import Config
from coordinator._rooted import RootedOperations
from coordinator._session import Session
from coordinator._sessions import Sessions
from coordinator._state import TERMINAL, State
from coordinator._supervisor import Supervisor
from coordinator._transitions import Transitions

T = TypeVar("T")


@final
class Coordinator(RootedOperations):
    """A ZooKeeper session that is kept alive, and replaced when it expires.

    Made by ``open_coordinator``.  Paths lie under its root path, in arguments,
    results and events alike; ``/zookeeper/config`` alone is the server's.

    Operations go to whichever session there is; for work that must end with the
    session use ``sessions()``.
    """

    def __init__(self, config: Config, supervisor: Supervisor) -> None:
        super().__init__(config.root_path)
        self._supervisor = supervisor
        self._status = supervisor.status

    def __repr__(self) -> str:
        session = self._supervisor.announced.value.session
        return f"<Coordinator {self.state.value}: {session}>"

    # --- state ----------------------------------------------------------------------------

    @property
    def root_path(self) -> str:
        """The node under which all paths lie."""
        return self._root_path

    @property
    def state(self) -> State:
        """The state now."""
        return self._status.state

    @property
    def session(self) -> Session | None:
        """The latest session that was announced; it may be lost, or over."""
        return self._supervisor.announced.value.session

    @property
    def failure(self) -> Exception | None:
        """Why the coordinator has given up, if it has."""
        return self._supervisor.failure

    @property
    def connected(self) -> trio.Event:
        """Set while a server answers; a new event takes its place when that is over."""
        return self._status.epochs.connected

    @property
    def suspended(self) -> trio.Event:
        """Set when the connection goes; renewed when a server answers again."""
        return self._status.epochs.suspended

    @property
    def lost(self) -> trio.Event:
        """Set when the session is given up as LOST, or expires; renewed with the next CONNECTED."""
        return self._status.epochs.lost

    @property
    def expired(self) -> trio.Event:
        """Set when a server says that the session is gone; renewed with the next session."""
        return self._status.epochs.expired

    @property
    def reconnected(self) -> trio.Event:
        """Set when a session goes on after an interruption; renewed at the next one."""
        return self._status.epochs.reconnected

    async def wait_connected(self) -> None:
        """Wait until a server answers, with a session and with the root path in place.

        This is a checkpoint, and can be cancelled without effect.

        Raises:
            CoordinatorFailed: the coordinator has given up.
            ConnectionClosed: it has been left.
        """
        wanted = {State.CONNECTED, State.READ_ONLY}
        await self._status.cell.wait_until(lambda state: state in wanted or state in TERMINAL)
        if self.state in TERMINAL:
            raise self._supervisor.terminal_error()

    async def wait_expired(self) -> None:
        """Wait until a server says that a session is gone; does not look back.

        This is a checkpoint, and can be cancelled without effect.

        Raises:
            CoordinatorFailed: the coordinator has given up.
            ConnectionClosed: it has been left.
        """
        async for transition in self.transitions():
            if transition.state is State.EXPIRED:
                return
        raise self._supervisor.terminal_error()

    def transitions(self) -> Transitions:
        """Follow every change of state from now on, without loss.

        Not a checkpoint; each step of the iteration is one.  Ends behind CLOSED or
        AUTH_FAILED; a coordinator that is closed already has none to come.
        """
        if self.state in TERMINAL:
            return Transitions(None)
        return self._status.log.read()

    def sessions(self) -> Sessions:
        """Go through the sessions, as each becomes one that may be relied on.

        Not a checkpoint; each step of the iteration is one.  Yields the present
        session first, if it may be relied on.  A session that was given up as LOST
        and then turned out to have survived comes again, since the work that its
        ``scope()`` protected was cancelled.  One that ended before it could be
        yielded is passed over.  Ends when the coordinator is left.

        The iteration raises ``CoordinatorFailed`` if the coordinator gives up.
        """
        return Sessions(self._supervisor)

    # --- operations -----------------------------------------------------------------------

    async def perform(
        self, request: zkwire.Request[T], *, watch: zkwire.Watcher | None = None
    ) -> T:
        """Send a request over whichever session there is, or will be.

        A checkpoint, which waits without limit while no server is connected: put a
        cancel scope around it.  What never reached the wire waits for the next
        connection or session; a write that did is never sent again.

        Raises:
            ReplyError: the server refused it.
            ConnectionLost: with ``Outcome.UNKNOWN``: it was written, and no answer came.
            CoordinatorFailed: the coordinator has given up.
            ConnectionClosed: it has been left.
        """
        while True:
            session = await self._wait_for_session()
            try:
                return await session.perform(request, watch=watch)
            except zkwire.SessionExpired as error:
                if error.outcome is not zkwire.Outcome.NOT_SENT:
                    raise

    @property
    def watches(self) -> zkwire.SessionWatches:
        """Those of the latest session."""
        session = self.session
        return zkwire.SessionWatches() if session is None else session.watches

    @asynccontextmanager
    async def watch(
        self, path: str, *, recursive: bool = False
    ) -> AsyncGenerator[zkwire.WatchStream]:
        """Follow a node's changes in the session that there is, or will be next.

        As ``zkwire.Operations.watch``.  The stream goes on over reconnects, with a
        ``WatchGap`` for each, and ends with ``SessionExpired`` when its session does.
        """
        session = await self._wait_for_session()
        async with session.watch(path, recursive=recursive) as stream:
            yield stream

    async def _wait_for_session(self) -> Session:
        announcement = await self._supervisor.announced.wait_until(
            lambda a: a.is_last or (a.session is not None and not a.session.is_over)
        )
        if announcement.is_last or announcement.session is None:
            raise self._supervisor.terminal_error()
        return announcement.session
