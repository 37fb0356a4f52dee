"""Faults in what passes, the same for one proxy and for all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

from zkwire.testing._faults._checks import Direction, directions, number, whole
from zkwire.testing._faults._conditions import (
    Bandwidth,
    Condition,
    Corrupt,
    Freeze,
    Latency,
    LimitData,
    Slicer,
    SlowClose,
)
from zkwire.testing._faults._core import ProxyCore
from zkwire.testing._faults._exchange import Happening

_MAX_FRAME = 2**31 - 1 + 4


class StreamFaults(ABC):
    """Faults in what passes on a connection."""

    @abstractmethod
    def _targets(self) -> tuple[ProxyCore, ...]:
        """Return the proxies that are meant."""

    @asynccontextmanager
    async def latency(
        self, seconds: float, jitter: float = 0.0, *, direction: Direction = "both"
    ) -> AsyncGenerator[None]:
        """Deliver everything later, in order and at full bandwidth.

        Args:
            seconds: How much later, one way; with both directions a round trip takes twice that.
            jitter: Seconds more or less, at random, the same in every run.
            direction: Which way.
        """
        condition = Latency(number("seconds", seconds), number("jitter", jitter))
        async with self._condition(condition, directions(direction)):
            yield

    @asynccontextmanager
    async def bandwidth(
        self, bytes_per_second: float, *, direction: Direction = "both"
    ) -> AsyncGenerator[None]:
        """Pass on no more than so many bytes a second, on each connection, each way.

        Args:
            bytes_per_second: Above 0; for none at all there is `timeout`.
            direction: Which way.
        """
        rate = number("bytes_per_second", bytes_per_second, above=0, unit="bytes per second")
        async with self._condition(Bandwidth(rate), directions(direction)):
            yield

    @asynccontextmanager
    async def slow_close(
        self, delay: float, *, direction: Direction = "both"
    ) -> AsyncGenerator[None]:
        """Tell one side only ``delay`` seconds later that the other has closed."""
        condition = SlowClose(number("delay", delay))
        async with self._condition(condition, directions(direction)):
            yield

    @asynccontextmanager
    async def timeout(self, *, direction: Direction = "both") -> AsyncGenerator[None]:
        """Let nothing pass, an end or a reset neither; connections stay, and can be made.

        At the exit what was held back goes on: behind 64 KiB a sender waits.
        """
        async with self._condition(Freeze(), directions(direction)):
            yield

    @asynccontextmanager
    async def slicer(
        self, size: int = 1, delay: float = 0.0, *, direction: Direction = "both"
    ) -> AsyncGenerator[None]:
        """Cut what passes into pieces of ``size`` bytes, ``delay`` seconds apart."""
        condition = Slicer(whole("size", size, least=1), number("delay", delay))
        async with self._condition(condition, directions(direction)):
            yield

    @asynccontextmanager
    async def limit_data(
        self, nbytes: int, *, direction: Direction = "downstream"
    ) -> AsyncGenerator[None]:
        """Close each connection, in order, right behind so many bytes.

        Args:
            nbytes: How many still pass, counted from the entry or from the connection's
                beginning, whichever is later, each way by itself.
            direction: Which way they are counted.
        """
        condition = LimitData(whole("nbytes", nbytes))
        async with self._condition(condition, directions(direction)):
            yield

    @asynccontextmanager
    async def corrupt(
        self,
        offset: int,
        *,
        frame: int | None = None,
        mask: int = 0xFF,
        direction: Direction = "downstream",
    ) -> AsyncGenerator[Happening]:
        """Change one byte of each connection.

        Args:
            offset: Which: counted from 0 at the entry, or at the connection's beginning where
                that is later. With ``frame``, counted inside that frame: bytes 0 to 3 are its
                length, 4 to 7 the xid. A frame that is shorter passes unharmed.
            frame: The number of a frame, 0 for the next to begin.
            mask: The bits to flip, 1 to 255.
            direction: Which way; with both, a byte each way.

        Yields:
            An object whose ``done`` is set when the first byte has been changed.
        """
        most = None if frame is None else _MAX_FRAME - 1
        at = whole("offset", offset, most=most)
        number_of = None if frame is None else whole("frame", frame)
        happening = Happening()
        bits = whole("mask", mask, least=1, most=255)
        condition = Corrupt(at, number_of, bits, happening.done)
        async with self._condition(condition, directions(direction)):
            yield happening

    @asynccontextmanager
    async def _condition(self, condition: Condition, ways: tuple[str, ...]) -> AsyncGenerator[None]:
        lanes = [target.lanes[way] for target in self._targets() for way in ways]
        for lane in lanes:
            lane.add(condition)
        try:
            await trio.lowlevel.checkpoint()
            yield
        finally:
            for lane in lanes:
                lane.remove(condition)
