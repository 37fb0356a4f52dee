"""One connection, from its first byte to its last."""

from __future__ import annotations

import math
from collections import deque
from contextlib import suppress
from enum import Enum, auto
from typing import Final

import trio

from zkwire._errors import RemoteProtocolError
from zkwire._proto._framing import FrameDecoder
from zkwire.testing._memory._serving._client import Client
from zkwire.testing._memory._serving._greeting import Greeting
from zkwire.testing._memory._serving._member import Member
from zkwire.testing._memory._serving._outlet import Outlet
from zkwire.testing._memory._serving._traffic import Traffic
from zkwire.testing._memory._serving._words import WORD_SIZE, answer_to, is_word

_CHUNK: Final = 65_536
_LINGER: Final = 2.0
"""Seconds for a client to read the rest before a connection that ends is cut."""

_SESSIONLESS: Final = 10.0
"""Seconds: connections without a session go at the end of the first full span of this length
(zookeeper.nio.sessionlessCnxnTimeout)."""


class Stage(Enum):
    """How far a connection has come."""

    FRESH = auto()
    """Nothing yet that says whether this will be a session or a four-letter word."""
    FRAMED = auto()
    """The first frame is on its way."""
    ASKED = auto()
    """The handshake is being decided; what comes behind it has to wait."""
    SERVED = auto()
    ENDED = auto()
    """What was put goes out, what comes in is thrown away."""


class Link:
    """One connection."""

    def __init__(
        self,
        member: Member,
        stream: trio.abc.Stream,
        host: str,
        port: int,
    ) -> None:
        self.host = host
        self._port = port
        self._traffic = Traffic()
        self._member = member
        self._stream = stream
        self._outlet = Outlet(stream, member.thawed)
        self._client = Client(member, host, put=self._put, end=self.end)
        self._greeting = Greeting(member, put=self._put, end=self.end, served=self._served)
        self._decoder = FrameDecoder(member.settings.max_buffer)
        self._stage = Stage.FRESH
        self._first = b""
        self._early: deque[bytes] = deque()
        self._scope = trio.CancelScope()

    @property
    def session_id(self) -> int:
        """Whose connection it is; 0 before a client has said so."""
        return self._client.session_id

    def describe(self) -> str:
        """Say where it comes from and what it has carried, as in the answer to ``stat``."""
        carried = f"recved={self._traffic.received},sent={self._traffic.sent}"
        return f"/{self.host}:{self._port}[1](queued=0,{carried})"

    async def run(self) -> None:
        """Serve the connection until it ends.

        A checkpoint; cancelled, it has served a part.
        """
        with self._scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write_all)
                await self._read_all()
                if self._stage is not Stage.ENDED:
                    self._scope.cancel()

    def end(self) -> None:
        """Let go out what was put, then close."""
        if self._stage is not Stage.ENDED:
            self._stage = Stage.ENDED
            self._client.leave()
            self._outlet.end()
            self._scope.deadline = trio.current_time() + _LINGER

    def cut(self) -> None:
        """Close at once."""
        self._stage = Stage.ENDED
        self._client.leave()
        self._scope.cancel()

    async def _write_all(self) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self._outlet.run()
        self._scope.cancel()

    async def _read_all(self) -> None:
        try:
            await self._member.thawed()
            if self._stage is Stage.FRESH:
                spans = trio.current_time() // _SESSIONLESS
                self._scope.deadline = (spans + 2) * _SESSIONLESS
            while data := await self._stream.receive_some(_CHUNK):
                await self._member.thawed()
                self._received(bytes(data))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        finally:
            self._client.leave()

    def _received(self, data: bytes) -> None:
        if self._stage is Stage.FRESH:
            self._first += data
            if len(self._first) < WORD_SIZE:
                return
            if is_word(self._first[:WORD_SIZE]):
                self._outlet.put(answer_to(self._first[:WORD_SIZE], self._member))
                self.end()
                return
            self._stage = Stage.FRAMED
            data, self._first = self._first, b""
        if self._stage is Stage.ENDED:
            return
        try:
            for frame in self._decoder.feed(data):
                self._traffic.received += 1
                self._member.traffic.received += 1
                self._frame(frame)
        except RemoteProtocolError:
            self.end()

    def _frame(self, frame: bytes) -> None:
        if self._stage is Stage.SERVED:
            self._client.handle(frame)
        elif self._stage is Stage.FRAMED:
            self._stage = Stage.ASKED
            self._greeting.answer(frame)
        elif self._stage is Stage.ASKED:
            self._early.append(frame)

    def _served(self, session_id: int) -> None:
        if self._stage is not Stage.ASKED:
            return
        self._stage = Stage.SERVED
        self._client.session_id = session_id
        self._member.bind(self)
        self._scope.deadline = math.inf
        while self._early and self._stage is Stage.SERVED:
            self._client.handle(self._early.popleft())

    def _put(self, frame: bytes) -> None:
        self._traffic.sent += 1
        self._member.traffic.sent += 1
        self._outlet.put(frame)
