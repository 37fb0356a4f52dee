"""A peer that sends what a test says, when the test says it, over memory or a loopback port."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import trio
import trio.testing

import zkwire
from server_frames import STAT, connect_reply, framed, pong, reply
from zkwire._jute import records

PING, GET_DATA, EXISTS, SET_WATCHES, CLOSE_SESSION = 11, 4, 3, 101, -11
DATA = records.GET_DATA_RESPONSE.build(b"data", STAT)


class Sent(NamedTuple):
    """A request as it came in, and when."""

    xid: int
    opcode: int
    body: bytes
    time: float


class Peer:
    """The server's end of one connection."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self._received = b""

    async def frame(self) -> bytes:
        """The next frame; raises EOFError at an end between frames."""
        while True:
            length = int.from_bytes(self._received[:4], "big")
            if len(self._received) >= 4 + length and len(self._received) >= 4:
                frame = self._received[4 : 4 + length]
                self._received = self._received[4 + length :]
                return frame
            data = bytes(await self.stream.receive_some())
            if not data:
                assert not self._received, "the client closed inside a frame"
                raise EOFError
            self._received += data

    async def request(self) -> Sent:
        frame = await self.frame()
        xid = int.from_bytes(frame[:4], "big", signed=True)
        opcode = int.from_bytes(frame[4:8], "big", signed=True)
        return Sent(xid, opcode, frame[8:], trio.current_time())

    async def requests(self, count: int) -> list[Sent]:
        return [await self.request() for _ in range(count)]

    async def send(self, *pieces: bytes) -> None:
        """All pieces in one write."""
        await self.stream.send_all(b"".join(pieces))

    async def accept(self, **answer: Any) -> bytes:
        """Shake hands; the client's own frame."""
        frame = await self.frame()
        await self.send(framed(connect_reply(**answer)))
        return frame

    async def answer(self, sent: Sent, zxid: int = 1) -> None:
        if sent.opcode == PING:
            await self.send(pong())
        else:
            await self.send(reply(sent.xid, zxid, body=DATA if sent.opcode == GET_DATA else b""))

    async def serve(self, log: list[Sent] | None = None) -> None:
        """Answer reads, pings and closeSession, until the client is gone."""
        while True:
            try:
                sent = await self.request()
            except EOFError:
                return
            if log is not None:
                log.append(sent)
            await self.answer(sent)
            if sent.opcode == CLOSE_SESSION:
                await self.stream.aclose()
                return

    async def serve_new(self, log: list[Sent] | None = None) -> None:
        """Shake hands, and serve."""
        await self.accept()
        await self.serve(log)

    async def swallow(self) -> None:
        """Read whatever comes and answer nothing, until the client is gone."""
        while await self.stream.receive_some():
            pass

    async def wait_closed(self) -> None:
        """Wait until the client has closed, whatever it sends before."""
        with suppress(trio.BrokenResourceError):  # a reset, which is an end as well
            await self.swallow()

    async def reset(self) -> None:
        """Close with a TCP reset."""
        assert isinstance(self.stream, trio.SocketStream)
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        await self.stream.aclose()


class Tap(trio.abc.Stream):
    """A stream that keeps what is written, and can be made to stand still behind a write."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self.writes: list[bytes] = []
        self.cut_short = 0
        self.is_closed = False
        self.open = trio.Event()
        self.open.set()

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))
        try:
            await self._stream.send_all(data)
            await self.open.wait()
        except trio.Cancelled:
            self.cut_short += 1
            raise

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self._stream.receive_some(max_bytes)

    async def aclose(self) -> None:
        self.is_closed = True
        await self._stream.aclose()


@asynccontextmanager
async def connected(
    *, timeout_ms: int = 6000, **options: Any
) -> AsyncGenerator[tuple[zkwire.Connection, Peer]]:
    """A connection in memory, and its peer, which has done the handshake and nothing else."""
    near, far = trio.testing.memory_stream_pair()
    async with connected_over(near, far, timeout_ms=timeout_ms, **options) as pair:
        yield pair


@asynccontextmanager
async def connected_over(
    near: trio.abc.Stream, far: trio.abc.Stream, *, timeout_ms: int = 6000, **options: Any
) -> AsyncGenerator[tuple[zkwire.Connection, Peer]]:
    peer = Peer(far)
    await peer.send(framed(connect_reply(timeout_ms=timeout_ms)))
    options = {"session_timeout": timeout_ms / 1000, **options}
    async with zkwire.open_connection_over(near, **options) as connection:
        await peer.frame()
        yield connection, peer


@asynccontextmanager
async def served(
    log: list[Sent] | None = None, **options: Any
) -> AsyncGenerator[tuple[zkwire.Connection, Peer]]:
    """A connection in memory whose peer answers reads, pings and closeSession."""
    async with trio.open_nursery() as nursery, connected(**options) as (connection, peer):
        nursery.start_soon(peer.serve, log)
        yield connection, peer


@asynccontextmanager
async def listening(handle: Callable[[Peer], Awaitable[None]]) -> AsyncGenerator[int]:
    """A loopback port; ``handle`` gets a peer for each connection to it."""

    async def handle_stream(stream: trio.SocketStream) -> None:
        async with stream:
            await handle(Peer(stream))

    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port: int = listeners[0].socket.getsockname()[1]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, handle_stream, listeners)
        try:
            yield port
        finally:
            nursery.cancel_scope.cancel()
