"""Requests kept in flight by tasks, whatever runs the tasks."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from bench.peers.python._order import Order, below, check

Operation = Callable[[int], Awaitable[object]]


class RunTasks(Protocol):
    """Runs so many tasks of a function until all have ended, those too that they start."""

    async def __call__(
        self, tasks: int, body: Callable[[Callable[[], object]], Awaitable[None]]
    ) -> None: ...


async def keep_in_flight(
    run_tasks: RunTasks,
    operation: Operation,
    indices: range,
    in_flight: int,
    took: list[int] | None = None,
) -> None:
    """As many tasks as requests in flight, each of which does one operation after the other.

    One at a time needs no task at all.
    """
    left = iter(indices)

    async def work(_: object = None) -> None:
        if took is None:
            for index in left:
                await operation(index)
        else:
            for index in left:
                asked = time.monotonic_ns()
                await operation(index)
                took.append(time.monotonic_ns() - asked)

    if in_flight == 1:
        await work()
    else:
        await run_tasks(in_flight, work)


async def walk(
    run_tasks: RunTasks,
    get_children: Callable[[str], Awaitable[Any]],
    order: Order,
    took: list[int] | None = None,
) -> None:
    """Visit every node of a tree: a task goes on as long as there is a node to be visited.

    Tasks are started when there is more to do than there are tasks, and end when there is
    nothing left to begin, so none has to wait for another.
    """
    waiting = [order.path]
    seen = running = 0

    async def visit(start_another: Callable[[], object]) -> None:
        nonlocal seen, running
        running += 1
        while waiting:
            path = waiting.pop()
            asked = time.monotonic_ns()
            children = await get_children(path)
            if took is not None:
                took.append(time.monotonic_ns() - asked)
            seen += 1
            waiting.extend([below(path, name) for name in children])
            for _ in range(min(order.in_flight - running, len(waiting) - 1)):
                start_another()
        running -= 1

    await run_tasks(1, visit)
    check(seen == order.count, f"{seen} nodes")
