"""What a speed program is asked for, and what it answers; see ``bench/README.md``.

``LOAD SERVERS OP PATH SIZE IN_FLIGHT WARM_UP COUNT`` prints one line of JSON;
without arguments, what the client is.
"""

from __future__ import annotations

import json
import logging
import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from resource import RUSAGE_SELF, getrusage

from bench.peers.python._version import describe

# Above it what an operation takes is the length of the line that it stands in.
MOST_TIMED = 16
WRITES_OF_MULTI = 10


class NoSuchOperationError(Exception):
    """The client cannot do what is asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """The arguments."""

    servers: list[str]
    op: str
    path: str
    size: int
    in_flight: int
    warm_up: int
    count: int

    @property
    def data(self) -> bytes:
        return b"x" * self.size

    @property
    def is_timed(self) -> bool:
        return self.in_flight <= MOST_TIMED

    @property
    def session_timeout(self) -> float:
        """Seconds; a walk through a large tree keeps a client busy."""
        return 30.0 if self.op == "walk" else 10.0

    @property
    def walks_to_warm_up(self) -> range:
        """Whole ones."""
        return range(math.ceil(self.warm_up / self.count))

    def child(self, index: int) -> str:
        return f"{self.path}/n{index:08d}"

    def watched(self, index: int) -> str:
        return f"{self.path}/w{index:08d}"


class Meter:
    """Time and CPU time, from ``start`` to ``stop``."""

    def __init__(self) -> None:
        self.took: list[int] = []
        """Nanoseconds of each operation, where that is measured."""

    def start(self) -> None:
        self._usage, self._began = getrusage(RUSAGE_SELF), time.monotonic_ns()

    def stop(self) -> None:
        ended, usage = time.monotonic_ns(), getrusage(RUSAGE_SELF)
        self._seconds = (ended - self._began) / 1e9
        self._user = usage.ru_utime - self._usage.ru_utime
        self._system = usage.ru_stime - self._usage.ru_stime

    def answer(self) -> dict[str, object]:
        return {
            "seconds": self._seconds,
            "user": self._user,
            "system": self._system,
            "took": self.took,
        }


class Arrivals:
    """Counts events, from the first to the last of them."""

    def __init__(self, expected: int, all_here: Callable[[], object]) -> None:
        self.meter = Meter()
        self._left = self._expected = expected
        self._all_here = all_here

    def came(self) -> None:
        if self._left == self._expected:
            self.meter.start()
        self._left -= 1
        if self._left == 0:
            self.meter.stop()
            self._all_here()

    def answer(self) -> dict[str, object]:
        return self.meter.answer() | {"events": self._expected}


def check(condition: bool, what: object) -> None:
    """Raise if a reply is not what it should be."""
    if not condition:
        raise RuntimeError(f"not what was asked for: {what!r}")


def below(path: str, name: str) -> str:
    return f"/{name}" if path == "/" else f"{path}/{name}"


def say_ready() -> None:
    print("ready", flush=True)


def main(client: str, package: str, run: Callable[[Order], Mapping[str, object]]) -> None:
    """Do what the command line asks for.  ``run`` may raise ``NoSuchOperationError``."""
    if len(sys.argv) == 1:
        print(describe(client, package))
        return
    logging.basicConfig(level=logging.ERROR)
    servers, op, path, *numbers = sys.argv[1:]
    try:
        answer = run(Order(servers.split(","), op, path, *map(int, numbers)))
    except NoSuchOperationError as reason:
        answer = {"not measured": str(reason)}
    print(json.dumps(answer), flush=True)
