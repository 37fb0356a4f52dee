"""One connection, as its user sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar, final

import trio

from zkwire._errors import InvalidArgument
from zkwire._models import SessionInfo
from zkwire._proto._request import Request
from zkwire._proto._state import State
from zkwire._trio._engine import Engine
from zkwire._trio._operations import Operations
from zkwire._trio._session_watches import SessionWatches, Watcher
from zkwire._trio._slot import Slot
from zkwire._types import Xid, Zxid

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionStatistics:
    """A connection at one moment."""

    requests_in_flight: int
    tasks_waiting_for_room: int
    watches: int
    last_zxid: Zxid
    pings_answered: int
    last_ping_seconds: float
    """From the sending of the last answered ping to its answer; 0 before the first."""


@final
class Connection(Operations, trio.abc.AsyncResource):
    """A session's connection to one server.  Made by ``open_connection``.

    It does not reconnect: once lost it stays lost, and every call says so.  Paths
    are the server's.
    """

    def __init__(self, engine: Engine, *, close_grace: float) -> None:
        self._engine = engine
        self._protocol = engine.protocol
        self._close_grace = close_grace

    def __repr__(self) -> str:
        session = self._protocol.session
        name = "no session" if session is None else f"session {session.credentials}"
        return f"<Connection of {name}: {self._protocol.state.value}>"

    # --- what it is ---------------------------------------------------------------------

    @property
    def session(self) -> SessionInfo:
        """What the server granted in the handshake."""
        assert self._protocol.session is not None, "handed out only after the handshake"
        return self._protocol.session

    @property
    def watches(self) -> SessionWatches:
        """The session's armed watches."""
        return self._engine.watches

    @property
    def last_zxid(self) -> Zxid:
        """The highest transaction id that a reply has shown."""
        return self._protocol.last_zxid

    @property
    def next_xid(self) -> Xid:
        """The number with which the session's requests go on over another connection."""
        return self._protocol.next_xid

    @property
    def last_contact(self) -> float:
        """When, by ``trio.current_time()``, the last request that was answered had been sent.

        The server's clock for the session cannot have started earlier, so the
        session is safe from expiry for its timeout from then on, while this server
        stays in touch with the quorum.
        """
        return self._protocol.liveness.last_contact

    @property
    def handshake_sent(self) -> float:
        """When, by ``trio.current_time()``, the handshake had been sent, at the earliest.

        Its answer proves that the leader itself has heard of the session since.
        """
        return self._protocol.liveness.handshake_sent

    def contact_known_by(self, instant: float) -> float:
        """Tell what the server had received by an instant, for reckoning a lease.

        Args:
            instant: by ``trio.current_time()``, no longer ago than the session timeout.

        Returns:
            When the latest request was sent whose answer had come by then, thinned out to
            a twenty-fourth of the timeout; ``-inf`` where nothing had been answered.
        """
        return self._protocol.liveness.contacts.known_by(instant)

    @property
    def last_received(self) -> float:
        """When, by ``trio.current_time()``, the server was last heard of."""
        return self._protocol.liveness.last_received

    @property
    def is_alive(self) -> bool:
        """Whether requests can be sent."""
        return self._protocol.state is State.ACTIVE

    @property
    def failure(self) -> Exception | None:
        """What the connection died of, if it is lost and was not closed here."""
        return self._engine.failure

    async def wait_lost(self, *, unanswered: float = math.inf) -> None:
        """Wait until the connection is lost or closed; ``failure`` says which, and of what.

        This is a checkpoint, and can be cancelled without effect.

        Args:
            unanswered: seconds, more than 0; returns too once nothing that was sent within
                so many has been answered (``last_contact``).  A server may be alive, and
                send watch events, and yet not answer.

        Raises:
            InvalidArgument: ``unanswered`` is not more than 0.
        """
        if not unanswered > 0:
            raise InvalidArgument(f"unanswered: must be more than 0 seconds, not {unanswered!r}")
        await self._engine.wait_over(unanswered)

    def statistics(self) -> ConnectionStatistics:
        """Count what is going on."""
        return ConnectionStatistics(
            requests_in_flight=self._protocol.in_flight,
            tasks_waiting_for_room=self._engine.requests_waiting,
            watches=len(self._engine.watches),
            last_zxid=self.last_zxid,
            pings_answered=self._protocol.liveness.pings_answered,
            last_ping_seconds=self._protocol.liveness.last_ping_seconds,
        )

    # --- what it does -------------------------------------------------------------------

    async def perform(self, request: Request[T], *, watch: Watcher | None = None) -> T:
        """Send a request and wait for its reply.

        This is a checkpoint.  Cancelled before it is queued, the request has no
        effect; afterwards it may be applied, and its late reply is discarded.

        Raises:
            ReplyError: the server refused it.
            ConnectionLost: the connection died; ``outcome`` says before or after sending.
            ConnectionClosed: this side closed the connection.
            InvalidArgument: the request is longer than servers accept.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        slot = Slot(watch)
        self._engine.submit(request, slot)
        try:
            if self._engine.inlet.is_free:
                await self._engine.inlet.read_for(slot)
            value: T = await slot.wait()
        except BaseException:
            self._engine.withdraw(slot)
            raise
        return value

    def detach(self) -> None:
        """Drop the connection and leave the session open, to be attached to again.

        Not a checkpoint.  The session ends when its timeout has passed, unless
        somebody attaches to it before.
        """
        self._engine.close()

    async def aclose(self) -> None:
        """End the session, which removes its ephemeral nodes, and close the connection.

        This is a checkpoint.  Takes at most ``close_grace`` seconds, after which,
        or if it is cancelled, the connection is closed and the session left to its
        timeout.  Once closed, does nothing.
        """
        try:
            with trio.move_on_after(self._close_grace):
                await self._engine.end_session()
        finally:
            await self._engine.aclose()
