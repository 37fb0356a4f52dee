"""What is wrong with one direction of a proxy, and the moment when that changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import trio

_ConditionT = TypeVar("_ConditionT", bound="Condition")

_BURSTS_PER_SECOND: Final = 10
"""How finely a bandwidth is kept; toxiproxy sends every 100 ms too."""


@dataclass(frozen=True, eq=False, slots=True)
class Condition:
    """Something wrong; two of the same kind and size are two."""


@dataclass(frozen=True, eq=False, slots=True)
class Latency(Condition):
    """Every byte and every end comes ``seconds``, give or take ``jitter``, later."""

    seconds: float
    jitter: float


@dataclass(frozen=True, eq=False, slots=True)
class Bandwidth(Condition):
    """No more than so many bytes a second."""

    bytes_per_second: float


@dataclass(frozen=True, eq=False, slots=True)
class SlowClose(Condition):
    """An end is passed on so many seconds late."""

    delay: float


@dataclass(frozen=True, eq=False, slots=True)
class Freeze(Condition):
    """Nothing passes; what has come waits, and soon whoever sends."""


@dataclass(frozen=True, eq=False, slots=True)
class Slicer(Condition):
    """Bytes pass in pieces, a delay apart."""

    size: int
    delay: float


@dataclass(frozen=True, eq=False, slots=True)
class LimitData(Condition):
    """A connection is closed behind so many bytes."""

    nbytes: int


@dataclass(frozen=True, eq=False, slots=True)
class Corrupt(Condition):
    """One byte of each connection is changed: of the stream, or of one of its frames."""

    offset: int
    frame: int | None
    mask: int
    done: trio.Event


class Lane:
    """One direction of a proxy, for all of its connections."""

    def __init__(self) -> None:
        self.conditions: tuple[Condition, ...] = ()
        self._changed = trio.Event()

    def add(self, condition: Condition) -> None:
        """Let a condition begin, for what is under way too."""
        self._change((*self.conditions, condition))

    def remove(self, condition: Condition) -> None:
        """Let a condition end; what it held back goes on at once."""
        self._change(each for each in self.conditions if each is not condition)

    def all(self, kind: type[_ConditionT]) -> list[_ConditionT]:
        """Return the present conditions of one kind."""
        return [each for each in self.conditions if isinstance(each, kind)]

    @property
    def is_frozen(self) -> bool:
        """Whether nothing may pass."""
        return any(isinstance(each, Freeze) for each in self.conditions)

    def latency(self, draw: float) -> float:
        """Return how late something is; ``draw`` is its luck, from -1 to 1."""
        return sum(max(0.0, c.seconds + draw * c.jitter) for c in self.all(Latency))

    def close_delay(self) -> float:
        """Return how late an end is, beside the latency."""
        return sum(each.delay for each in self.all(SlowClose))

    def piece_size(self) -> int | None:
        """Return the most bytes to send at once, or None."""
        sizes = [each.size for each in self.all(Slicer)]
        sizes += [max(1, int(rate / _BURSTS_PER_SECOND)) for rate in self._rates()]
        return min(sizes, default=None)

    def piece_delay(self, size: int, *, first: bool) -> float:
        """Return how long a piece takes: its own time, and the gap to the one before."""
        gap = 0.0 if first else max((each.delay for each in self.all(Slicer)), default=0.0)
        return max(gap, max((size / rate for rate in self._rates()), default=0.0))

    async def wait_until(self, due: Callable[[], float]) -> None:
        """Wait for a moment that depends on the conditions, however they change meanwhile."""
        while True:
            moment = math.inf if self.is_frozen else due()
            if moment <= trio.current_time():
                return
            with trio.move_on_at(moment):
                await self._changed.wait()

    def _rates(self) -> list[float]:
        return [each.bytes_per_second for each in self.all(Bandwidth)]

    def _change(self, conditions: Iterable[Condition]) -> None:
        self.conditions = tuple(conditions)
        self._changed.set()
        self._changed = trio.Event()
