"""One ZooKeeper session, as long as it lasts and over however many connections."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, TypeVar, final

import trio

import zkwire
from coordinator._cell import Cell
from coordinator._handover import Handover
from coordinator._identities import Identities
from coordinator._instrument import Telling
from coordinator._occasion import Occasion
from coordinator._rooted import RootedOperations

T = TypeVar("T")

MAX_FAULTS: Final = 2
"""Connections that a read may lose to answers that cannot be read, before it is given up."""

_UNREADABLE: Final = (zkwire.RemoteProtocolError, zkwire.FrameStalled)


@final
class Session(RootedOperations):
    """One ZooKeeper session.  Comes from ``Coordinator.sessions()``, never made by hand.

    Its operations wait while no server is connected, and fail for ever with
    ``SessionExpired`` once the session is gone: they are never carried over to
    another session, in which an ephemeral node would belong to somebody else.
    Paths lie under the coordinator's root path.
    """

    def __init__(
        self,
        granted: zkwire.SessionInfo,
        root_path: str,
        watches: zkwire.SessionWatches,
        identities: Identities | None = None,
        *,
        resumed: Handover | None = None,
        telling: Telling | None = None,
    ) -> None:
        self.credentials = granted.credentials
        """What it takes to attach to this session; keep the password out of logs."""
        super().__init__(root_path)
        self._watches = watches
        self._identities = Identities() if identities is None else identities
        self._telling = telling or Telling(None)
        self._connection: Cell[zkwire.Connection | None] = Cell(None)
        self._negotiated_timeout = granted.negotiated_timeout
        self._is_read_only = granted.read_only
        self._last_zxid = zkwire.NO_ZXID if resumed is None else resumed.last_zxid
        self._next_xid = zkwire.FIRST_XID if resumed is None else resumed.next_xid
        self._last_contact = float("-inf")
        self._lost = Occasion()
        self._expired = Occasion()
        self._closed = False
        self._scopes: set[trio.CancelScope] = set()

    def __repr__(self) -> str:
        state = "over" if self.is_over else "lost" if self.is_lost else "alive"
        return f"<Session {self.credentials}: {state}>"

    # --- what it is -----------------------------------------------------------------------

    @property
    def id(self) -> zkwire.SessionId:
        """The session's id."""
        return self.credentials.id

    @property
    def negotiated_timeout(self) -> float:
        """Seconds, as the last server granted them; a reconnect may change it."""
        return self._negotiated_timeout

    @property
    def is_read_only(self) -> bool:
        """Whether a server cut off from its majority has granted it, to itself alone."""
        return self._is_read_only

    @property
    def last_contact(self) -> float:
        """When, by ``trio.current_time()``, the last answered request had been sent."""
        connection = self._connection.value
        return self._last_contact if connection is None else connection.last_contact

    @property
    def lost(self) -> trio.Event:
        """Set when the session is given up as LOST, or has ended; a new one if it survives."""
        return self._lost.event

    @property
    def expired(self) -> trio.Event:
        """Set when a server has said that the session is gone."""
        return self._expired.event

    @property
    def is_lost(self) -> bool:
        """Whether nobody may rely on the session now."""
        return self._lost.is_set

    @property
    def is_over(self) -> bool:
        """Whether the session has ended for good."""
        return self._expired.is_set or self._closed

    @asynccontextmanager
    async def scope(self) -> AsyncGenerator[trio.CancelScope]:
        """Run a block that is cancelled when the session is lost or expires.

        Entering is a checkpoint, leaving is none.  A block entered too late is
        cancelled at its first checkpoint: there is no gap between looking and waiting
        in which an expiry could go by unnoticed.

        Yields:
            The cancel scope; ``cancelled_caught`` tells afterwards whether the
            session was the reason to leave.
        """
        await trio.lowlevel.checkpoint()
        scope = trio.CancelScope()
        self._scopes.add(scope)
        if self.is_lost:
            scope.cancel()
        try:
            with scope:
                yield scope
        finally:
            self._scopes.discard(scope)

    # --- operations -------------------------------------------------------------------------

    async def add_auth(self, scheme: str, credential: bytes) -> None:
        """Add an identity, for this connection and all that follow.

        A checkpoint.  Identities belong to connections: what the servers have once
        taken is sent on each new connection, of whatever session, before anything else.

        Args:
            scheme: for example ``"digest"``.
            credential: for ``"digest"``, ``b"user:password"``.  It travels in clear, and
                servers take any: a wrong one shows when an ACL refuses it.

        Raises:
            AuthFailed: the server knows no such scheme, or refused; it then closes the
                connection, which is made anew without it.
            SessionExpired: the session is gone.
            ConnectionClosed: the coordinator has been left.
        """
        while True:  # noqa: ASYNC913  # add_auth() waits
            try:
                await super().add_auth(scheme, credential)
            except zkwire.ConnectionLost:
                continue  # to add it twice is to add it once
            self._identities.add(scheme, credential)
            return  # noqa: ASYNC910  # likewise

    async def perform(
        self, request: zkwire.Request[T], *, watch: zkwire.Watcher | None = None
    ) -> T:
        """Send a request over whichever connection the session has, or gets.

        A checkpoint, which waits without limit while no server is connected: put a
        cancel scope around it.  A request that never reached the wire is sent over
        the next connection, and so is a read.  A write is sent once: if its
        connection dies before the answer, this raises.

        Raises:
            ReplyError: the server refused it.
            ConnectionLost: with ``Outcome.UNKNOWN``: it was written, and no answer came.
                A read, if twice what came in its place broke the protocol.
            SessionExpired: the session is gone; with ``Outcome.NOT_SENT`` if it went
                before the request was sent.
            ConnectionClosed: the coordinator has been left.
        """
        if not self._telling.is_heard:
            return await self._perform(request, watch)
        with self._telling.request(request.operation.name, request.path):
            return await self._perform(request, watch)

    async def _perform(self, request: zkwire.Request[T], watch: zkwire.Watcher | None) -> T:
        faults = 0
        while True:  # noqa: ASYNC913  # perform() waits
            connection = self._connection.value
            # Not waited for where it is there: that would be a pass through the scheduler.
            if connection is None or not connection.is_alive or self.is_over:
                connection = await self.wait_for_connection(request.path)
            try:
                return await connection.perform(request, watch=watch)
            except zkwire.ConnectionLost as error:
                # An answer that cannot be read, as one over the size limit, costs the
                # connection: asked for again and again it would cost every connection.
                faults += isinstance(error.__cause__, _UNREADABLE)
                may_go_again = request.is_read and faults < MAX_FAULTS
                if error.outcome is zkwire.Outcome.UNKNOWN and not may_go_again:
                    raise
            except zkwire.ConnectionClosed as error:
                # Closed here, but the session goes on: the supervisor has given up a
                # server that answers nothing.
                if self.is_over:
                    raise
                if error.outcome is zkwire.Outcome.UNKNOWN:
                    faults += 1
                    if not request.is_read or faults >= MAX_FAULTS:
                        message = "the connection was given up"
                        raise zkwire.ConnectionLost(message, outcome=error.outcome) from error

    async def wait_for_connection(self, path: str | None = None) -> zkwire.Connection:
        """Wait until the session has a connection, and return it: for what must not outlive it.

        A checkpoint, and cancelling it has no effect.

        Args:
            path: what an error is to name.

        Raises:
            SessionExpired: the session is gone.
            ConnectionClosed: the coordinator has been left.
        """
        connection = await self._connection.wait_until(
            lambda connection: self.is_over or (connection is not None and connection.is_alive)
        )
        if connection is None or self.is_over:
            raise self._end_error(path)
        return connection

    def _end_error(self, path: str | None = None) -> zkwire.ZkwireError:
        if self._closed:
            return zkwire.ConnectionClosed(outcome=zkwire.Outcome.NOT_SENT)
        return zkwire.SessionExpired(path, outcome=zkwire.Outcome.NOT_SENT)

    @property
    def telling(self) -> Telling:
        """Who is told of what is done in this session (for the coordinator's own use)."""
        return self._telling

    # --- for the supervisor ---------------------------------------------------------------------

    @property
    def watches(self) -> zkwire.SessionWatches:
        """The one-shot watches, to be handed to each connection."""
        return self._watches

    @property
    def last_zxid(self) -> zkwire.Zxid:
        """The highest transaction id that any of its connections has shown."""
        return self._last_zxid

    @property
    def next_xid(self) -> zkwire.Xid:
        """The number of the next request: never used twice within a session."""
        return self._next_xid

    @property
    def lost_at(self) -> float:
        """When nobody may rely on the session any more, if nothing is heard until then."""
        return self.last_contact + self._negotiated_timeout

    def attach(self, connection: zkwire.Connection) -> None:
        """Go on over this connection."""
        self._negotiated_timeout = connection.session.negotiated_timeout
        self._lost.renew()
        self._connection.set(connection)

    def detach(self, connection: zkwire.Connection) -> None:
        """The connection is over: keep what the next one needs."""
        self._last_zxid = connection.last_zxid
        self._next_xid = connection.next_xid
        self._last_contact = connection.last_contact
        self._connection.set(None)

    def give_up(self) -> None:
        """Nobody may rely on the session from now on, though it may yet turn out to live."""
        self._lost.set()
        for scope in self._scopes:
            scope.cancel()

    def expire(self) -> None:
        """A server has said that the session is gone."""
        self._expired.set()
        self._end()

    def close(self) -> None:
        """The coordinator is being left."""
        self._closed = not self._expired.is_set
        self._end()

    def _end(self) -> None:
        self.give_up()
        self._watches.end(self._end_error)
        self._connection.set(None)
