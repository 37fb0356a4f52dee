"""Frames: a length, and that many bytes.

Bounded before anything is kept: a length over the limit is refused when its four
bytes are there, and a frame takes up memory only as its bytes arrive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zkwire._errors import RemoteProtocolError
from zkwire._jute import records

DEFAULT_MAX_INBOUND_FRAME: Final = 8 * 1024 * 1024
"""Bytes.  jute.maxbuffer bounds what a server reads, not what it writes: a real
3.8 server sent 1.25 MB of children with stock settings.  A guard of our memory,
not a mirror of the server's limit."""

_LENGTH: Final = records.FRAME_LENGTH.layout


class FrameDecoder:
    """Cuts a stream of bytes into frames, however the bytes are chunked."""

    def __init__(self, max_frame: int = DEFAULT_MAX_INBOUND_FRAME) -> None:
        self._max_frame = max_frame
        self._kept = bytearray()
        self._needed = _LENGTH.size
        self.offset = 0
        """Bytes received before the frame that comes next: where to look in a capture."""

    @property
    def is_between_frames(self) -> bool:
        """Whether no part of a frame is waiting for the rest."""
        return not self._kept

    @property
    def missing(self) -> int:
        """Bytes until the frame that has begun is whole; 0 between frames."""
        return self._needed - len(self._kept) if self._kept else 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take bytes, and yield each frame that they complete, without its length.

        Raises:
            RemoteProtocolError: behind the last good frame, a length that is
                negative or over the limit.
        """
        if self._kept:
            self._kept += data
            if len(self._kept) < self._needed:
                return
            data = bytes(self._kept)
            self._kept.clear()
        pos = 0
        size = len(data)
        read_length = _LENGTH.unpack_from
        while True:
            start = pos + 4
            if start > size:
                self._needed = _LENGTH.size
                break
            (length,) = read_length(data, pos)
            if not 0 <= length <= self._max_frame:
                raise RemoteProtocolError(
                    f"frame of {length} bytes, where 0 to {self._max_frame} are accepted",
                    offset=self.offset,
                )
            end = start + length
            if end > size:
                self._needed = end - pos
                break
            frame = data[start:end]
            if end == size:
                data = b""  # a long frame is not held twice while it is looked at
            yield frame
            pos = end
            self.offset += 4 + length
        self._kept += data[pos:]
