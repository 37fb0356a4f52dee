"""As a program: operations of kazoo, with its default handler, on threads; see ``_order``."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from kazoo.client import KazooClient
from kazoo.protocol.states import EventType, WatchedEvent

from bench.peers.python import _order
from bench.peers.python._order import WRITES_OF_MULTI, Arrivals, Meter, NoSuchOperationError, Order

Start = Callable[[int], Any]
"""Begins an operation, and returns kazoo's future for its answer."""


def run(order: Order) -> dict[str, object]:
    if order.op == "persistent":
        raise NoSuchOperationError("kazoo has one-shot watches only")
    client = KazooClient(hosts=",".join(order.servers), timeout=order.session_timeout)
    client.start()
    try:
        match order.op:
            case "one-shot":
                return _one_shot(client, order)
            case "walk":
                return _walk(client, order)
        return _repeat(client, order)
    finally:
        client.stop()
        client.close()


def _repeat(client: KazooClient, order: Order) -> dict[str, object]:
    start, is_right = _operation(client, order)
    meter = Meter()
    _keep_in_flight(start, is_right, range(order.warm_up), order.in_flight)
    measured = range(order.warm_up, order.warm_up + order.count)
    meter.start()
    if order.is_timed:
        _keep_in_flight_timed(start, is_right, measured, order.in_flight, meter.took)
    else:
        _keep_in_flight(start, is_right, measured, order.in_flight)
    meter.stop()
    return meter.answer()


def _keep_in_flight(
    start: Start,
    is_right: Callable[[Any], bool],
    indices: Iterable[int],
    in_flight: int,
) -> None:
    """A sliding window of futures: the quickest of four ways to keep kazoo's pipeline full.

    The others were a semaphore released by callbacks, requests made within callbacks, and
    one batch after the other.  With a window of one it is what kazoo's blocking calls do.
    """
    window: deque[Any] = deque()

    def finish() -> None:
        answer = window.popleft().get()
        _order.check(is_right(answer), answer)

    for index in indices:
        if len(window) == in_flight:
            finish()
        window.append(start(index))
    while window:
        finish()


def _keep_in_flight_timed(
    start: Start,
    is_right: Callable[[Any], bool],
    indices: Iterable[int],
    in_flight: int,
    took: list[int],
) -> None:
    """The same, with two looks at the clock for each operation."""
    asked: deque[int] = deque()

    def start_timed(index: int) -> Any:
        asked.append(time.monotonic_ns())
        return start(index)

    def finish_timed(answer: Any) -> bool:
        took.append(time.monotonic_ns() - asked.popleft())
        return is_right(answer)

    _keep_in_flight(start_timed, finish_timed, indices, in_flight)


def _operation(client: KazooClient, order: Order) -> tuple[Start, Callable[[Any], bool]]:
    path, data, size = order.path, order.data, order.size

    def multi(_: int) -> Any:
        transaction = client.transaction()
        for _ in range(WRITES_OF_MULTI):
            transaction.set_data(path, data)
        return transaction.commit_async()

    operations: dict[str, tuple[Start, Callable[[Any], bool]]] = {
        "get": (lambda _: client.get_async(path), lambda found: len(found[0]) == size),
        "set": (lambda _: client.set_async(path, data), lambda stat: stat.data_length == size),
        "create": (
            lambda index: client.create_async(order.child(index), data),
            lambda child: child.startswith(path),
        ),
        "delete": (
            lambda index: client.delete_async(order.child(index)),
            lambda answer: answer is True,
        ),
        "children": (
            lambda _: client.get_children_async(path),
            lambda names: len(names) == size,
        ),
        "multi": (
            multi,
            # What failed is among the results, and not raised.
            lambda results: (
                len(results) == WRITES_OF_MULTI
                and not any(isinstance(each, Exception) for each in results)
            ),
        ),
    }
    if order.op not in operations:
        raise NoSuchOperationError(f"there is no {order.op}")
    return operations[order.op]


def _one_shot(client: KazooClient, order: Order) -> dict[str, object]:
    done = threading.Event()
    arrivals = Arrivals(order.count, done.set)

    def watch(event: WatchedEvent) -> None:
        # On kazoo's own thread: an exception would be logged, and the event not counted.
        if event.type == EventType.CHANGED:
            arrivals.came()

    def start(index: int) -> Any:
        return client.get_async(order.watched(index), watch=watch)

    _keep_in_flight(start, bool, range(order.count), order.in_flight)
    _order.say_ready()
    done.wait()
    return arrivals.answer()


def _walk(client: KazooClient, order: Order) -> dict[str, object]:
    """The same window, filled from the list of nodes that are yet to be visited."""

    def walk(took: list[int]) -> None:
        seen = 0
        waiting = [order.path]
        window: deque[tuple[str, int, Any]] = deque()
        while window or waiting:
            while waiting and len(window) < order.in_flight:
                path = waiting.pop()
                window.append((path, time.monotonic_ns(), client.get_children_async(path)))
            path, asked, future = window.popleft()
            names = future.get()
            took.append(time.monotonic_ns() - asked)
            seen += 1
            waiting.extend([_order.below(path, name) for name in names])
        _order.check(seen == order.count, f"{seen} nodes")

    meter = Meter()
    for _ in order.walks_to_warm_up:
        walk([])
    meter.start()
    walk(meter.took)
    meter.stop()
    if not order.is_timed:
        meter.took.clear()
    return meter.answer()


if __name__ == "__main__":
    _order.main("kazoo", "kazoo", run)
