"""Loopback servers that play out a life, connection by connection, and count who comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import trio

from scripted_server import CLOSE_SESSION, EXISTS, PING, Peer
from server_frames import pong, reply

Handler = Callable[[Peer, int], Awaitable[None]]

ANY_STAT = bytes(68)
CREATE = 1


@dataclass
class UnrulyServer:
    """``accepted_at``: one time a connection, by ``trio.current_time()``."""

    host: str
    port: int
    accepted_at: list[float] = field(default_factory=list)
    _accepted: trio.Event = field(default_factory=trio.Event)

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def accept(self) -> int:
        self.accepted_at.append(trio.current_time())
        accepted, self._accepted = self._accepted, trio.Event()
        accepted.set()
        return len(self.accepted_at)

    async def wait_accepted(self, count: int) -> None:
        while len(self.accepted_at) < count:
            await self._accepted.wait()


@asynccontextmanager
async def serving(handle: Handler) -> AsyncGenerator[UnrulyServer]:
    """``handle`` gets a peer for each connection, and its number from 1; then it is closed."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    server = UnrulyServer(*listener.socket.getsockname())

    async def handle_stream(stream: trio.SocketStream) -> None:
        number = server.accept()
        async with stream:
            with suppress(EOFError, trio.BrokenResourceError):  # the client has gone
                await handle(Peer(stream), number)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, handle_stream, [listener])
        try:
            yield server
        finally:
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def nothing_listening() -> AsyncGenerator[str]:
    """An address that refuses connections: bound, so that nobody else takes it, not listening."""
    with trio.socket.socket() as socket:
        await socket.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{socket.getsockname()[1]}"


async def refuse(peer: Peer) -> None:
    """Say that the session which the client asks for is gone."""
    await peer.accept(timeout_ms=0, session_id=0, password=bytes(16))


def session_asked_for(handshake: bytes) -> int:
    """The session id in a client's handshake; 0 asks for a new one."""
    return int.from_bytes(handshake[16:24], "big", signed=True)


async def serve_root(peer: Peer, error: int = 0) -> None:
    """Say that any node exists, or answer with ``error``; returns when the session is ended."""
    while True:
        sent = await peer.request()
        if sent.opcode == PING:
            await peer.send(pong())
        else:
            err = error if sent.opcode in {EXISTS, CREATE} else 0
            body = ANY_STAT if sent.opcode == EXISTS and not err else b""
            await peer.send(reply(sent.xid, err=err, body=body))
        if sent.opcode == CLOSE_SESSION:
            return
