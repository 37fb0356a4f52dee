"""Fault proxies in front of servers that a test plays itself, in memory or on loopback ports."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

from zkwire.testing import Faults, open_faults
from zkwire.testing._memory_stream import memory_connection


class Rig:
    """``faults``, and the server's end of each connection that comes through."""

    def __init__(
        self,
        faults: Faults,
        accepted: trio.MemoryReceiveChannel[trio.abc.Stream],
        streams: list[trio.abc.Stream],
    ) -> None:
        self.faults = faults
        self.accepted = accepted
        self._streams = streams

    async def connect(self, member: int = 0) -> trio.abc.Stream:
        host, port = self.faults.servers[member].split(":")
        stream = await self.faults.dial(host, int(port))
        self._streams.append(stream)
        return stream

    async def pair(self, member: int = 0) -> tuple[trio.abc.Stream, trio.abc.Stream]:
        """A new connection: the client's end and the server's."""
        client = await self.connect(member)
        return client, await self.accepted.receive()


@asynccontextmanager
async def memory_rig(members: int = 1) -> AsyncGenerator[Rig]:
    send, receive = trio.open_memory_channel[trio.abc.Stream](100)

    async def dial(host: str, port: int) -> trio.abc.Stream:
        near, far = memory_connection()
        await send.send(far)
        return near

    servers = [f"server-{number}:2181" for number in range(members)]
    async with open_faults(servers, dial=dial) as faults:
        yield Rig(faults, receive, [])


@asynccontextmanager
async def tcp_rig(members: int = 1) -> AsyncGenerator[Rig]:
    send, receive = trio.open_memory_channel[trio.abc.Stream](100)
    listeners = [(await trio.open_tcp_listeners(0, host="127.0.0.1"))[0] for _ in range(members)]
    servers = [f"127.0.0.1:{each.socket.getsockname()[1]}" for each in listeners]
    streams: list[trio.abc.Stream] = []

    async def accept(stream: trio.SocketStream) -> None:
        streams.append(stream)
        await send.send(stream)
        await trio.sleep_forever()  # the listener's task closes it when this returns

    try:
        async with open_faults(servers) as faults, trio.open_nursery() as nursery:
            await nursery.start(trio.serve_listeners, accept, listeners)
            try:
                yield Rig(faults, receive, streams)
            finally:
                nursery.cancel_scope.cancel()
    finally:
        for stream in streams:
            await trio.aclose_forcefully(stream)


async def exactly(stream: trio.abc.Stream, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = await stream.receive_some(count - len(data))
        assert more, f"the end came behind {data!r}"
        data += bytes(more)
    return data


async def until_end(stream: trio.abc.Stream) -> bytes:
    """Everything up to an orderly end."""
    data = b""
    while more := await stream.receive_some():
        data += bytes(more)
    return data


async def silent(stream: trio.abc.Stream, seconds: float) -> bool:
    """Whether nothing comes for so long, no end either; for the virtual clock."""
    with trio.move_on_after(seconds) as scope:
        await stream.receive_some(1)
    return scope.cancelled_caught


async def send_all_it_takes(stream: trio.abc.Stream, seconds: float = 60) -> int:
    """Send until the stream has taken nothing for so long; how many bytes it took."""
    sent = 0
    while True:
        with trio.move_on_after(seconds) as scope:
            await stream.send_all(bytes(1024))
            sent += 1024
        if scope.cancelled_caught:
            return sent
