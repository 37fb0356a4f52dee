"""The operations of ``zkwire`` and of ``coordinator``: their methods are the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import trio

import zkwire
from bench.peers.python import _tasks
from bench.peers.python._order import (
    WRITES_OF_MULTI,
    Arrivals,
    Meter,
    NoSuchOperationError,
    Order,
    check,
    say_ready,
)

Open = Callable[[Order], AbstractAsyncContextManager[zkwire.Operations]]


def run(order: Order, open_client: Open) -> dict[str, object]:
    async def measure() -> dict[str, object]:
        async with open_client(order) as zk:
            match order.op:
                case "one-shot":
                    return await _one_shot(zk, order)
                case "persistent":
                    return await _persistent(zk, order)
                case "walk":
                    return await _walk(zk, order)
            return await _repeat(zk, order)

    return trio.run(measure)


async def run_tasks(tasks: int, body: Callable[[Callable[[], object]], Awaitable[None]]) -> None:
    async with trio.open_nursery() as nursery:

        def start() -> None:
            nursery.start_soon(body, start)

        for _ in range(tasks):
            start()


async def _repeat(zk: zkwire.Operations, order: Order) -> dict[str, object]:
    operation = _operation(zk, order)
    warm_up = range(order.warm_up)
    measured = range(order.warm_up, order.warm_up + order.count)
    meter = Meter()
    await _tasks.keep_in_flight(run_tasks, operation, warm_up, order.in_flight)
    meter.start()
    took = meter.took if order.is_timed else None
    await _tasks.keep_in_flight(run_tasks, operation, measured, order.in_flight, took)
    meter.stop()
    return meter.answer()


def _operation(zk: zkwire.Operations, order: Order) -> _tasks.Operation:
    path, data, size = order.path, order.data, order.size

    async def get(_: int) -> None:
        found, _stat = await zk.get(path)
        check(found is not None and len(found) == size, found)

    async def set_data(_: int) -> None:
        stat = await zk.set(path, data)
        check(stat.data_length == size, stat)

    async def create(index: int) -> None:
        child = order.child(index)
        check(await zk.create(child, data) == child, child)

    async def delete(index: int) -> None:
        await zk.delete(order.child(index))

    async def children(_: int) -> None:
        names = await zk.get_children(path)
        check(len(names) == size, len(names))

    async def multi(_: int) -> None:
        results = await zk.multi([zkwire.SetData(path, data) for _ in range(WRITES_OF_MULTI)])
        check(len(results) == WRITES_OF_MULTI, results)

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


async def _one_shot(zk: zkwire.Operations, order: Order) -> dict[str, object]:
    """A task for each watch, which sets it and waits for it."""
    armed, all_armed = 0, trio.Event()
    arrivals = Arrivals(order.count, lambda: None)

    async def follow(index: int) -> None:
        nonlocal armed
        _, _, watch = await zk.get_and_watch(order.watched(index))
        armed += 1
        if armed == order.count:
            all_armed.set()
        event = await watch.wait()
        check(event.type is zkwire.EventType.NODE_DATA_CHANGED, event)
        arrivals.came()

    async with trio.open_nursery() as nursery:
        for index in range(order.count):
            nursery.start_soon(follow, index)
        await all_armed.wait()
        say_ready()
    return arrivals.answer()


async def _persistent(zk: zkwire.Operations, order: Order) -> dict[str, object]:
    arrivals = Arrivals(order.count, lambda: None)
    # Room for all of them: a gap in the stream is a failure here.
    async with zk.watch(order.path, recursive=True, capacity=order.count) as stream:
        say_ready()
        for _ in range(order.count):
            item = await anext(stream)
            check(isinstance(item, zkwire.WatchEvent), item)
            arrivals.came()
    return arrivals.answer()


async def _walk(zk: zkwire.Operations, order: Order) -> dict[str, object]:
    meter = Meter()
    for _ in order.walks_to_warm_up:
        await _tasks.walk(run_tasks, zk.get_children, order)
    meter.start()
    took = meter.took if order.is_timed else None
    await _tasks.walk(run_tasks, zk.get_children, order, took)
    meter.stop()
    return meter.answer()
