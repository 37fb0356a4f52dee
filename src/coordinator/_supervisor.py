"""The background tasks: connect, serve, reconnect; and call a session lost in time.

They record what goes wrong and go on, or return; they never raise.
"""

from __future__ import annotations

import logging
import math
from random import Random
from typing import Final, NamedTuple

import trio

import zkwire
from coordinator._addresses import ServerAddress
from coordinator._cell import Cell
from coordinator._config import Config
from coordinator._errors import CoordinatorFailed
from coordinator._hosts import HostRing
from coordinator._pace import Pace
from coordinator._root_path import ensure_root
from coordinator._session import Session
from coordinator._state import TERMINAL, State
from coordinator._status import Status

MIN_ATTEMPT: Final = 0.25
"""Seconds that one attempt gets at least, however short the timeout and long the list."""

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


class Announcement(NamedTuple):
    """A session that may be relied on: a new one, or one that was LOST and has survived."""

    number: int
    session: Session | None
    is_last: bool = False


class Supervisor:
    """Keeps one coordinator's session alive, and opens the next when it has expired."""

    def __init__(self, config: Config, random: Random) -> None:
        self._config = config
        self._hosts = HostRing(config.servers, random)
        self._pace = Pace(random)
        self._session: Session | None = None
        self._root_is_there = False
        self._stop = trio.CancelScope(shield=True)
        self.status = Status()
        self.announced = Cell(Announcement(0, None))
        """The last session that could be relied on."""
        self.failure: Exception | None = None
        """Why the coordinator has given up, if it has."""

    @property
    def attempt_limit(self) -> float:
        """Seconds that one attempt may take.

        A round over all servers fits into half a timeout: about as much is left of
        a session whose server has fallen silent.  It is the granted timeout that
        counts, where there is one: it may be much shorter than what was asked for.
        Each round that came to nothing doubles the limit, up to the timeout: servers
        that are slow to answer must not be given up for ever just before they do.
        """
        timeout = self._config.session_timeout
        if self._session is not None:
            timeout = self._session.negotiated_timeout
        servers = len(self._hosts)
        limit = timeout / (2 * servers) * 2.0 ** min(self._pace.failures // servers, 30)
        return max(min(limit, timeout), MIN_ATTEMPT)

    def stop(self) -> None:
        """Have the tasks end; the session is ended with them, if a server is connected."""
        if self._session is not None:
            # Before anything else: what runs in its scope must not be at work still
            # when the server has removed its nodes.
            self._session.close()
        self._stop.cancel()

    def terminal_error(self) -> zkwire.ZkwireError:
        """Why nothing goes any more; a new exception for each caller."""
        if self.failure is None:
            return zkwire.ConnectionClosed(outcome=zkwire.Outcome.NOT_SENT)
        error = CoordinatorFailed(str(self.failure))
        error.__cause__ = self.failure.__cause__
        return error

    async def run(self) -> None:  # noqa: ASYNC910  # a background task
        """Connect and reconnect until stopped (a background task)."""
        try:
            with self._stop:
                while self.failure is None:
                    await trio.sleep_until(self._pace.attempt_at(trio.current_time()))
                    await self._attempt(self._hosts.next())
        finally:
            # After a defect too: watch_for_loss() would wait for ever, in its shield.
            if self._session is not None:
                self._session.close()
            self.status.move(State.CLOSED, cause=self.failure)
            self.announced.set(self.announced.value._replace(is_last=True))

    async def watch_for_loss(self) -> None:
        """Call the session LOST when its timeout has passed without an answer (a background task).

        Apart from ``run``, which may just then be waiting for a server.
        """
        cell = self.status.cell
        with trio.CancelScope(shield=True):  # ends with CLOSED, which run() always reaches
            while True:
                state = await cell.wait_until(lambda s: s is State.SUSPENDED or s in TERMINAL)
                if state in TERMINAL or self._session is None:
                    return
                session = self._session
                with trio.move_on_at(session.lost_at):
                    await cell.wait_until(lambda s: s is not State.SUSPENDED)
                # Asked again: the session may have been connected, and suspended anew,
                # between two looks of this task.
                if self._session is session and self._is_due(session):
                    session.give_up()
                    self.status.move(State.LOST, session_id=session.id)

    def _is_due(self, session: Session) -> bool:
        is_suspended = self.status.state is State.SUSPENDED
        return is_suspended and trio.current_time() >= session.lost_at

    # --- one attempt ------------------------------------------------------------------------

    async def _attempt(self, server: ServerAddress) -> None:  # noqa: ASYNC910  # a step of a background task
        """Connect to a server, and stay with it for as long as it lasts."""
        session = self._session
        watches = zkwire.SessionWatches() if session is None else session.watches
        seconds = self.attempt_limit
        with trio.CancelScope(deadline=trio.current_time() + seconds) as limit:
            try:
                async with zkwire.open_connection(
                    server.host,
                    server.port,
                    dial=self._config.dial,
                    session_timeout=self._config.session_timeout,
                    credentials=None if session is None else session.credentials,
                    last_zxid=zkwire.NO_ZXID if session is None else session.last_zxid,
                    first_xid=zkwire.FIRST_XID if session is None else session.next_xid,
                    watches=watches,
                ) as connection:
                    if session is None:
                        session = self._open_session(connection, watches)
                    await self._serve(session, connection, limit)
            except zkwire.SessionExpired as error:
                self._expired(error)
            except _TRANSIENT as error:
                self._pace.failed()
                _log.debug("%s: %s", server, error)
            except zkwire.ReplyError as error:
                self._fail(error)
        if limit.cancelled_caught:
            self._pace.failed()
            _log.debug("%s: no answer within %.3f s", server, seconds)

    def _open_session(
        self, connection: zkwire.Connection, watches: zkwire.SessionWatches
    ) -> Session:
        self._root_is_there = False
        self._session = Session(connection.session, self._config.root_path, watches)
        return self._session

    async def _serve(
        self, session: Session, connection: zkwire.Connection, limit: trio.CancelScope
    ) -> None:
        """Let the session go on over this connection, until it is lost."""
        try:
            await self._prepare(connection, limit)
            self._announce(session, connection)
            cause = await self._stay(session, connection)
        finally:
            session.detach(connection)
        self.status.move(State.SUSPENDED, cause=cause, session_id=session.id)

    async def _prepare(self, connection: zkwire.Connection, limit: trio.CancelScope) -> None:
        """Have the root path made, within the limit, which holds no longer after that."""
        try:
            if not self._root_is_there:
                await ensure_root(connection, self._config.root_path)
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
        while connection.is_alive and trio.current_time() < session.lost_at:
            with trio.move_on_at(session.lost_at):
                await connection.wait_lost()
        self._pace.ended(lived=trio.current_time() - began)
        if not connection.is_alive:
            return connection.failure
        # Watch events keep coming, so the server is not silent, but our requests do
        # not reach it, or get no answer: the session can be expired without a word.
        connection.detach()
        return TimeoutError("nothing has been answered for a whole session timeout")

    def _announce(self, session: Session, connection: zkwire.Connection) -> None:
        is_news = self.status.state in {State.CONNECTING, State.LOST}
        session.attach(connection)
        self.status.move(State.CONNECTED, session_id=session.id)
        if is_news:
            self.announced.set(Announcement(self.announced.value.number + 1, session))

    def _expired(self, error: zkwire.SessionExpired) -> None:
        session, self._session = self._session, None
        self._pace.refused()
        if session is None:
            return
        session.expire()
        if self.status.state is not State.CONNECTING:
            self.status.move(State.EXPIRED, cause=error, session_id=session.id)
            self.status.move(State.CONNECTING)

    def _fail(self, error: zkwire.ReplyError) -> None:
        self.failure = CoordinatorFailed(
            f"the root path {self._config.root_path!r} cannot be made: {error}"
        )
        self.failure.__cause__ = error
