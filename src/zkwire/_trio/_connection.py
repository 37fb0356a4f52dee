"""One connection: requests go in by method calls, and two tasks move the bytes.

* Submitting is synchronous: xid, place in line and bytes in one step, so calls
  reach the wire in the order in which they were made.
* One task owns ``send_all``, which must never be cancelled halfway through a
  frame.  It sends all that is queued in one go each time it wakes.
* One task reads, decodes all that has come, and wakes the callers.  It waits for
  nobody: a reader that waited for a consumer would miss pings, and with them the
  session.  The timers run in it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar, assert_never, final

import trio

from zkwire._errors import (
    ConnectionLost,
    Outcome,
    RemoteProtocolError,
    ReplyError,
    ZkwireError,
)
from zkwire._models import SessionInfo
from zkwire._proto._events import (
    Event,
    HandshakeFailed,
    PeerFailed,
    ReplyReceived,
    SessionClosed,
    SessionOpened,
    WatchFired,
)
from zkwire._proto._protocol import ZkProtocol
from zkwire._proto._requests import Request
from zkwire._proto._state import State
from zkwire._trio._errors import ConnectionClosed
from zkwire._trio._operations import Operations
from zkwire._trio._slot import Slot
from zkwire._trio._watch import SessionWatches, Watch
from zkwire._types import WatchKind, Zxid

T = TypeVar("T")

READ_SIZE: Final = 256 * 1024
"""Bytes asked for at once: some thousand small replies, in one pass."""

LAST_LOOK: Final = 0.01
"""Seconds.  When this loop was kept from running, the answers of a healthy server
lie in the socket: read them before calling it silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionStatistics:
    """A connection at one moment."""

    requests_in_flight: int
    tasks_waiting_for_room: int
    watches: int
    last_zxid: Zxid


