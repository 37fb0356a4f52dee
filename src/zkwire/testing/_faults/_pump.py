"""Passes one direction of one connection on, as the conditions of its lane have it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final, Protocol

import trio

from zkwire.testing._faults._conditions import Condition, Corrupt, Lane, LimitData
from zkwire.testing._faults._exchange import Exchange
from zkwire.testing._faults._frames import FrameTracker

_CHUNK: Final = 16 * 1024
_BACKLOG: Final = 64 * 1024
"""Bytes on their way through a pump, after which it reads no more: as a socket's buffer would."""


class Whole(Protocol):
    """The connection that a pump is half of."""

    def close(self) -> None:
        """End it in order."""

    def reset(self) -> None:
        """End it with a reset."""


@dataclass(eq=False, slots=True)
class _Chunk:
    """What was read at once; no data stands for an end, by a reset or in order."""

    data: bytes
    arrived: float
    draw: float
    is_reset: bool = False


class Pump:
    """One direction of one connection: a task that reads and a task that writes."""

    def __init__(
        self,
        lane: Lane,
        source: trio.abc.Stream,
        sink: trio.abc.Stream,
        whole: Whole,
        *,
        exchange: Exchange,
        is_upstream: bool,
        random: Random,
        count: Callable[[int], None],
    ) -> None:
        self._lane = lane
        self._source = source
        self._sink = sink
        self._whole = whole
        self._exchange = exchange
        self._is_upstream = is_upstream
        self._random = random
        self._count = count
        self._queue: deque[_Chunk] = deque()
        self._queued = 0
        self._moved = trio.Event()
        self._passed = 0
        self._tracker = FrameTracker()
        self._since: dict[Condition, int] = {}

    async def read(self) -> None:
        """Take what comes, as long as there is room: what waits there is all that a fault holds."""
        while True:
            while self._queued >= _BACKLOG:
                await self._moved.wait()
            is_reset = False
            try:
                data = bytes(await self._source.receive_some(_CHUNK))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                data, is_reset = b"", True
            draw = self._random.uniform(-1, 1)
            self._queue.append(_Chunk(data, trio.current_time(), draw, is_reset))
            self._move(len(data))
            if not data:
                return

    async def write(self) -> None:
        """Pass on what was taken, when and how the conditions have it."""
        kept = b""
        while True:
            while not self._queue:
                await self._moved.wait()
            chunk = self._queue[0]
            await self._lane.wait_until(partial(self._due, chunk))
            try:
                if not chunk.data:
                    await self._pass_on(kept)
                    await self._end(chunk)
                    return
                kept = await self._sift(kept + chunk.data)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._whole.reset()
                return
            del self._queue[0]
            self._move(-len(chunk.data))

    def _due(self, chunk: _Chunk) -> float:
        due = chunk.arrived + self._lane.latency(chunk.draw)
        return due if chunk.data or chunk.is_reset else due + self._lane.close_delay()

    async def _end(self, chunk: _Chunk) -> None:
        if chunk.is_reset:
            self._whole.reset()
        elif isinstance(self._sink, trio.abc.HalfCloseableStream):
            await self._sink.send_eof()
        else:
            self._whole.close()

    async def _sift(self, data: bytes) -> bytes:
        """Pass on all but a reply that must not arrive; return what cannot be told yet."""
        if self._is_upstream:
            await self._pass_on(data)
            return b""
        while data:
            passing, cut, head = self._exchange.sift(data, self._tracker)
            if cut is not None:
                cut.complete(head)
                self._whole.reset()
                await trio.sleep_forever()
            if not passing:
                break
            await self._pass_on(data[:passing])
            data = data[passing:]
        return data

    async def _pass_on(self, data: bytes) -> None:
        is_first = True
        while data:
            size = min(len(data), self._lane.piece_size() or len(data))
            await self._wait_for_piece(size, is_first=is_first)
            piece = data[: self._within_limits(size)]
            if piece:
                self._count(len(piece))  # before: whoever has got it finds it counted
                await self._sink.send_all(self._seen(piece))
                self._passed += len(piece)
            if self._within_limits(1) < 1:
                self._whole.close()
                await trio.sleep_forever()
            data = data[len(piece) :]
            is_first = False

    async def _wait_for_piece(self, size: int, *, is_first: bool) -> None:
        began, lane = trio.current_time(), self._lane
        await lane.wait_until(lambda: began + lane.piece_delay(size, first=is_first))

    def _within_limits(self, size: int) -> int:
        """Return how many of so many bytes may still pass before the connection is cut."""
        for limit in self._lane.all(LimitData):
            since = self._since.setdefault(limit, self._passed)
            size = min(size, limit.nbytes - (self._passed - since))
        return size

    def _seen(self, piece: bytes) -> bytes:
        """Follow the frames in what is about to be sent; return it as it is to be sent."""
        corrupts = self._lane.all(Corrupt)
        for each in corrupts:
            within = self._tracker.index + (self._tracker.offset > 0)
            self._since.setdefault(each, self._passed if each.frame is None else within)
        sent = bytearray(piece)
        for span in self._tracker.walk(piece):
            if self._is_upstream:
                self._exchange.sending(span, piece)
            for each in corrupts:
                if each.frame is None:
                    at = self._since[each] + each.offset - self._passed
                else:
                    is_it = span.frame == self._since[each] + each.frame
                    at = span.start + each.offset - span.offset if is_it else -1
                if span.start <= at < span.stop:
                    sent[at] ^= each.mask
                    each.done.set()
        return bytes(sent)

    def _move(self, size: int) -> None:
        self._queued += size
        self._moved.set()
        self._moved = trio.Event()
