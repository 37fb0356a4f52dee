"""One attempt to connect, and what comes of it."""

from __future__ import annotations

import logging
import math
from typing import Final

import trio

import zkwire
from coordinator._addresses import ServerAddress
from coordinator._hosts import HostRing
from coordinator._opening import open_to
from coordinator._pace import Pace
from coordinator._root_path import ensure_root
from coordinator._session import Session
from coordinator._standing import Standing
from coordinator._state import State
from coordinator._writable import find_writable

MIN_ATTEMPT: Final = 0.25
"""Seconds that one attempt gets at least, however short the timeout and long the list."""

UNANSWERED_FRACTION: Final = 0.6
"""Of the timeout: how long a server may go on sending without an answer to anything."""

_log: Final = logging.getLogger("coordinator")

# What an attempt can end in without being anybody's last word.  Any other ReplyError is:
# the only requests of an attempt are those that make the root path.
_TRANSIENT: Final = (
    OSError,
    zkwire.ConnectionLost,
    zkwire.ServerUnusable,
    zkwire.RemoteProtocolError,
    zkwire.NoNode,
    zkwire.NotReadOnly,
    zkwire.OperationTimeout,
    zkwire.RequestTimeout,
    zkwire.ServerConnectionLoss,
    zkwire.SessionMoved,
    zkwire.SystemFailure,
    zkwire.Throttled,
)


