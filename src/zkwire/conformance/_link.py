"""A session on a wire: requests out, replies in order, events put aside."""

from __future__ import annotations

import trio

from zkwire import OpCode
from zkwire._jute import MalformedRecord, records
from zkwire.conformance._handshake import Granted, shake
from zkwire.conformance._mismatch import Mismatch
from zkwire.conformance._reply import Event, Reply, event_of
from zkwire.conformance._wire import Wire

NOTIFICATION, PING, AUTH, SET_WATCHES = -1, -2, -4, -8
_CLOSE_GRACE = 2.0  # seconds


class LinkBase:
    """A connection behind its handshake.

    Every async method is a checkpoint, and a cancelled one leaves the connection good for
    ``aclose`` alone.
    """

    def __init__(self, wire: Wire, granted: Granted) -> None:
        self.wire = wire
        self.granted = granted
        self.session_id = granted.session_id
        self._events: list[Event] = []
        self._next_xid = 1
        self._over = False

    async def send(self, opcode: int, body: bytes = b"", *, xid: int | None = None) -> int:
        """Send a request and do not wait for its reply."""
        xid = self.take_xid() if xid is None else xid
        await self.wire.send_frame(records.REQUEST_HEADER.encode(xid, opcode) + body)
        return xid

    def take_xid(self) -> int:
        """The next request number."""
        xid, self._next_xid = self._next_xid, self._next_xid + 1
        return xid

    def go_on_from(self, former: LinkBase) -> None:
        """Number requests behind those of the session's former connection, as clients do.

        Servers match transactions to pending requests by session and number: numbered from 1
        again, a connection to a 3.6.4 follower once got two replies to its first request.
        """
        self._next_xid = former._next_xid

    async def receive(self) -> Reply:
        """The next frame of whatever kind."""
        frame = await self.wire.frame()
        if frame is None:
            raise Mismatch("the server closed the connection")
        try:
            header, end = records.REPLY_HEADER.decode_from(frame, 0, len(frame))
        except MalformedRecord as error:
            raise Mismatch(f"a frame without a header: {frame!r}") from error
        return Reply(*header, frame[end:])

    async def reply(self, xid: int) -> Reply:
        """The next frame that is no event; it must answer ``xid``."""
        while (reply := await self.receive()).xid == NOTIFICATION:
            self._events.append(event_of(reply))
        if reply.xid != xid:
            raise Mismatch(f"a reply to {reply.xid} where {xid} is next")
        return reply

    async def call(self, opcode: int, body: bytes = b"", *, xid: int | None = None) -> Reply:
        """Send a request and wait for its reply."""
        return await self.reply(await self.send(opcode, body, xid=xid))

    async def ping(self) -> Reply:
        """Ask for a sign of life; behind it every event of an earlier change is there."""
        await self.send(OpCode.PING, xid=PING)
        return await self.reply(PING)

    async def events(self) -> list[Event]:
        """The events since the last call, up to now."""
        await self.ping()
        events, self._events = self._events, []
        return events

    async def heard(self, *expected: tuple[int, str | None]) -> list[Event]:
        """The events up to now, which must be these types and paths in this order."""
        events = await self.events()
        got = [event.what for event in events]
        if got != list(expected):
            raise Mismatch(f"events {got}, not {list(expected)}")
        return events

    async def next_event(self) -> Event:
        """Wait for an event, and keep the session alive meanwhile."""
        while not (events := await self.events()):  # noqa: ASYNC110  # each turn is a ping
            await trio.sleep(min(0.05, self.granted.timeout_ms / 3000))
        first, *rest = events
        self._events[:0] = rest
        return first

    async def closed(self) -> None:
        """Wait for the server's close, which must come without another frame.

        Raises:
            Mismatch: A frame came first.
        """
        frame = await self.wire.frame()
        if frame is not None:
            raise Mismatch(f"a frame instead of a close: {frame!r}")
        self._over = True

    async def drop(self) -> None:
        """Close the socket and leave the session."""
        self._over = True
        await self.wire.aclose()

    async def aclose(self) -> None:
        """End the session, so that its ephemeral nodes go now, and close the socket."""
        with trio.move_on_after(_CLOSE_GRACE, shield=True):
            try:
                if not self._over:
                    xid = await self.send(OpCode.CLOSE_SESSION)
                    frame = await self.wire.frame()
                    while frame is not None and frame[:4] != xid.to_bytes(4, "big"):
                        frame = await self.wire.frame()
            except (Mismatch, OSError, trio.ClosedResourceError):
                pass  # the check has the word on what is wrong with this connection
        await self.wire.aclose()


async def granted_on(wire: Wire, request: bytes) -> Granted:
    """Shake hands, which must bring a session.

    Raises:
        Mismatch: The server closed, or refused the session.
    """
    granted = await shake(wire, request)
    if granted is None:
        raise Mismatch("the server closed during the handshake")
    if granted.refused:
        raise Mismatch("the server refused the session")
    return granted
