"""A TCP relay between a client and a server, which can cut, hold back and refuse."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio


class Relay:
    """``address`` is what the client connects to."""

    def __init__(self, address: str, target: str) -> None:
        self.address = address
        self.connections = 0
        self.refusing = False
        host, _, port = target.rpartition(":")
        self._target = host, int(port)
        self._flowing = {"up": trio.Event(), "down": trio.Event()}
        self._links: set[trio.CancelScope] = set()
        self.heal()

    def cut(self) -> None:
        """End every connection; new ones are taken."""
        for link in self._links:
            link.cancel()

    def hold(self, *directions: str) -> None:
        """Pass nothing on: ``"up"`` is towards the server, none means both.  Nobody is told."""
        for each in directions or ("up", "down"):
            self._flowing[each] = trio.Event()

    def heal(self) -> None:
        """Pass on again, what was held back first."""
        self.refusing = False
        for flowing in self._flowing.values():
            flowing.set()

    async def link(self, client: trio.SocketStream) -> None:
        async with client:
            if self.refusing:
                return
            self.connections += 1
            with trio.CancelScope() as scope:
                self._links.add(scope)
                try:
                    await self._link(client)
                except OSError:  # the server does not listen
                    pass
                finally:
                    self._links.discard(scope)

    async def _link(self, client: trio.SocketStream) -> None:
        server = await trio.open_tcp_stream(*self._target)
        async with server, trio.open_nursery() as nursery:
            nursery.start_soon(self._pump, "up", client, server, nursery.cancel_scope)
            nursery.start_soon(self._pump, "down", server, client, nursery.cancel_scope)

    async def _pump(
        self,
        direction: str,
        source: trio.SocketStream,
        sink: trio.SocketStream,
        link: trio.CancelScope,
    ) -> None:
        try:
            while data := await source.receive_some():
                await self._flowing[direction].wait()
                await sink.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        link.cancel()


@asynccontextmanager
async def relaying(target: str) -> AsyncGenerator[Relay]:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host, port = listener.socket.getsockname()
    relay = Relay(f"{host}:{port}", target)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, relay.link, [listener])
        try:
            yield relay
        finally:
            nursery.cancel_scope.cancel()