class Attempts:
    """Connects to one server at a time, and stays with it for as long as it lasts.

    Records what goes wrong, and returns; never raises.
    """

    def __init__(
        self, standing: Standing, hosts: HostRing, pace: Pace, stop: trio.CancelScope
    ) -> None:
        """``stop`` is what the attempts run in, cancelled when the coordinator is left."""
        self._standing = standing
        self._hosts = hosts
        self._pace = pace
        self._stop = stop
        self._root_is_there = False
        self._refusals = 0

    @property
    def limit(self) -> float:
        """Seconds that one attempt may take.

        A round over all servers fits into half a timeout: about as much is left of
        a session whose server has fallen silent.  It is the granted timeout that
        counts, where there is one: it may be much shorter than what was asked for.
        Each round that came to nothing doubles the limit, up to the timeout: servers
        that are slow to answer must not be given up for ever just before they do.
        Not while the session can be saved: one server that accepts and says nothing
        must not have all of its time.
        """
        timeout = self._standing.timeout
        servers = len(self._hosts)
        rounds = self._pace.failures // servers
        if self._standing.status.state is State.SUSPENDED:
            rounds = 0
        limit = timeout / (2 * servers) * 2.0 ** min(rounds, 30)
        return max(min(limit, timeout), MIN_ATTEMPT)

    async def make(self, server: ServerAddress) -> None:  # noqa: ASYNC910  # a step of a background task
        """Connect to a server, and stay with it for as long as it lasts."""
        session = self._standing.session
        watches = zkwire.SessionWatches() if session is None else session.watches
        seconds = self.limit
        began = trio.current_time()
        self._standing.status.counters.attempts += 1
        asks_only = self._is_in_doubt(session)
        failure: Exception | None = None
        with trio.CancelScope(deadline=began + seconds) as limit:
            try:
                async with open_to(
                    server,
                    self._standing.config,
                    self._standing.identities,
                    session,
                    watches,
                    forgets_zxid=asks_only,
                ) as connection:
                    self._refusals = 0
                    self._tell(server, began, None)
                    if asks_only:
                        # The session lives.  Whether this server is behind it, or was merely
                        # closing connections before, shows when it is asked in earnest: at
                        # once, since whoever had the session meanwhile has lost it by this.
                        connection.detach()
                        self._hosts.prefer(server)
                        self._pace.refused()
                        raise zkwire.ServerUnusable("it was asked only whether the session exists")
                    if session is None:
                        self._root_is_there = False
                        session = self._standing.open_session(connection.session, watches)
                    await self._serve(session, connection, server, limit)
            except (zkwire.AuthFailed, zkwire.SessionClosedRequireSaslAuth) as error:
                self._tell(server, began, error)
                self._standing.refuse_identity(error)
            except zkwire.SessionExpired as error:
                self._tell(server, began, error)
                self._refusals = 0
                self._pace.refused()
                self._standing.expired(error)
            except _TRANSIENT as error:
                failure = error
                self._refusals += isinstance(error, zkwire.ServerUnusable)
            except zkwire.ReplyError as error:
                self._standing.refuse_root(error)
        if limit.cancelled_caught:
            failure = TimeoutError(f"no answer within {seconds:.3f} s")
        if failure is not None:
            self._pace.failed()
            self._standing.last_failure = failure
            self._tell(server, began, failure)
            _log.debug("%s: %s", server, failure)

    def _tell(self, server: ServerAddress, began: float, failure: Exception | None) -> None:
        seconds = trio.current_time() - began
        self._standing.telling.attempt(server, seconds, failure)

    def _is_in_doubt(self, session: Session | None) -> bool:
        """Whether to ask no more than whether the session exists.

        Every server closes the connection on a client that has seen more than itself.
        An ensemble that was restored from a backup, or begun anew, is behind for ever,
        and does not know the session: the client would never be told so.
        """
        return (
            session is not None
            and self._standing.status.state is State.LOST
            and self._refusals >= 2 * len(self._hosts)
        )

    async def _serve(
        self,
        session: Session,
        connection: zkwire.Connection,
        server: ServerAddress,
        limit: trio.CancelScope,
    ) -> None:
        """Let the session go on over this connection, until it is lost."""
        try:
            await self._prepare(connection, limit)
            self._standing.connected(session, connection, server)
            cause = await self._stay(session, connection)
            self._hosts.lost(server)
        finally:
            self._standing.disconnected(session, connection)
        if session.is_read_only and connection.is_alive:
            await connection.aclose()
            message = "left a read-only server: another takes writes"
            self._standing.expired(zkwire.ServerUnusable(message))
            return
        self._standing.status.move(State.SUSPENDED, cause=cause, session_id=session.id)

    async def _prepare(self, connection: zkwire.Connection, limit: trio.CancelScope) -> None:
        """Have the root path made, within the limit, which holds no longer after that."""
        try:
            # A read-only server makes no nodes: what is there is there.
            if not self._root_is_there and not connection.session.read_only:
                await ensure_root(connection, self._standing.config.root_path)
                self._root_is_there = True
            limit.deadline = math.inf
            # It may have passed, or stop() been called, since the server's answer woke
            # this task: that must not come out at a checkpoint after the announcement.
            await trio.lowlevel.checkpoint_if_cancelled()
        except (trio.Cancelled, *_TRANSIENT):
            if not self._stop.cancel_called:
                # The next attempt may go on with the session: do not end it.
                connection.detach()
            raise

    async def _stay(self, session: Session, connection: zkwire.Connection) -> Exception | None:
        """Wait for the connection to end; returns what ended it."""
        await trio.lowlevel.checkpoint()
        began = trio.current_time()
        if session.is_read_only and await self._find_writable(connection):
            return None
        while connection.is_alive and trio.current_time() < _given_up_at(session):
            await connection.wait_lost(unanswered=session.negotiated_timeout * UNANSWERED_FRACTION)
        self._pace.ended(lived=trio.current_time() - began)
        if not connection.is_alive:
            return connection.failure
        # Watch events keep coming, or a long reply, so the server is not silent; but our
        # requests do not reach it, or get no answer, and the session's clock may be
        # running out.  There is time left to ask another server.
        connection.detach()
        seconds = trio.current_time() - session.last_contact
        return TimeoutError(f"nothing has been answered for {seconds:.3f} s")

    async def _find_writable(self, connection: zkwire.Connection) -> bool:
        """Look for a server that takes writes while this connection lasts; True: found one."""
        found: ServerAddress | None = None
        async with trio.open_nursery() as nursery:

            async def look() -> None:
                nonlocal found
                config = self._standing.config
                found = await find_writable(self._hosts.servers, config.ssl_context, config.dial)
                nursery.cancel_scope.cancel()

            nursery.start_soon(look)
            await connection.wait_lost()
            nursery.cancel_scope.cancel()
        if found is not None:
            self._hosts.prefer(found)
        return found is not None


def _given_up_at(session: Session) -> float:
    """When its server will have answered nothing for too long."""
    return session.last_contact + session.negotiated_timeout * UNANSWERED_FRACTION
