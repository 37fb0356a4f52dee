"""The protocol of one connection: bytes in, events out, no I/O and no clock.

Rules that the code below keeps, each with where it comes from:

1. A server answers ordinary requests in the order in which it got them, so the
   head of the queue is the only legal xid (ClientCnxn.readResponse drops the
   connection too).
2. Notifications, ping replies and setWatches replies come at any place between
   them, under xids of their own.
3. Only replies to ordinary requests move ``last_zxid``, and only forward: pings
   and notifications do not count, and early rejections carry 0 or -1.
4. A body is decoded only where ``err`` is 0.  Some errors come with a body.
5. Request numbers run from 1 to 2**31-1 and start again at 1: zero and negative
   ones mean other things.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from zkwire._errors import (
    InvalidArgument,
    LocalProtocolError,
    Outcome,
    RemoteProtocolError,
    ReplyError,
    ServerUnusable,
    SessionExpired,
    reply_error,
)
from zkwire._jute import MalformedRecord, records
from zkwire._models import SessionCredentials, SessionInfo, WatchEvent
from zkwire._proto import _requests as build
from zkwire._proto._events import (
    Event,
    HandshakeFailed,
    PeerFailed,
    ReplyReceived,
    SessionClosed,
    SessionOpened,
    WatchFired,
)
from zkwire._proto._framing import DEFAULT_MAX_INBOUND_FRAME, FrameDecoder
from zkwire._proto._handshake import connect_frame, read_connect_reply
from zkwire._proto._liveness import Liveness
from zkwire._proto._operations import CLOSE_SESSION, SASL
from zkwire._proto._request import Request
from zkwire._proto._state import Input, State, after
from zkwire._types import NO_ZXID, EventType, SpecialXid, Xid, Zxid

DEFAULT_MAX_OUTBOUND_FRAME: Final = 0xFFFFF
"""Bytes; the servers' default jute.maxbuffer.  They close the connection, without
a word, on a longer frame."""

FIRST_XID: Final = Xid(1)
MAX_XID: Final = 2**31 - 1

PROGRESS: Final = 16 * 1024
"""Bytes of a frame that count as a sign of life; see ``_liveness``."""

_HEADER: Final = records.REPLY_HEADER.layout
# Looked up for every request or frame: on an Enum class that costs 0.1 us in CPython 3.11.
_CONNECTING: Final = State.CONNECTING
_ACTIVE: Final = State.ACTIVE
_DEAD: Final = State.DEAD
_NO_NODE: Final = -101
_NOTIFICATION: Final = int(SpecialXid.NOTIFICATION)
_EVENT_TYPES: Final[dict[int, EventType]] = {int(kind): kind for kind in EventType}


class ZkProtocol:
    """One connection's side of the conversation."""

    def __init__(
        self,
        *,
        session_timeout: float,
        now: float,
        credentials: SessionCredentials | None = None,
        last_zxid: Zxid = NO_ZXID,
        read_only: bool = False,
        max_inbound_frame: int = DEFAULT_MAX_INBOUND_FRAME,
        max_outbound_frame: int = DEFAULT_MAX_OUTBOUND_FRAME,
        first_xid: Xid = FIRST_XID,
        authenticates: bool = False,
    ) -> None:
        self.state = State.CONNECTING
        self.session: SessionInfo | None = None
        self.last_zxid = last_zxid
        self.liveness = Liveness(handshake_limit=session_timeout, now=now)
        self._asked_for = credentials
        self._authenticates = authenticates
        self._decoder = FrameDecoder(max_inbound_frame)
        self._max_outbound = max_outbound_frame
        self._next_xid = int(first_xid)
        # A fault behind the end of the session leaves the state as it is, but not the stream.
        self._has_peer_failed = False
        self._answered = 0
        self._unsent = 0
        self._pending: deque[tuple[int, Request[Any], object]] = deque()
        self._trickled = 0
        self._now = now
        # By xid; few, and seldom: an empty deque for each would take 760 bytes.
        self._special: dict[int, list[tuple[Request[Any], object]]] = {}
        self._outgoing = [
            connect_frame(
                session_timeout=session_timeout,
                credentials=credentials,
                last_zxid=last_zxid,
                read_only=read_only,
            )
        ]

    @property
    def is_dead(self) -> bool:
        """Whether nothing can come in or go out any more."""
        return self.state is State.DEAD

    @property
    def missing(self) -> int:
        """Bytes until the frame that has begun to come in is whole; 0 between frames."""
        return self._decoder.missing

    # --- outwards -----------------------------------------------------------------------

    @property
    def next_xid(self) -> Xid:
        """The number that the next ordinary request will have."""
        return Xid(self._next_xid)

    @property
    def in_flight(self) -> int:
        """Ordinary requests without an answer, written or not."""
        return len(self._pending)

    @property
    def answered(self) -> int:
        """Ordinary requests that have been answered."""
        return self._answered

    def submit(self, request: Request[Any], ticket: object) -> None:
        """Queue a request; its reply will carry ``ticket``.

        The queue, the xid and the place in line are taken in one step, so calls
        reach the wire in the order in which they were made.

        Raises:
            InvalidArgument: the frame is longer than servers accept, or a value
                does not fit its field.
            LocalProtocolError: the connection is not active; while it authenticates,
                SASL tokens alone can go out.
        """
        if self.state is not _ACTIVE and not (
            self.state is State.AUTHENTICATING and request.operation is SASL
        ):
            raise LocalProtocolError(f"no request can go out: connection is {self.state.value}")
        special = request.special_xid
        xid = self._next_xid if special is None else special
        frame = self._encode(request, xid)
        if special is not None:
            self._special.setdefault(special, []).append((request, ticket))
        else:
            self._next_xid = xid + 1 if xid < MAX_XID else 1
            self._pending.append((xid, request, ticket))
            self._unsent += 1
        self._outgoing.append(frame)

    def _encode(self, request: Request[Any], xid: int) -> bytes:
        try:
            frame = request.operation.encode_frame(xid, *request.values)
        except UnicodeEncodeError as error:
            raise InvalidArgument(f"{request.operation.name}: {error}") from error
        if len(frame) - 4 > self._max_outbound:
            raise InvalidArgument(
                f"{request.operation.name} {request.path}: the request takes {len(frame) - 4} "
                f"bytes, where servers accept {self._max_outbound} (jute.maxbuffer)"
            )
        return frame

    def authenticated(self) -> None:
        """The SASL exchange is over: everything else may follow.

        ``next_deadline`` may come earlier from here on, since pings were held back.

        Raises:
            LocalProtocolError: the connection does not authenticate.
        """
        self.state = after(self.state, Input.AUTHENTICATED)

    def close(self, ticket: object) -> None:
        """Queue the end of the session: nothing can follow it.

        Raises:
            LocalProtocolError: the connection is not active.
        """
        if self.state is State.ACTIVE:
            self.submit(build.close_session(), ticket)
        self.state = after(self.state, Input.CLOSE)

    def data_to_send(self, now: float) -> bytes:
        """All that is queued, as one write; ``now`` must be taken before writing it."""
        if not self._outgoing:
            return b""
        outgoing, self._outgoing = self._outgoing, []
        sent_before = self._answered + len(self._pending) - self._unsent
        self._unsent = 0
        self.liveness.sent(now, requests_before=sent_before)
        return outgoing[0] if len(outgoing) == 1 else b"".join(outgoing)

    # --- time -----------------------------------------------------------------------------

    def next_deadline(self) -> float:
        """When to call ``handle_timer`` next, unless something happens before."""
        if self.state is not State.ACTIVE:
            # Nothing may follow closeSession or come between SASL tokens, so no ping falls
            # due: its time would lie in the past, and a loop that sleeps until then spin.
            return self.liveness.silence_deadline
        return self.liveness.next_deadline()

    def handle_timer(self, now: float) -> bool:
        """Queue a ping if one is due; False when the server has been silent for too long."""
        owes_answers = bool(self._pending) or any(self._special.values())
        if self.liveness.is_silent(now, owes_answers=owes_answers):
            return False
        if self.state is State.ACTIVE and self.liveness.ping_is_due(now):
            ping = build.ping()
            self._outgoing.append(ping.operation.encode_frame(SpecialXid.PING))
        return True

    # --- inwards --------------------------------------------------------------------------

    def receive_data(self, data: bytes, now: float) -> list[Event]:
        """Take what came in, and return what it means.

        A peer's fault is reported as a last ``PeerFailed``, behind the events that
        came before it.  No exception leaves this method, whatever the bytes are.
        """
        events: list[Event] = []
        frames_before = self._decoder.offset
        self._now = now
        if self.state is _DEAD or self._has_peer_failed:
            return events
        try:
            for frame in self._decoder.feed(data):
                if self.state is not _CONNECTING:
                    if (event := self._reply(frame)) is not None:
                        events.append(event)
                    continue
                answer = self._handshake(frame)
                events.append(answer)
                if isinstance(answer, HandshakeFailed):
                    break
        except MalformedRecord as error:
            where = self._decoder.offset + 4 + error.position
            events.append(self._peer_failed(RemoteProtocolError(error.reason, offset=where)))
        except RemoteProtocolError as error:
            events.append(self._peer_failed(error))
        if self._decoder.offset != frames_before:
            self._trickled = 0
            self.liveness.received(now, requests_answered=self._answered)
        else:
            self._trickled += len(data)
            if self._trickled >= PROGRESS:
                self._trickled = 0
                self.liveness.progressed(now)
        return events

    def receive_eof(self) -> RemoteProtocolError | None:
        """The stream has ended; an error if it did so inside a frame."""
        if self._decoder.is_between_frames:
            return None
        return RemoteProtocolError("the stream ends inside a frame", offset=self._decoder.offset)

    def _handshake(self, frame: bytes) -> Event:
        try:
            info = read_connect_reply(frame, asked_for=self._asked_for)
        except (SessionExpired, ServerUnusable) as error:
            self.state = after(self.state, Input.REFUSED)
            return HandshakeFailed(error=error)
        self.session = info
        self.liveness.opened(info.negotiated_timeout)
        self.state = after(self.state, Input.OPENED)
        if self._authenticates:
            self.state = after(self.state, Input.AUTHENTICATE)
        return SessionOpened(info=info)

    def _reply(self, frame: bytes) -> Event | None:
        if len(frame) < _HEADER.size:
            raise self._fault(f"a reply of {len(frame)} bytes is too short for its header")
        xid, zxid, err = _HEADER.unpack_from(frame)
        if xid <= 0:
            return self._out_of_order(xid, zxid, err, frame)
        pending = self._pending
        if not pending:
            raise self._fault(f"a reply to request {xid}, where none is open")
        # The request leaves the queue only once its reply is understood: one that
        # is not must be reported to its caller with the others.
        expected, request, ticket = pending[0]
        if xid != expected:
            raise self._fault(f"a reply to request {xid}, where that to {expected} is due")
        if len(pending) <= self._unsent:
            raise self._fault(f"a reply to request {xid}, which has not been sent")
        if 0 < zxid < self.last_zxid:
            raise self._fault(f"zxid went back from {self.last_zxid:#x} to {zxid:#x}")
        value: Any = None
        error: ReplyError | None = None
        if err == 0:
            value = request.decode(frame)
        elif not (err == _NO_NODE and request.operation.absence_is_an_answer):
            error = reply_error(err, request.path)
        pending.popleft()
        self._answered += 1
        if zxid > 0:
            self.last_zxid = zxid
        if request.operation is CLOSE_SESSION and err == 0:
            self.state = after(self.state, Input.CLOSE_REPLIED)
            return SessionClosed()
        return ReplyReceived(request, ticket, value, error, zxid)

    def _out_of_order(self, xid: int, zxid: int, err: int, frame: bytes) -> Event | None:
        if xid == _NOTIFICATION:
            start = _HEADER.size
            (kind, _, path), _ = records.WATCHER_EVENT.decode_from(frame, start, len(frame))
            if path is None:
                raise MalformedRecord("WatcherEvent.path is null", start)
            return WatchFired(WatchEvent(_EVENT_TYPES.get(kind, kind), path, Zxid(zxid)))
        if xid == SpecialXid.PING:
            if not self.liveness.ponged(self._now):
                raise self._fault("a reply to a ping, where none is open")
            return None
        waiting = self._special.get(xid)
        if not waiting:
            raise self._fault(f"a reply with xid {xid}, under which nothing is open")
        request, ticket = waiting.pop(0)
        error = reply_error(err, request.path) if err else None
        return ReplyReceived(request, ticket, None, error, Zxid(zxid))

    # --- the end --------------------------------------------------------------------------

    def _fault(self, message: str) -> RemoteProtocolError:
        return RemoteProtocolError(message, offset=self._decoder.offset)

    def _peer_failed(self, error: RemoteProtocolError) -> PeerFailed:
        self.state = after(self.state, Input.FAILED)
        self._has_peer_failed = True
        return PeerFailed(error=error)

    def give_up(self) -> list[tuple[object, Outcome]]:
        """The connection is no more: the tickets that get no reply, and what became of each."""
        self.state = after(self.state, Input.FAILED)
        written = len(self._pending) - self._unsent
        abandoned = [
            (ticket, Outcome.UNKNOWN if index < written else Outcome.NOT_SENT)
            for index, (_, _, ticket) in enumerate(self._pending)
        ]
        for waiting in self._special.values():
            abandoned += [(ticket, Outcome.UNKNOWN) for _, ticket in waiting]
            waiting.clear()
        self._pending.clear()
        self._outgoing.clear()
        self._unsent = 0
        return abandoned
