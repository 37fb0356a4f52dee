"""As a program: operations of aiozk, on asyncio's own loop; see ``_order``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import chain

from aiozk import WatchEvent, ZKClient

from bench.peers.python import _order
from bench.peers.python._order import (
    WRITES_OF_MULTI,
    Arrivals,
    Meter,
    NoSuchOperationError,
    Order,
    check,
)

Operation = Callable[[int], Awaitable[object]]


def run(order: Order) -> dict[str, object]:
    if order.op == "persistent":
        raise NoSuchOperationError("aiozk has one-shot watches only")

    async def measure() -> dict[str, object]:
        client = ZKClient(",".join(order.servers), session_timeout=order.session_timeout)
        await client.start()
        try:
            match order.op:
                case "one-shot":
                    return await _one_shot(client, order)
                case "walk":
                    return await _walk(client, order)
            return await _repeat(client, order)
        finally:
            await client.close()

    return asyncio.run(measure())


async def keep_in_flight(
    operation: Operation, indices: range, in_flight: int, took: list[int] | None = None
) -> None:
    """One batch of coroutines after the other: the quickest of four ways, with 16 to 1,024.

    The others were as many tasks as requests in flight, each with one request after the
    other (more CPU time by up to half), a sliding window of tasks, and a semaphore.
    """

    async def timed(index: int) -> None:
        asked = time.monotonic_ns()
        await operation(index)
        took.append(time.monotonic_ns() - asked)

    do = operation if took is None else timed
    if in_flight == 1:
        for index in indices:
            await do(index)
        return
    for first in range(0, len(indices), in_flight):
        await asyncio.gather(*[do(index) for index in indices[first : first + in_flight]])


async def _repeat(client: ZKClient, order: Order) -> dict[str, object]:
    operation = _operation(client, order)
    warm_up = range(order.warm_up)
    measured = range(order.warm_up, order.warm_up + order.count)
    meter = Meter()
    await keep_in_flight(operation, warm_up, order.in_flight)
    meter.start()
    took = meter.took if order.is_timed else None
    await keep_in_flight(operation, measured, order.in_flight, took)
    meter.stop()
    return meter.answer()


def _operation(client: ZKClient, order: Order) -> Operation:
    path, data, size = order.path, order.data, order.size

    async def get(_: int) -> None:
        found = await client.get_data(path)
        check(len(found) == size, found)

    async def set_data(_: int) -> None:
        stat = await client.set(path, data, -1)
        check(stat.data_length == size, stat)

    async def create(index: int) -> None:
        child = order.child(index)
        check(await client.create(child, data) == child, child)

    async def delete(index: int) -> None:
        await client.delete(order.child(index), force=True)

    async def children(_: int) -> None:
        names = await client.get_children(path)
        check(len(names) == size, len(names))

    async def multi(_: int) -> None:
        transaction = client.begin_transaction()
        for _ in range(WRITES_OF_MULTI):
            transaction.set_data(path, data)
        # Its result is the set of paths that were written.
        result = await transaction.commit()
        check(result.updated == {path}, result.updated)

    operations = {
        "get": get,
        "set": set_data,
        "create": create,
        "delete": delete,
        "children": children,
        "multi": multi,
    }
    if order.op not in operations:
        raise NoSuchOperationError(f"there is no {order.op}")
    return operations[order.op]


async def _one_shot(client: ZKClient, order: Order) -> dict[str, object]:
    """The callback of which its futures are made: no slower than those, and less CPU time."""
    done = asyncio.Event()
    arrivals = Arrivals(order.count, done.set)

    async def arm(index: int) -> None:
        path = order.watched(index)
        client.session.add_watch_callback(WatchEvent.DATA_CHANGED, path, lambda _: arrivals.came())
        await client.get(path, watch=True)

    await keep_in_flight(arm, range(order.count), order.in_flight)
    _order.say_ready()
    await done.wait()
    return arrivals.answer()


async def _walk(client: ZKClient, order: Order) -> dict[str, object]:
    """Batches here too: tasks that go on as long as there is a node took more CPU time."""

    async def walk(took: list[int] | None) -> None:
        waiting, seen = [order.path], 0

        async def visit(path: str) -> list[str]:
            asked = time.monotonic_ns()
            names = await client.get_children(path)
            if took is not None:
                took.append(time.monotonic_ns() - asked)
            return [_order.below(path, name) for name in names]

        while waiting:
            batch, waiting = waiting[: order.in_flight], waiting[order.in_flight :]
            seen += len(batch)
            if order.in_flight == 1:
                found = [await visit(path) for path in batch]
            else:
                found = await asyncio.gather(*map(visit, batch))
            waiting += chain.from_iterable(found)
        check(seen == order.count, f"{seen} nodes")

    meter = Meter()
    for _ in order.walks_to_warm_up:
        await walk(None)
    meter.start()
    await walk(meter.took if order.is_timed else None)
    meter.stop()
    return meter.answer()


if __name__ == "__main__":
    _order.main("aiozk", "aiozk", run)
