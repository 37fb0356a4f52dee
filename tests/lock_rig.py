"""Clients that contend for locks, at servers in memory and under any clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import trio

import zkwire
from coordinator import Coordinator, open_coordinator
from zkwire.testing import Faults, MemoryEnsemble, open_faults, open_memory_zookeeper

TICK = 2.0


def at(
    ensemble: MemoryEnsemble | Faults | Counted,
    *servers: str,
    timeout: float = 10.0,
    **options: Any,
) -> AbstractAsyncContextManager[Coordinator]:
    """A coordinator of its own; without ``servers`` it may go to any member."""
    return open_coordinator(
        list(servers) or ensemble.servers,
        "/app",
        timeout,
        **{"tick_time": TICK, "dial": ensemble.dial, **options},
    )


@asynccontextmanager
async def clients(
    ensemble: MemoryEnsemble | Faults | Counted, count: int, **options: Any
) -> AsyncGenerator[list[Coordinator]]:
    """So many coordinators, connected."""
    async with _stacked(lambda: at(ensemble, **options), count) as coordinators:
        for each in coordinators:
            await each.wait_connected()
        yield coordinators


@asynccontextmanager
async def _stacked(
    make: Callable[[], AbstractAsyncContextManager[Coordinator]], count: int
) -> AsyncGenerator[list[Coordinator]]:
    if not count:
        yield []
        return
    async with make() as first, _stacked(make, count - 1) as others:
        yield [first, *others]


@asynccontextmanager
async def one_server(count: int = 1, **options: Any) -> AsyncGenerator[Any]:
    """A server by itself and so many clients: ``server, client, client, ...``."""
    async with (
        open_memory_zookeeper(tick_time=TICK) as server,
        clients(server, count, **options) as found,
    ):
        yield (server, *found)


@asynccontextmanager
async def cuttable(count: int = 1, **options: Any) -> AsyncGenerator[Any]:
    """A server behind a proxy and so many clients of it: ``faults, server, client, ...``."""
    async with (
        open_memory_zookeeper(tick_time=TICK) as server,
        open_faults(server) as faults,
        clients(faults, count, **options) as found,
    ):
        yield (faults, server, *found)


@asynccontextmanager
async def onlooker(
    ensemble: MemoryEnsemble, server: str | None = None
) -> AsyncGenerator[zkwire.Connection]:
    """A connection with a long session, past all proxies; its paths are the server's."""
    host, port = (server or ensemble.servers[0]).split(":")
    async with zkwire.open_connection(
        host, int(port), session_timeout=40.0, dial=ensemble.dial
    ) as connection:
        yield connection


async def waits_in_line(look: Callable[[], Awaitable[Sequence[str]]], count: int) -> None:
    """Wait until so many nodes stand in a line."""
    with trio.fail_after(60):
        while len(await look()) != count:  # noqa: ASYNC110  # nothing else tells
            await trio.sleep(0.01)


class Counted:
    """An ensemble whose clients' traffic is counted: requests by opcode, watch events."""

    def __init__(self, ensemble: MemoryEnsemble | Faults) -> None:
        self.servers = ensemble.servers
        self.requests: Counter[int] = Counter()
        self.events = 0
        self._dial = ensemble.dial

    async def dial(self, host: str, port: int) -> trio.abc.Stream:
        return _CountedStream(await self._dial(host, port), self)


class _CountedStream(trio.abc.Stream):
    def __init__(self, stream: trio.abc.Stream, counted: Counted) -> None:
        self._stream = stream
        self._counted = counted
        self._up = _Frames()
        self._down = _Frames()

    async def send_all(self, data: bytes) -> None:
        for frame in self._up.add(data):
            self._counted.requests[int.from_bytes(frame[4:8], "big", signed=True)] += 1
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        data = await self._stream.receive_some(max_bytes)
        for frame in self._down.add(data):
            self._counted.events += frame[:4] == b"\xff\xff\xff\xff"
        return data

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Frames:
    """Cuts a stream into frames; the first, of the handshake, has no header and is left out."""

    def __init__(self) -> None:
        self._data = b""
        self._is_first = True

    def add(self, data: bytes) -> list[bytes]:
        self._data += data
        found = []
        while len(self._data) >= 4:
            size = 4 + int.from_bytes(self._data[:4], "big")
            if len(self._data) < size:
                break
            frame, self._data = self._data[4:size], self._data[size:]
            if not self._is_first:
                found.append(frame)
            self._is_first = False
        return found
