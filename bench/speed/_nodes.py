"""The nodes that clients work on: made, written and removed by zkwire, in multis, pipelined."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import trio

import zkwire

ROOT = "/bench"
PATH = f"{ROOT}/get"
DATA = b"x" * 100
SESSION_TIMEOUT = 10.0

# The server takes no request longer than 1 MB (jute.maxbuffer).
_MULTI = 500
_MULTI_BYTES = 500_000
_MULTIS_IN_FLIGHT = 8


def data_of(size: int) -> bytes:
    """What a node of this many bytes holds."""
    return b"x" * size


def chunks(count: int, size: int) -> list[range]:
    """So many operations with so many bytes each, cut into multis."""
    each = max(1, min(_MULTI, _MULTI_BYTES // (size + 100)))
    return [range(start, min(start + each, count)) for start in range(0, count, each)]


@asynccontextmanager
async def open_client(server: str) -> AsyncGenerator[zkwire.Connection]:
    """A connection of the harness' own."""
    host, _, port = server.rpartition(":")
    async with zkwire.open_connection(host, int(port), session_timeout=SESSION_TIMEOUT) as zk:
        yield zk


async def apply(zk: zkwire.Connection, ops: Sequence[zkwire.WriteOp], size: int = 0) -> None:
    """Apply these operations, in multis, in no order to go by."""
    waiting = chunks(len(ops), size)

    async def work() -> None:
        while waiting:
            part = waiting.pop(0)
            await zk.multi(ops[part.start : part.stop])

    async with trio.open_nursery() as nursery:
        for _ in range(_MULTIS_IN_FLIGHT):
            nursery.start_soon(work)


async def plant(zk: zkwire.Connection, paths: Sequence[str], data: bytes = b"") -> None:
    """Make these nodes, whose parents are there."""
    await apply(zk, [zkwire.Create(path, data, with_stat=False) for path in paths], len(data))


async def ensure(zk: zkwire.Connection, path: str, data: bytes = b"") -> None:
    """Make this node and what is above it, where they are not there; write its data."""
    above = path.rpartition("/")[0]
    if above and await zk.exists(above) is None:
        await ensure(zk, above)
    if await zk.exists(path) is None:
        await zk.create(path, data)
    elif data:
        await zk.set(path, data)


async def clear(zk: zkwire.Connection, path: str) -> None:
    """Remove what is below a node, however much; the node stays."""
    levels = [[path]]
    while levels[-1]:
        below: list[str] = []

        async def look(parents: list[str], below: list[str] = below) -> None:
            while parents:
                parent = parents.pop()
                below += [f"{parent}/{name}" for name in await zk.get_children(parent)]

        parents = list(levels[-1])
        async with trio.open_nursery() as nursery:
            for _ in range(256):
                nursery.start_soon(look, parents)
        levels.append(below)
    for level in reversed(levels[1:]):
        await apply(zk, [zkwire.Delete(each) for each in level])


def prepare_node(server: str, path: str, size: int) -> None:
    """Have this node hold so many bytes, and nothing below it."""

    async def run() -> None:
        async with open_client(server) as zk:
            await ensure(zk, path, data_of(size))
            await clear(zk, path)

    trio.run(run)


def prepare_children(server: str, path: str, count: int) -> None:
    """Have this node so many children, of names as long as a sequential node's."""

    async def run() -> None:
        async with open_client(server) as zk:
            await ensure(zk, path)
            await clear(zk, path)
            await plant(zk, [f"{path}/n{number:010d}" for number in range(count)])

    trio.run(run)


def prepare_tree(server: str, path: str, shape: Sequence[int]) -> int:
    """Make a tree that has so many children at each level; how many nodes it has in all."""

    async def run() -> int:
        async with open_client(server) as zk:
            await ensure(zk, path)
            await clear(zk, path)
            level, nodes = [path], 1
            for width in shape:
                level = [f"{above}/n{number:04d}" for above in level for number in range(width)]
                await plant(zk, level)
                nodes += len(level)
        return nodes

    return trio.run(run)


def remove_all(server: str) -> None:
    """Leave nothing behind, on a server that is not the harness' own."""

    async def run() -> None:
        async with open_client(server) as zk:
            if await zk.exists(ROOT) is not None:
                await clear(zk, ROOT)
                await zk.delete(ROOT)

    trio.run(run)
