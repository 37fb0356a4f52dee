"""One session of a sequence: what it sends, and everything it is sent, in order.

The requests are those of a ``zkwire.Connection`` and so is the watch table, but every frame
is kept: header, error code and length are compared, not just what a caller gets to see.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import trio

from differential.seen import Answer, Event, Handshake, Over, Seen, plain, read_handshake
from zkwire import (
    NO_ZXID,
    RemoteProtocolError,
    SessionCredentials,
    WatchKind,
    Zxid,
)
from zkwire._jute import MalformedRecord, records
from zkwire._proto import _requests as build
from zkwire._proto._framing import FrameDecoder
from zkwire._proto._handshake import connect_frame
from zkwire._proto._operations import EXISTS
from zkwire._proto._request import Request
from zkwire._proto._watch_table import WatchTable
from zkwire._types import EventType

PATIENCE = 10.0
"""Seconds for an answer.  No answer is a difference, not the end of the test."""

NO_NODE = -101
NOTIFICATION = -1


class _Wire:
    """A connection's stream, and the requests on it that have no answer yet."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self.frames: deque[bytes] = deque()
        self.decoder = FrameDecoder()
        self.pending: deque[tuple[int, int, Request[Any], tuple[WatchKind, ...]]] = deque()
        self.outgoing: list[bytes] = []

    async def next_frame(self) -> bytes | None:
        """The next frame; None where the stream is over."""
        while not self.frames:
            try:
                data = await self.stream.receive_some(65536)
            except trio.BrokenResourceError:
                data = b""
            if not data:
                return None
            self.frames.extend(self.decoder.feed(bytes(data)))
        return self.frames.popleft()