@final
class Connection(Operations, trio.abc.AsyncResource):
    """A session's connection to one server.  Made by ``open_connection``.

    It does not reconnect: once lost it stays lost, and every call says so.  Paths
    are the server's.
    """

    def __init__(
        self,
        stream: trio.abc.Stream,
        protocol: ZkProtocol,
        *,
        watches: SessionWatches | None,
        max_in_flight: int,
        close_grace: float,
    ) -> None:
        self._stream = stream
        self._protocol = protocol
        self._watches = SessionWatches() if watches is None else watches
        self._carries_watches_on = watches is not None
        self._max_in_flight = max_in_flight
        self._close_grace = close_grace
        self._handshake = Slot()
        self._writer_idle: trio.Event | None = None
        self._room: trio.Event | None = None
        self._over = trio.Event()
        self._closed_here = False
        self._failure: Exception | None = None
        self._services: list[trio.CancelScope] = []

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
    def last_zxid(self) -> Zxid:
        """The highest transaction id that a reply has shown."""
        return self._protocol.last_zxid

    @property
    def last_contact(self) -> float:
        """When, by ``trio.current_time()``, the last request that was answered had been sent.

        The server's clock for the session cannot have started earlier, so the
        session is safe from expiry for its timeout from then on, while this server
        stays in touch with the quorum.
        """
        return self._protocol.liveness.last_contact

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
        return self._failure

    async def wait_lost(self) -> None:
        """Wait until the connection is lost or closed; ``failure`` says which, and of what.

        This is a checkpoint, and can be cancelled without effect.
        """
        await self._over.wait()

    def statistics(self) -> ConnectionStatistics:
        """Count what is going on."""
        waiting = 0 if self._room is None else self._room.statistics().tasks_waiting
        return ConnectionStatistics(
            requests_in_flight=self._protocol.in_flight,
            tasks_waiting_for_room=waiting,
            watches=len(self._watches),
            last_zxid=self.last_zxid,
        )

    # --- requests -------------------------------------------------------------------------

    async def perform(self, request: Request[T], *, watch: Watch | None = None) -> T:
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
        while self._protocol.in_flight >= self._max_in_flight:
            self._room = self._room or trio.Event()
            await self._room.wait()
        slot = Slot(watch)
        self._submit(request, slot)
        value: T = await slot.wait()
        return value

    def _submit(self, request: Request[object], slot: Slot | None) -> None:
        if self._protocol.state is not State.ACTIVE:
            raise self._error(Outcome.NOT_SENT)
        self._protocol.submit(request, slot)
        self._wake_writer()

    def _error(self, outcome: Outcome) -> ZkwireError:
        """A new exception for one caller; what it was caused by is shared."""
        if self._closed_here:
            return ConnectionClosed(outcome=outcome)
        error = ConnectionLost("the connection is lost", outcome=outcome)
        error.__cause__ = self._failure
        return error

    def _watch_error(self) -> ZkwireError:
        return self._error(Outcome.UNKNOWN)

    # --- tasks ------------------------------------------------------------------------------

    async def write_all(self) -> None:
        """Send what is queued, whenever something is (the writer task)."""
        with self._service():
            while True:
                if data := self._protocol.data_to_send(trio.current_time()):
                    try:
                        await self._stream.send_all(data)
                    except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
                        self._die(error)
                else:
                    self._writer_idle = trio.Event()
                    await self._writer_idle.wait()

    def _wake_writer(self) -> None:
        if self._writer_idle is not None:
            self._writer_idle.set()
            self._writer_idle = None

    async def read_all(self) -> None:
        """Decode what comes in, and keep the timers (the reader task)."""
        with self._service():
            last_look = False
            while True:
                deadline = self._protocol.next_deadline()
                if last_look:
                    deadline = trio.current_time() + LAST_LOOK
                with trio.CancelScope(deadline=deadline) as timer:
                    await self._receive(timer)
                now = trio.current_time()
                silent = self._protocol.liveness.is_silent(now)
                if silent and last_look:
                    self._die(TimeoutError(f"the server has been silent since {self._silence()}"))
                last_look = silent
                if self._protocol.handle_timer(now):
                    self._wake_writer()

    async def _receive(self, timer: trio.CancelScope) -> None:
        """Receive until the timer cancels it, or the connection dies."""
        protocol = self._protocol
        while True:
            try:
                data = await self._stream.receive_some(READ_SIZE)
            except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
                self._die(error)
                await trio.lowlevel.checkpoint_if_cancelled()
                continue
            if not data:
                self._die(protocol.receive_eof() or EOFError("the server closed the connection"))
                await trio.lowlevel.checkpoint_if_cancelled()
                continue
            for event in protocol.receive_data(bytes(data), trio.current_time()):
                if type(event) is ReplyReceived:  # the hot path, before anything is matched
                    self._replied(event)
                else:
                    self._happened(event, timer)
            if self._room is not None and protocol.in_flight < self._max_in_flight:
                self._room.set()
                self._room = None

    def _silence(self) -> str:
        silent_for = trio.current_time() - self.last_received
        return f"{silent_for:.3f} s ago"

    def _service(self) -> trio.CancelScope:
        # Shielded: what cancels the body must not stop it from ending the session.
        # Lifted by _die, and at the latest close_grace after the body is left.
        scope = trio.CancelScope(shield=True)
        self._services.append(scope)
        if self._over.is_set():
            scope.cancel()
        return scope

    # --- what happens -----------------------------------------------------------------------

    def _replied(self, reply: ReplyReceived) -> None:
        slot = reply.ticket
        if not isinstance(slot, Slot):  # setWatches: nobody waits
            if reply.error is not None:
                self._die(reply.error)
            return
        if reply.error is not None:
            slot.fail(reply.error)
            return
        if slot.watch is not None:
            # In this very step: the event may be the next frame.
            kind = reply.request.watch
            if kind is WatchKind.DATA and reply.value is None:
                kind = WatchKind.EXIST
            if kind is not None and reply.request.path is not None:
                self._watches.register(kind, reply.request.path, slot.watch)
        slot.succeed(reply.value)

    def _happened(self, event: Event, timer: trio.CancelScope) -> None:
        match event:
            case ReplyReceived():
                self._replied(event)
            case WatchFired(event=fired):
                self._watches.deliver(fired)
            case SessionOpened():
                timer.deadline = self._protocol.next_deadline()
                self._rearm_watches()
                self._handshake.succeed(None)
            case HandshakeFailed(error=error):
                self._die(error)
            case SessionClosed():
                self._die(EOFError("the session was closed"))
            case PeerFailed(error=error):
                self._die(error)
            case _:
                assert_never(event)

    def _rearm_watches(self) -> None:
        for request in self._watches.table.rearm(self._protocol.last_zxid):
            self._protocol.submit(request, None)
        self._wake_writer()

    def _die(self, cause: Exception) -> None:
        """End it all: every waiter gets an exception of its own, and both tasks stop."""
        if self._over.is_set():
            return
        self._failure = None if self._closed_here else cause
        self._over.set()
        for ticket, outcome in self._protocol.give_up():
            if isinstance(ticket, Slot):
                ticket.fail(self._error(outcome))
        self._handshake.fail(cause)
        if not self._carries_watches_on:
            self._watches.end(self._watch_error)
        if self._room is not None:
            self._room.set()
            self._room = None
        for scope in self._services:
            scope.cancel()

    # --- the beginning and the end ------------------------------------------------------------

    async def shake_hands(self) -> None:
        """Wait for the handshake (for ``open_connection``).

        Raises:
            SessionExpired, ServerUnusable, RemoteProtocolError: what the server answered.
            ConnectionLost: no answer came.
        """
        try:
            await self._handshake.wait()
        except (ReplyError, RemoteProtocolError):
            raise
        except (OSError, EOFError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
            message = "the server did not answer the handshake"
            raise ConnectionLost(message, outcome=Outcome.NOT_SENT) from error

    def detach(self) -> None:
        """Drop the connection and leave the session open, to be attached to again.

        Not a checkpoint.  The session ends when its timeout has passed, unless
        somebody attaches to it before.
        """
        self._closed_here = True
        self._die(EOFError("detached"))

    async def aclose(self) -> None:
        """End the session, which removes its ephemeral nodes, and close the connection.

        This is a checkpoint.  Takes at most ``close_grace`` seconds, after which,
        or if it is cancelled, the connection is closed and the session left to its
        timeout.  Once closed, does nothing.
        """
        if self._protocol.state is State.ACTIVE:
            # Requests made from now on are refused; what is in flight is answered
            # first, since replies keep their order.
            self._protocol.close(None)
            self._closed_here = True
            self._wake_writer()
        with trio.move_on_after(self._close_grace, shield=True):
            if self._protocol.state is State.CLOSING:
                await self._over.wait()
        self._closed_here = self._closed_here or not self._over.is_set()
        self._die(EOFError("closed"))
        await trio.aclose_forcefully(self._stream)
