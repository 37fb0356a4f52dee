"""What applications hold: one handle over all sessions that it will ever have."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar, final

import trio

import zkwire
from coordinator._addresses import ServerAddress, parse_servers
from coordinator._config import Config
from coordinator._handover import Handover
from coordinator._janitor import Janitor
from coordinator._lasting_watch import lasting_watch
from coordinator._recipes import Recipes
from coordinator._rooted import RootedOperations
from coordinator._session import Session
from coordinator._sessions import Sessions
from coordinator._state import TERMINAL, State
from coordinator._statistics import Statistics
from coordinator._supervisor import Supervisor
from coordinator._transitions import Transitions

T = TypeVar("T")


@final
class Coordinator(RootedOperations, Recipes):
    """A ZooKeeper session that is kept alive, and replaced when it expires.

    Made by ``open_coordinator``.  Paths lie under its root path, in arguments,
    results and events alike; ``/zookeeper/config`` alone is the server's.

    Operations go to whichever session there is; for work that must end with the
    session use ``sessions()``.
    """

    def __init__(self, config: Config, supervisor: Supervisor, janitor: Janitor) -> None:
        RootedOperations.__init__(self, config.root_path)
        Recipes.__init__(self, self._wait_for_session, janitor, config.tick_time)
        self._supervisor = supervisor
        self._standing = supervisor.standing
        self._status = supervisor.standing.status

    def __repr__(self) -> str:
        session = self._standing.announced.value.session
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
        return self._standing.announced.value.session

    @property
    def failure(self) -> Exception | None:
        """Why the coordinator has given up, if it has."""
        return self._standing.failure

    @property
    def last_failure(self) -> Exception | None:
        """What the latest attempt to connect came to grief over; None once one succeeds.

        Servers that cannot be reached, or that refuse TLS, are tried for ever: this, and
        the log, say why ``wait_connected`` is still waiting.
        """
        return self._standing.last_failure

    @property
    def servers(self) -> tuple[ServerAddress, ...]:
        """All servers that it knows of now, in the order in which they are tried."""
        return self._supervisor.servers

    @property
    def server(self) -> ServerAddress | None:
        """The server that the session is connected to, if it is."""
        return self._standing.server

    def statistics(self) -> Statistics:
        """Return the coordinator in figures; may be called from any thread."""
        return self._standing.statistics()

    @property
    def connected(self) -> trio.Event:
        """Set while a server answers; a new event takes its place when that is over."""
        return self._status.epochs.connected.event

    @property
    def suspended(self) -> trio.Event:
        """Set when the connection goes; renewed when a server answers again."""
        return self._status.epochs.suspended.event

    @property
    def lost(self) -> trio.Event:
        """Set when the session is given up as LOST, or expires; renewed with the next CONNECTED."""
        return self._status.epochs.lost.event

    @property
    def expired(self) -> trio.Event:
        """Set when a server says that the session is gone; renewed with the next session."""
        return self._status.epochs.expired.event

    @property
    def reconnected(self) -> trio.Event:
        """Set when a session goes on after an interruption; renewed at the next one."""
        return self._status.epochs.reconnected.event

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
            raise self._standing.terminal_error()

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
        raise self._standing.terminal_error()

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
        return Sessions(self._standing)

    # --- servers and sessions -------------------------------------------------------------

    def update_servers(self, servers: Sequence[str]) -> None:
        """Use another list of servers from now on.

        Not a checkpoint.  The session goes on.  Where the load of the ensemble asks for
        it, this client leaves its server for another: each does so by chance, so that
        all of them together end up spread evenly.

        Args:
            servers: one ``host:port`` for each server, as for ``open_coordinator``.

        Raises:
            ConfigurationError: an address breaks a rule; nothing has changed.
        """
        self._supervisor.update_servers(parse_servers(servers))

    def detach(self) -> Handover:
        """Leave without ending the session, so that somebody else can go on with it.

        Not a checkpoint.  The coordinator is closed; its ephemeral nodes stay, until
        nobody has taken the session up for as long as its timeout.

        Returns:
            What ``open_coordinator(attach=...)`` takes, in this process or another.

        Raises:
            ConnectionClosed: there is no session to leave.
        """
        handover = self._supervisor.detach()
        if handover is None:
            raise zkwire.ConnectionClosed(outcome=zkwire.Outcome.NOT_SENT)
        return handover

    # --- operations -----------------------------------------------------------------------

    async def add_auth(self, scheme: str, credential: bytes) -> None:
        """Add an identity, for this connection and all that follow; see ``Session.add_auth``.

        A checkpoint, which waits for a session.

        Raises:
            AuthFailed: the server refused.
            CoordinatorFailed: the coordinator has given up.
            ConnectionClosed: it has been left.
        """
        while True:
            session = await self._wait_for_session()
            try:
                await session.add_auth(scheme, credential)
            except zkwire.SessionExpired:
                continue
            return

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
        while True:  # noqa: ASYNC913  # perform() waits
            session = self._standing.announced.value.session
            # Not waited for where it is there: that would be a pass through the scheduler.
            if session is None or session.is_over:
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
        self,
        path: str,
        *,
        recursive: bool = False,
        capacity: int = zkwire.STREAM_CAPACITY,
    ) -> AsyncGenerator[zkwire.WatchStream]:
        """Follow a node's changes for as long as the block lasts, over whatever sessions.

        As ``zkwire.Operations.watch``, but that the stream goes on over reconnects and into
        the next session, with a ``WatchGap`` for each: behind a gap the watch is set again,
        and what is read then misses nothing.  Waiting for an item may thus mean to wait
        for a session.  Once the coordinator is left or has given up, that raises
        ``ConnectionClosed`` or ``CoordinatorFailed``.

        A stream that ends with its session is that of ``Session.watch``.  One-shot watches
        always do, with ``SessionExpired``: what was read with them has to be read anew.
        """
        async with lasting_watch(
            self._wait_for_session, path, self.client_path, recursive=recursive, capacity=capacity
        ) as stream:
            yield stream

    async def arm(self, request: zkwire.Request[T], watch: zkwire.Watch) -> T:
        """Perform a read that sets a one-shot watch, in one session (for its own use).

        The watch belongs to the session of its read, and ends with ``SessionExpired``: what
        was read is old news in the next session, and has to be read anew.
        """
        while True:
            session = await self._wait_for_session()
            try:
                return await session.arm(request, watch)
            except zkwire.SessionExpired as error:
                if error.outcome is not zkwire.Outcome.NOT_SENT:
                    raise

    async def _wait_for_session(self) -> Session:
        announcement = await self._standing.announced.wait_until(
            lambda a: a.is_last or (a.session is not None and not a.session.is_over)
        )
        if announcement.is_last or announcement.session is None:
            raise self._standing.terminal_error()
        return announcement.session