class Client:
    """A session, over one connection after the other."""

    def __init__(self, dial: Callable[[], Awaitable[trio.abc.Stream]]) -> None:
        self._dial = dial
        self.seen: list[Seen] = []
        self.ids: list[int] = []
        """Of the sessions that have been this one, in order."""
        self.step = -1
        self._wire: _Wire | None = None
        self.credentials: SessionCredentials | None = None
        self._former: SessionCredentials | None = None
        self._begin()

    def _begin(self) -> None:
        self.last_zxid = NO_ZXID
        self._next_xid = 1
        self._table: WatchTable[WatchKind] = WatchTable()
        self._identities: list[tuple[str, bytes]] = []

    @property
    def connected(self) -> bool:
        return self._wire is not None

    # --- connections --------------------------------------------------------------------

    async def open(self, seconds: float) -> None:
        """Open a new session."""
        wire, granted = await self._shake(seconds, None)
        if not granted:
            return
        self._wire = wire
        self.credentials = granted
        self.ids.append(granted.id)

    async def attach(self, seconds: float, *, right_password: bool = True) -> None:
        """Go on over a new connection, as a client does; the server ends the old one."""
        await self.flush()
        if self.credentials is None:
            return
        asked_for = self.credentials if right_password else _wrong(self.credentials)
        wire, granted = await self._shake(seconds, asked_for)
        if self._wire is not None:
            await self._drain()
        if not granted:
            return
        self._wire = wire
        rearm = list(self._table.rearm(self.last_zxid))
        for scheme, credential in self._identities:
            await self.call(build.auth(scheme, credential))
        for request in rearm:
            await self.call(request)

    async def revive(self) -> None:
        """Try to attach to the session before this one, which has been ended."""
        await self.flush()
        if self._former is not None:
            wire, granted = await self._shake(30.0, self._former)
            if granted:
                await trio.aclose_forcefully(wire.stream)

    async def _shake(
        self, seconds: float, asked_for: SessionCredentials | None
    ) -> tuple[_Wire, SessionCredentials | None]:
        wire = _Wire(await self._dial())
        hello = connect_frame(
            session_timeout=seconds,
            credentials=asked_for,
            last_zxid=NO_ZXID if asked_for is None else self.last_zxid,
            read_only=False,
        )
        await wire.stream.send_all(hello)
        frame: bytes | None = None
        with trio.move_on_after(PATIENCE):
            frame = await wire.next_frame()
        answer, granted = read_handshake(frame)
        self._note(answer)
        if granted is None:
            with trio.move_on_after(PATIENCE):
                self._note(Over("closed" if await wire.next_frame() is None else "a frame"))
            await trio.aclose_forcefully(wire.stream)
        return wire, granted

    async def cut(self) -> None:
        """Close the socket and leave the session."""
        await self.flush()
        if self._wire is not None:
            await trio.aclose_forcefully(self._wire.stream)
            self._wire = None

    async def end(self) -> None:
        """End the session, and forget it."""
        await self.flush()
        if self._wire is None:
            await self.attach(30.0)
        if self._wire is not None:
            await self.call(build.close_session())
        if self._wire is not None:
            await self._drain()
        self._former, self.credentials = self.credentials, None
        self._begin()

    async def _drain(self) -> None:
        """Take what comes up to the server's close, which must come."""
        with trio.move_on_after(PATIENCE):
            while self._wire is not None:
                await self._take_frame()
        if self._wire is not None:
            await self._lost("not closed")

    async def ask(self, requests: Iterable[Request[Any]]) -> list[Answer]:
        """Send requests at once, and have their answers."""
        await self.flush()
        before = len(self.seen)
        for request in requests:
            self.send(request)
        await self.flush()
        return [each.what for each in self.seen[before:] if isinstance(each.what, Answer)]

    # --- requests -----------------------------------------------------------------------

    def send(self, request: Request[Any], removes: tuple[WatchKind, ...] = ()) -> None:
        """Queue a request; the answers to what is queued are waited for together."""
        wire = self._wire
        if wire is None:
            return
        if request.special_xid is not None:
            xid = int(request.special_xid)
        else:
            xid, self._next_xid = self._next_xid, self._next_xid + 1
        wire.outgoing.append(request.operation.encode_frame(xid, *request.values))
        wire.pending.append((self.step, xid, request, removes))

    async def call(self, request: Request[Any], removes: tuple[WatchKind, ...] = ()) -> None:
        """Send a request and wait for its answer, and for those before it."""
        self.send(request, removes)
        await self.flush()

    async def add_auth(self, scheme: str, credential: bytes) -> None:
        """Add an identity.  Servers answer this out of turn, so nothing is under way meanwhile."""
        await self.flush()
        if self.connected:
            self._identities.append((scheme, credential))
            await self.call(build.auth(scheme, credential))

    async def flush(self) -> None:
        """Send what is queued, and take everything up to the last answer."""
        wire = self._wire
        if wire is None:
            return
        if wire.outgoing:
            data = b"".join(wire.outgoing)
            wire.outgoing.clear()
            with suppress(trio.BrokenResourceError):  # what came before is still there to be read
                await wire.stream.send_all(data)
        with trio.move_on_after(PATIENCE):
            while wire.pending and self._wire is wire:
                await self._take_frame()
        if wire.pending and self._wire is wire:
            await self._lost("no answer")

    # --- what comes in ------------------------------------------------------------------

    def _note(self, what: Handshake | Answer | Event | Over) -> None:
        self.seen.append(Seen(self.step, what))

    async def _lost(self, how: str) -> None:
        assert self._wire is not None
        self._note(Over(how))
        await trio.aclose_forcefully(self._wire.stream)
        self._wire = None

    async def _take_frame(self) -> None:
        wire = self._wire
        assert wire is not None
        try:
            frame = await wire.next_frame()
            trouble = "closed" if frame is None else self._read(wire, frame)
        except (MalformedRecord, RemoteProtocolError) as error:
            trouble = f"unreadable: {error}"
        if trouble is not None:
            await self._lost(trouble)

    def _read(self, wire: _Wire, frame: bytes) -> str | None:
        (xid, zxid, err), body = records.REPLY_HEADER.decode_from(frame, 0, len(frame))
        if xid == NOTIFICATION:
            self._read_event(zxid, err, frame, body)
            return None
        if not wire.pending or wire.pending[0][1] != xid:
            return f"an answer to request {xid}"
        step, _, request, removes = wire.pending[0]
        value: Any = request.decode(frame) if err == 0 else frame[body:]
        wire.pending.popleft()
        name = request.operation.name
        answer = Answer(xid, zxid, err, len(frame), name, request.path, plain(value))
        self.seen.append(Seen(step, answer))
        if zxid > 0:
            self.last_zxid = Zxid(zxid)
        self._watches_changed(request, err, removes)
        return None

    def _read_event(self, zxid: int, err: int, frame: bytes, body: int) -> None:
        (kind, state, path), _ = records.WATCHER_EVENT.decode_from(frame, body, len(frame))
        self._note(Event(zxid, err, kind, state, path))
        if path is not None and kind in set(EventType):
            self._table.take(EventType(kind), path)

    def _watches_changed(
        self, request: Request[Any], err: int, removes: tuple[WatchKind, ...]
    ) -> None:
        path = request.path
        if path is None:
            return
        if request.watch is not None and err == 0:
            self._table.add(request.watch, path, request.watch)
        elif request.watch is not None and err == NO_NODE and request.operation is EXISTS:
            self._table.add(WatchKind.EXIST, path, WatchKind.EXIST)
        if err == 0:
            for kind in removes:
                self._table.discard(path, kind)


def _wrong(credentials: SessionCredentials) -> SessionCredentials:
    return replace(credentials, password=bytes(byte ^ 1 for byte in credentials.password))
