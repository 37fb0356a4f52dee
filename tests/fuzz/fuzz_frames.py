"""Invariant: frames, fault and offset depend on the bytes alone, not on where they are cut.

Input: limit, number of cuts, that many cuts, stream.  Besides: a length that is not
allowed is refused as soon as its four bytes are there, no more than a frame and its
length is kept, and no byte is copied more than four times on its way through.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Self

from fuzz.harness import Reader, fuzz, instrumented

with instrumented(__name__, ["zkwire._proto._framing"]):
    from zkwire._errors import RemoteProtocolError
    from zkwire._proto._framing import FrameDecoder

LIMITS = [0, 1, 5, 16, 255, 4096, 2**20, 2**31 - 1]
MOST_COPIES = 4  # kept behind a frame, taken out with the length, kept again, taken out


class Counting(bytearray):
    """A buffer that counts the bytes that go into it and out of it."""

    copied = 0

    def __iadd__(self, data: bytes) -> Self:
        self.copied += len(data)
        self.extend(data)
        return self

    def __bytes__(self) -> bytes:
        self.copied += len(self)
        return bytes(memoryview(self))


def split(stream: bytes, limit: int) -> tuple[list[bytes], int, str | None]:
    """What the frames are by definition: they, where the next begins, and its fault."""
    frames: list[bytes] = []
    pos = 0
    while pos + 4 <= len(stream):
        length = int.from_bytes(stream[pos : pos + 4], "big", signed=True)
        if length < 0 or length > limit:
            return frames, pos, f"frame of {length} bytes, where 0 to {limit} are accepted"
        if pos + 4 + length > len(stream):
            break
        frames.append(stream[pos + 4 : pos + 4 + length])
        pos += 4 + length
    return frames, pos, None


def check(data: bytes) -> None:
    choices = Reader(data)
    limit = LIMITS[choices.byte() % len(LIMITS)]
    cuts = [choices.byte() for _ in range(choices.byte() % 16)]
    byte_by_byte = choices.byte() % 8 == 7
    stream = choices.rest()
    size = len(stream)
    # Small cuts count from the start, where the first lengths are; large ones from the end.
    edges = sorted({min(cut, size) if cut < 128 else max(0, size + 127 - cut) for cut in cuts})
    edges = list(range(size + 1)) if byte_by_byte else [0, *edges, size]
    frames, next_frame, fault = split(stream, limit)

    decoder = FrameDecoder(limit)
    kept = Counting()
    decoder._kept = kept
    found: list[bytes] = []
    for start, stop in pairwise(edges):
        is_refused = fault is not None and stop >= next_frame + 4
        try:
            found += decoder.feed(stream[start:stop])
        except RemoteProtocolError as error:
            assert is_refused, "refused too early"
            assert error.reason == fault
            assert error.offset == next_frame
            break
        assert not is_refused, "refused too late"
        assert len(kept) < limit + 4 + 1, "more than a frame is kept"
    assert found == frames
    assert decoder.offset == next_frame
    assert kept.copied <= MOST_COPIES * size, f"{kept.copied} bytes copied for {size}"
    if fault is None:
        assert decoder.is_between_frames == (next_frame == size)


if __name__ == "__main__":
    fuzz(check)
