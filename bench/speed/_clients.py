"""How each client is opened on the node that everything reads: 100 bytes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import zkwire

if TYPE_CHECKING:
    from kazoo.client import KazooClient

PATH = "/bench"
DATA = b"x" * 100
SESSION_TIMEOUT = 10.0


@asynccontextmanager
async def open_zkwire(server: str) -> AsyncGenerator[zkwire.Connection]:
    host, _, port = server.rpartition(":")
    async with zkwire.open_connection(host, int(port), session_timeout=SESSION_TIMEOUT) as zk:
        if await zk.exists(PATH) is None:
            await zk.create(PATH, DATA)
        yield zk


@contextmanager
def open_kazoo(server: str) -> Generator[KazooClient]:
    from kazoo.client import KazooClient

    client = KazooClient(hosts=server, timeout=SESSION_TIMEOUT)
    client.start()
    try:
        if client.exists(PATH) is None:
            client.create(PATH, DATA)
        yield client
    finally:
        client.stop()
        client.close()
