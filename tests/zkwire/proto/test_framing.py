from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_frames import framed
from zkwire._errors import RemoteProtocolError
from zkwire._proto._framing import DEFAULT_MAX_INBOUND_FRAME, FrameDecoder

BODIES = st.lists(st.binary(max_size=20), max_size=8)


def fed(decoder: FrameDecoder, chunks: list[bytes]) -> list[bytes]:
    return [frame for chunk in chunks for frame in decoder.feed(chunk)]


def cut(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:stop] for start, stop in pairwise(edges)]


@settings(deadline=None)
@given(bodies=BODIES, cuts=st.lists(st.integers(0, 200), max_size=12))
def test_chunking_does_not_matter(bodies, cuts):
    stream = b"".join(map(framed, bodies))
    decoder = FrameDecoder()
    assert fed(decoder, cut(stream, cuts)) == bodies
    assert decoder.offset == len(stream)
    assert decoder.is_between_frames


@settings(deadline=None)
@given(bodies=BODIES)
def test_byte_by_byte(bodies):
    stream = b"".join(map(framed, bodies))
    decoder = FrameDecoder()
    assert fed(decoder, [stream[i : i + 1] for i in range(len(stream))]) == bodies


@pytest.mark.parametrize("chunks", [[], [b""], [b"", b""]])
def test_nothing_is_no_frame(chunks):
    decoder = FrameDecoder()
    assert fed(decoder, chunks) == []
    assert decoder.is_between_frames
    assert decoder.offset == 0


def test_an_empty_frame_is_a_frame():
    assert fed(FrameDecoder(), [bytes(4), bytes(8)]) == [b"", b"", b""]


@pytest.mark.parametrize(
    "part", [b"\x00", b"\x00\x00\x00", b"\x00\x00\x00\x02", framed(b"ab")[:-1]]
)
def test_a_part_of_a_frame_waits_for_the_rest(part):
    decoder = FrameDecoder()
    assert fed(decoder, [framed(b"x"), part]) == [b"x"]
    assert not decoder.is_between_frames
    assert decoder.offset == 5
    assert fed(decoder, [framed(b"ab")[len(part) :]]) == [b"ab"]
    assert decoder.is_between_frames


def test_the_longest_frame_is_taken_and_one_byte_more_is_not():
    assert fed(FrameDecoder(10), [framed(bytes(10))]) == [bytes(10)]
    with pytest.raises(RemoteProtocolError, match="frame of 11 bytes, where 0 to 10 are accepted"):
        fed(FrameDecoder(10), [framed(bytes(11))])


@pytest.mark.parametrize("length", [11, 2**31 - 1, -1, -(2**31)])
@pytest.mark.parametrize("chunk", [1, 4])
def test_the_limit_is_enforced_when_four_bytes_are_there(length, chunk):
    header = length.to_bytes(4, "big", signed=True)
    decoder = FrameDecoder(10)
    assert fed(decoder, [framed(b"good"), header[:3]]) == [b"good"]
    with pytest.raises(RemoteProtocolError, match=f"frame of {length} bytes") as caught:
        fed(decoder, [header[3:]] if chunk == 1 else [header[3:] + b"more"])
    assert caught.value.offset == 8


def test_good_frames_come_out_before_a_bad_length_is_reported():
    decoder = FrameDecoder(10)
    frames = decoder.feed(framed(b"one") + framed(b"two") + b"\xff\xff\xff\xff" + framed(b"three"))
    assert next(frames) == b"one"
    assert next(frames) == b"two"
    with pytest.raises(RemoteProtocolError, match="frame of -1 bytes") as caught:
        next(frames)
    assert caught.value.offset == 14


def test_the_offset_stays_at_a_frame_while_it_is_looked_at():
    decoder = FrameDecoder()
    seen = [(frame, decoder.offset) for frame in decoder.feed(framed(b"ab") + framed(b"c"))]
    assert seen == [(b"ab", 0), (b"c", 6)]
    assert decoder.offset == 11


def test_an_announced_frame_takes_up_memory_only_as_it_arrives():
    header = DEFAULT_MAX_INBOUND_FRAME.to_bytes(4, "big")
    decoder = FrameDecoder()
    tracemalloc.start()
    try:
        assert fed(decoder, [header + bytes(1000)]) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024


def test_the_default_limit_is_above_what_servers_have_been_seen_to_send():
    assert DEFAULT_MAX_INBOUND_FRAME > 1_280_020  # 20,000 children with stock settings


def test_what_is_missing_of_a_frame_that_has_begun():
    decoder = FrameDecoder()
    assert decoder.missing == 0
    assert list(decoder.feed(b"\x00\x00")) == []
    assert decoder.missing == 2  # of the length
    assert list(decoder.feed(b"\x03\xe8" + bytes(100))) == []
    assert decoder.missing == 900
    assert list(decoder.feed(bytes(900))) == [bytes(1000)]
    assert decoder.missing == 0
