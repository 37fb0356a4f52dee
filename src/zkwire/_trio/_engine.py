"""The machinery of one connection: what becomes of each request, and of the connection.

* Submitting is synchronous: xid, place in line and bytes in one step, so calls
  reach the wire in the order in which they were made.
* Who writes: ``_outlet``.  Who reads, and wakes the callers: ``_inlet``.
* What falls due is done by a task that all connections share: ``_ticker``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, assert_never, final

import trio

from zkwire._errors import ConnectionLost, FrameStalled, InvalidArgument, Outcome, ZkwireError
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
from zkwire._proto._request import Request
from zkwire._proto._state import State
from zkwire._trio import _watch_overlap as overlap
from zkwire._trio._errors import ConnectionClosed, handshake_failure
from zkwire._trio._inlet import Inlet
from zkwire._trio._nursery import as_service
from zkwire._trio._outlet import Outlet
from zkwire._trio._patience import NEVER, Patience
from zkwire._trio._session_watches import SessionWatches
from zkwire._trio._slot import Slot
from zkwire._trio._socket import PlainSocket
from zkwire._trio._ticker import ticker
from zkwire._types import Zxid

_ACTIVE: Final = State.ACTIVE  # on the Enum class the look-up costs 0.1 us in CPython 3.11

LAST_LOOK: Final = 0.01
"""Seconds.  When this loop was kept from running, the answers of a healthy server
lie in the socket: read them before calling it silent."""


@final
class Engine:
    """What runs below a ``Connection``."""

    def __init__(
        self,
        stream: trio.abc.Stream,
        protocol: ZkProtocol,
        nursery: trio.Nursery,
        *,
        watches: SessionWatches | None,
        max_in_flight: int,
    ) -> None:
        self.protocol: Final = protocol
        self.watches: Final = SessionWatches() if watches is None else watches
        self.over: Final = trio.Event()
        """Set once the connection is lost or closed."""
        self.failure: Exception | None = None
        """What the connection died of, unless it was closed here."""
        self._stream = stream
        # TLS and streams of other makes go the general way.
        wire = PlainSocket(stream) if type(stream) is trio.SocketStream else stream
        self._nursery = nursery
        self._outlet = Outlet(wire, protocol, self._start_writing)
        self.inlet: Final = Inlet(wire, protocol, self._hand_out, self.end)
        self._owns_watches = watches is None
        self._max_in_flight = max_in_flight
        self._handshake = Slot()
        # Requests beyond max_in_flight.  The reader submits them in this order; tasks
        # woken together to submit for themselves would run in any order.
        self._line: OrderedDict[Slot, Request[Any]] = OrderedDict()
        self._closed_here = False
        self._ticker = ticker()
        self._patience = Patience()
        self._is_last_look = False
        self._defect: Exception | None = None
        # Shielded: what cancels the body must not stop them from ending the session.
        # Lifted by end(), and at the latest close_grace after the body is left.
        self._reading = trio.CancelScope(shield=True)
        self._writing = trio.CancelScope(shield=True)

    # --- requests -------------------------------------------------------------------------

    @property
    def requests_waiting(self) -> int:
        """Requests that are not in flight yet, because too many others are."""
        return len(self._line)

    def submit(self, request: Request[Any], slot: Slot) -> None:
        """Queue a request, or have it stand in line until there is room for it.

        Raises:
            ConnectionLost, ConnectionClosed: nothing can be sent any more.
            InvalidArgument: it is longer than servers accept.
        """
        state = self.protocol.state
        if state is not _ACTIVE and state is not State.AUTHENTICATING:
            raise self.error(Outcome.NOT_SENT)
        in_flight = self.protocol.in_flight
        if in_flight >= self._max_in_flight:  # and so it is while anybody waits
            self._line[slot] = request
        else:
            if request.watch is None:
                self.protocol.submit(request, slot)
            else:
                self._queue(request, slot)
            try:
                self._outlet.request_queued(is_alone=in_flight == 0)
            except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
                self.end(error)

    def withdraw(self, slot: Slot) -> None:
        """The caller was cancelled: its request has no effect if it is not queued yet."""
        self._line.pop(slot, None)

    def _let_in(self) -> None:
        """Submit what stands in line, as far as there is room."""
        while self._line and self.protocol.in_flight < self._max_in_flight:
            slot, request = self._line.popitem(last=False)
            try:
                self._queue(request, slot)
            except InvalidArgument as error:
                slot.fail(error)
        self._outlet.wake()

    def _queue(self, request: Request[Any], slot: Slot) -> None:
        for each, ticket in overlap.in_one_piece(self.watches, request, slot):
            self.protocol.submit(each, ticket)

    def _send_aside(self, request: Request[Any], *, must_succeed: bool) -> None:
        """Send what nobody waits for, as long as the connection lives."""
        if self.protocol.state is State.ACTIVE:
            self.protocol.submit(request, None if must_succeed else overlap.Unheard())
            self._outlet.wake()

    def error(self, outcome: Outcome) -> ZkwireError:
        """A new exception for one caller; what it was caused by is shared."""
        if self._closed_here:
            return ConnectionClosed(outcome=outcome)
        error = ConnectionLost("the connection is lost", outcome=outcome)
        error.__cause__ = self.failure
        return error

    # --- tasks ----------------------------------------------------------------------------

    async def write_all(self) -> None:  # noqa: ASYNC910  # a background task
        """Send what is queued, for as long as something often is (the writer task)."""
        if self.over.is_set():
            return  # noqa: ASYNC910  # end() came before this task
        with trio.CancelScope(shield=True) as self._writing, self._reporting_defects():
            try:
                await self._outlet.run()
            except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
                self.end(error)

    def _start_writing(self) -> None:
        if not self.over.is_set():
            self._nursery.start_soon(as_service(self.write_all))

    async def read_all(self) -> None:
        """Decode what comes in (the reader task).

        The timers go from here until its end.
        """
        self._ticker.join(self, self._nursery, self.protocol.next_deadline())
        self._send_now()
        try:
            with self._reading, self._reporting_defects():
                await self.inlet.run()
            if self._defect is not None:
                raise self._defect
        finally:
            self._ticker.leave(self)
            # Here, not when the block is left: a peer that broke the protocol must not
            # be kept waiting, nor a session that was detached be held by its old socket.
            await trio.aclose_forcefully(self._stream)

    def look_at_the_clock(self) -> float:
        """Do what is due (for the ticker); returns when to look again."""
        try:
            return self._look()
        except Exception as error:  # noqa: BLE001  # a defect, which the reader reports
            self._defect = error
            self.end(error)
            return trio.current_time() + LAST_LOOK

    def _look(self) -> float:
        now = trio.current_time()
        is_silent = not self.protocol.handle_timer(now)
        if is_silent and not self._is_last_look:
            self._is_last_look = True
            return now + LAST_LOOK
        self._is_last_look = False
        if is_silent:
            silence = now - self.protocol.liveness.last_received
            message = f"the server has been silent for {silence:.3f} s"
            missing = self.protocol.missing
            if missing:
                self.end(FrameStalled(f"{message}, {missing} bytes before the end of a frame"))
            else:
                self.end(TimeoutError(message))
        else:
            self._outlet.rest()
            self._send_now()
        return min(self.protocol.next_deadline(), self._impatience(now))

    def _impatience(self, now: float) -> float:
        return self._patience.look(now, self.protocol.liveness.last_contact)

    async def wait_over(self, unanswered: float) -> None:
        """Wait until it is over, or nothing has been answered for so many seconds."""
        if unanswered == NEVER or self.over.is_set():
            await self.over.wait()
            return
        event = self._patience.begin(unanswered)
        try:
            now = trio.current_time()
            self._ticker.set(self, min(self.protocol.next_deadline(), self._impatience(now)))
            await event.wait()
        finally:
            self._patience.cease(event)

    def _send_now(self) -> None:
        """Send what was queued just now; nothing else can be, that would share its write."""
        try:
            self._outlet.request_queued(is_alone=True)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            self.end(error)

    @contextmanager
    def _reporting_defects(self) -> Generator[None]:
        try:
            yield
        except Exception as error:
            # as_service reports it; nobody shall wait for this task.
            self.end(error)
            raise

    # --- what happens ---------------------------------------------------------------------

    def _hand_out(self, events: list[Event]) -> None:
        for event in events:
            if type(event) is ReplyReceived:  # the hot path, before anything is matched
                self._replied(event)
            else:
                self._happened(event)
        if self._line:
            self._let_in()

    def _replied(self, reply: ReplyReceived) -> None:
        slot, error = reply.ticket, reply.error
        if not isinstance(slot, Slot):  # setWatches, closeSession: nobody waits
            slot, error = overlap.answered_aside(reply)
            if slot is None:
                if error is not None:
                    self.end(error)
                return
        if error is not None:
            slot.fail(error)
            return
        if reply.request.watch is not None:
            overlap.enter_watch(self.watches, reply, slot)  # in this step: its event may be next
        slot.succeed(reply.value)

    def _happened(self, event: Event) -> None:
        match event:
            case ReplyReceived():
                self._replied(event)
            case WatchFired(event=fired):
                self.watches.deliver(fired)
            case SessionOpened():
                self._ticker.set(self, self.protocol.next_deadline())
                self._handshake.succeed(None)
            case HandshakeFailed(error=error):
                self.end(error)
            case SessionClosed():
                self.end(EOFError("the session was closed"))
            case PeerFailed(error=error):
                self.end(error)
            case _:
                assert_never(event)

    def rearm_watches(self, last_zxid: Zxid) -> None:
        """Set again what the session watched over its last connection.

        Args:
            last_zxid: the last one seen on that connection.

        Raises:
            ConnectionLost: nothing can be sent any more.
            InvalidArgument: a path is longer than ``max_outbound_frame`` has room for.
        """
        if self.protocol.state is not State.ACTIVE:
            raise self.error(Outcome.NOT_SENT)
        for request, ticket in overlap.set_again(self.watches, self._send_aside, last_zxid):
            self.protocol.submit(request, ticket)
        self._send_now()

    # --- the beginning and the end --------------------------------------------------------

    async def shake_hands(self) -> None:
        """Wait for the handshake.

        Raises:
            SessionExpired, ServerUnusable, RemoteProtocolError: what the server answered.
            ConnectionLost: no answer came.
        """
        try:
            await self._handshake.wait()
        except (EOFError, trio.BrokenResourceError, TimeoutError) as error:
            raise handshake_failure(error) from error

    def authenticated(self) -> None:
        """The SASL exchange is over: everything else may follow.

        Raises:
            ConnectionLost: the connection did not live to see it.
        """
        if self.protocol.state is not State.AUTHENTICATING:
            raise self.error(Outcome.NOT_SENT)
        self.protocol.authenticated()
        # A ping may have fallen due meanwhile, for which nobody was to look.
        self._ticker.set(self, self.protocol.next_deadline())

    async def end_session(self) -> None:  # noqa: ASYNC910  # aclose() is one all the same
        """Send closeSession, and wait until the server has ended the session or is lost."""
        if self.protocol.state is State.ACTIVE:
            # Requests made from now on are refused; what is in flight is answered
            # first, since replies keep their order.
            self.protocol.close(None)
            self._closed_here = True
            self._fail_the_line()
            self._outlet.wake()
        if self.protocol.state is State.CLOSING:
            await self.over.wait()

    def close(self) -> None:
        """Drop the connection, whatever became of the session; the reader closes the stream."""
        if not self.over.is_set():
            self._closed_here = True
            self.end(EOFError("closed here"))

    async def aclose(self) -> None:
        """Drop the connection and close the stream: a checkpoint that takes no time."""
        self.close()
        await trio.aclose_forcefully(self._stream)

    def end(self, cause: Exception) -> None:
        """End it all: every waiter gets an exception of its own, and both tasks stop."""
        if self.over.is_set():
            return
        self.failure = None if self._closed_here else cause
        self.over.set()
        self._patience.end()
        for ticket, outcome in self.protocol.give_up():
            slot = ticket.slot if isinstance(ticket, overlap.Aside) else ticket
            if isinstance(slot, Slot):
                slot.fail(self.error(outcome))
        self.watches.detach(self._send_aside)
        self._fail_the_line()
        self._handshake.fail(cause)
        if self._owns_watches:
            self.watches.end(lambda: self.error(Outcome.UNKNOWN))
        self._reading.cancel()
        self._writing.cancel()

    def _fail_the_line(self) -> None:
        while self._line:
            slot, _ = self._line.popitem(last=False)
            slot.fail(self.error(Outcome.NOT_SENT))
