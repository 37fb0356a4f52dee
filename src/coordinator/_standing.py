"""Where a coordinator stands with its servers: its session, its connection, and why not.

Facts, and the changes of state that follow from them; nothing here waits.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Final, NamedTuple

import trio

import zkwire
from coordinator._addresses import ServerAddress
from coordinator._cell import Cell
from coordinator._config import Config
from coordinator._errors import AuthenticationFailed, CoordinatorFailed
from coordinator._handover import Handover
from coordinator._identities import Identities
from coordinator._instrument import Telling
from coordinator._session import Session
from coordinator._stall import FRACTION
from coordinator._state import State
from coordinator._statistics import Statistics
from coordinator._status import Status

_log: Final = logging.getLogger("coordinator")


class Announcement(NamedTuple):
    """A session that may be relied on: a new one, or one that was LOST and has survived."""

    number: int
    session: Session | None
    is_last: bool = False


class Standing:
    """What the tasks of one coordinator know, and what its handle shows."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.telling = Telling(config.instrument)
        self.identities = Identities(config.auth)
        self.status = Status(self.telling)
        self.announced = Cell(Announcement(0, None))
        """The last session that could be relied on."""
        self.session = None if config.attach is None else self._resumed(config.attach)
        """The session that is being kept alive, announced or not."""
        self.connection: zkwire.Connection | None = None
        self.server: ServerAddress | None = None
        """The server that the session is connected to, if it is."""
        self.failure: CoordinatorFailed | None = None
        """Why the coordinator has given up, if it has."""
        self.last_failure: Exception | None = None
        """What the latest attempt came to grief over, if it did."""
        self._clock = trio.lowlevel.current_clock()

    # --- what it is -------------------------------------------------------------------------

    @property
    def timeout(self) -> float:
        """Seconds, as granted, or as asked for where nothing has been granted yet."""
        if self.session is None:
            return self.config.session_timeout
        return self.session.negotiated_timeout

    @property
    def stall_threshold(self) -> float:
        """Seconds for which the event loop may stand still without a word."""
        return self.timeout * FRACTION

    def statistics(self) -> Statistics:
        """Count what is going on, and what has been."""
        session, connection = self.session, self.connection
        now = None if connection is None else connection.statistics()
        return Statistics(
            state=self.status.state,
            session_id=None if session is None else session.id,
            negotiated_timeout=0.0 if session is None else session.negotiated_timeout,
            server=None if self.server is None else str(self.server),
            since_last_contact=0.0 if session is None else self._since_contact(session),
            requests_in_flight=0 if now is None else now.requests_in_flight,
            tasks_waiting_for_room=0 if now is None else now.tasks_waiting_for_room,
            watches=0 if now is None else now.watches,
            pings_answered=0 if now is None else now.pings_answered,
            last_ping_seconds=0.0 if now is None else now.last_ping_seconds,
            **asdict(self.status.counters),
        )

    def _since_contact(self, session: Session) -> float:
        return max(0.0, self._clock.current_time() - session.last_contact)

    def terminal_error(self) -> zkwire.ZkwireError:
        """Why nothing goes any more; a new exception for each caller."""
        if self.failure is None:
            return zkwire.ConnectionClosed(outcome=zkwire.Outcome.NOT_SENT)
        error = type(self.failure)(str(self.failure))
        error.__cause__ = self.failure.__cause__
        return error

    def handover(self) -> Handover | None:
        """What it takes to go on with the session elsewhere; None if there is none."""
        session = self.session
        if session is None or session.is_over:
            return None
        return Handover(
            credentials=session.credentials,
            last_zxid=session.last_zxid,
            next_xid=session.next_xid,
            negotiated_timeout=session.negotiated_timeout,
        )

    # --- what happens to it -------------------------------------------------------------------

    def open_session(self, granted: zkwire.SessionInfo, watches: zkwire.SessionWatches) -> Session:
        """A server has granted a new session."""
        self.session = Session(
            granted, self.config.root_path, watches, self.identities, telling=self.telling
        )
        return self.session

    def _resumed(self, handover: Handover) -> Session:
        granted = zkwire.SessionInfo(
            credentials=handover.credentials,
            negotiated_timeout=handover.negotiated_timeout or self.config.session_timeout,
            read_only=False,
        )
        return Session(
            granted,
            self.config.root_path,
            zkwire.SessionWatches(),
            self.identities,
            resumed=handover,
            telling=self.telling,
        )

    def connected(
        self, session: Session, connection: zkwire.Connection, server: ServerAddress
    ) -> None:
        """The session goes on over a connection on which everything is in place."""
        is_news = self.status.state in {State.CONNECTING, State.LOST}
        self.connection, self.server = connection, server
        self.last_failure = None
        session.attach(connection)
        state = State.READ_ONLY if session.is_read_only else State.CONNECTED
        self.status.move(state, session_id=session.id)
        if is_news:
            self.announced.set(Announcement(self.announced.value.number + 1, session))

    def disconnected(self, session: Session, connection: zkwire.Connection) -> None:
        """The connection is over, if it ever was ready."""
        self.connection = self.server = None
        session.detach(connection)

    def expired(self, cause: Exception) -> None:
        """A server has said that the session is gone, or it was the server's alone."""
        session, self.session = self.session, None
        if session is None:
            return
        session.expire()
        if self.status.state is not State.CONNECTING:
            self.status.move(State.EXPIRED, cause=cause, session_id=session.id)
            self.status.move(State.CONNECTING)

    def refuse_identity(self, error: zkwire.ReplyError) -> None:
        """What a server refuses once it will refuse for ever, and so will its peers."""
        self.failure = AuthenticationFailed(f"a server refused this client's identity: {error}")
        self.failure.__cause__ = error
        _log.error("%s", self.failure)

    def refuse_root(self, error: zkwire.ReplyError) -> None:
        """The root path cannot be made, and trying again would not help."""
        path = self.config.root_path
        self.failure = CoordinatorFailed(f"the root path {path!r} cannot be made: {error}")
        self.failure.__cause__ = error

    def stalled(self, seconds: float) -> None:
        """The event loop did not run for so long."""
        self.status.counters.stalled(seconds)
        self.telling.stalled(seconds)

    def close(self) -> None:
        """Everything is over."""
        if self.session is not None:
            self.session.close()
        is_auth = isinstance(self.failure, AuthenticationFailed)
        self.status.move(State.AUTH_FAILED if is_auth else State.CLOSED, cause=self.failure)
        self.announced.set(self.announced.value._replace(is_last=True))
