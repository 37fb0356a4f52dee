"""Where frames begin and end in a stream of bytes that is passed on as it comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

PREFIX: Final = 4
"""A signed big-endian length, which does not count itself."""


class Span(NamedTuple):
    """A part of one frame inside a piece of data: ``data[start:stop]``."""

    frame: int
    """The frame's number, from 0."""
    offset: int
    """Where in the frame it begins, from the first byte of the length."""
    start: int
    stop: int


class FrameTracker:
    """Follows the frames of one direction of one connection, from its first byte.

    What is no sequence of frames (a four-letter word, TLS) is followed as if it were; nothing is
    kept but the length, so that nothing can grow.
    """

    def __init__(self) -> None:
        self.index = 0
        self.offset = 0
        self._length = b""

    def copy(self) -> FrameTracker:
        """Return one that stands at the same place and goes its own way."""
        other = FrameTracker()
        other.index, other.offset, other._length = self.index, self.offset, self._length
        return other

    def walk(self, data: bytes) -> Iterator[Span]:
        """Yield the parts of frames in ``data``, having moved behind each."""
        start = 0
        while start < len(data):
            begin, index = self.offset, self.index
            stop = min(len(data), start + max(0, PREFIX - begin))
            self._length += data[start:stop]
            if len(self._length) == PREFIX:
                end = PREFIX + max(0, int.from_bytes(self._length, "big", signed=True))
                stop = min(len(data), start + end - begin)
            else:
                end = None
            self.offset += stop - start
            if self.offset == end:
                self.index, self.offset, self._length = index + 1, 0, b""
            yield Span(index, begin, start, stop)
            start = stop


class HeadReader:
    """Collects the first bytes of each frame, as they pass."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._head = b""

    def feed(self, span: Span, data: bytes) -> bytes | None:
        """Take a span; return the frame's head when this has completed it."""
        if span.offset == 0:
            self._head = b""
        if len(self._head) == self._size:
            return None
        missing = self._size - len(self._head)
        self._head += data[span.start : span.stop][:missing]
        return self._head if len(self._head) == self._size else None
