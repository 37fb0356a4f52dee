"""The codec: encode a getData request, decode its reply with 100 bytes and a Stat.

The contenders do the same to the same bytes: zkwire's codec, derived from the
declarations; ``struct`` called by hand, which checks bounds too; and construct,
interpreting the very declarations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from time import process_time_ns

from bench.harness.contender import Sample
from bench.harness.plan import Plan
from bench.harness.report import Ratio, Subject
from bench.harness.rounds import interleave, paired
from bench.speed._clients import DATA, PATH
from zkwire._jute import records
from zkwire._models import Stat
from zkwire._proto._operations import GET_DATA

XID = 7
STAT = Stat(1 << 40, 1 << 41, 1_700_000_000_000, 1_700_000_000_001, 3, 5, 0, 0, 100, 0, 1 << 42)  # type: ignore[arg-type]

DERIVED = "derived (zkwire)"
BY_HAND = "struct by hand"
INTERPRETED = "construct, interpreted"
ENCODE, DECODE, BOTH = "encode, us", "decode, us", "both, us"

NAMED_TUPLE = "named tuple"
FROZEN = "frozen dataclass"
MAKE = "make, us"


@dataclass(frozen=True, slots=True)
class FrozenStat:
    """A Stat as it would be if it were a frozen dataclass."""

    czxid: int
    mzxid: int
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    ephemeral_owner: int
    data_length: int
    num_children: int
    pzxid: int


def measure(plan: Plan) -> Subject:
    samples, missing = interleave("codec", CODECS, plan.rounds, repeats=plan.codec_repeats)
    return Subject(
        title=f"Codec: getData request, and its reply of {len(DATA)} bytes and a Stat",
        samples=samples,
        missing=missing,
        ratios=[
            Ratio(
                f"{what.removesuffix(', us')}: derived / {BY_HAND}",
                paired(samples, what, DERIVED, BY_HAND),
                at_most=4.0,
            )
            for what in (ENCODE, DECODE, BOTH)
        ]
        + [
            Ratio(
                f"{what.removesuffix(', us')}: {INTERPRETED} / derived",
                paired(samples, what, INTERPRETED, DERIVED),
                at_least=10.0,
            )
            for what in (ENCODE, DECODE, BOTH)
        ],
    )


def measure_models(plan: Plan) -> Subject:
    samples, missing = interleave("codec", MODELS, plan.rounds, repeats=plan.codec_repeats)
    ratio = paired(samples, MAKE, FROZEN, NAMED_TUPLE)
    return Subject(
        title="Models: make a Stat of eleven fields that are already unpacked",
        samples=samples,
        missing=missing,
        ratios=[Ratio("frozen dataclass / named tuple", ratio)],
    )


# --- the contenders -------------------------------------------------------------------------

_NEW = tuple.__new__
_HEAD = Struct(">iii").pack
_LENGTH = Struct(">i")
_STAT = Struct(">qqqqiiiqiiq")
_REPLY_HEADER = records.REPLY_HEADER.layout.size


def _encode_derived() -> bytes:
    return GET_DATA.encode_frame(XID, PATH, False)


def _encode_by_hand() -> bytes:
    raw = PATH.encode()
    size = len(raw)
    return _LENGTH.pack(13 + size) + _HEAD(XID, 4, size) + raw + b"\x00"


def _encode_interpreted() -> bytes:
    body = records.GET_DATA_REQUEST.build(PATH, False)
    return records.REQUEST_PREFIX.build(8 + len(body), XID, 4) + body


def _decode_derived(frame: bytes) -> object:
    return GET_DATA.decode(frame)


def _decode_by_hand(frame: bytes) -> object:
    (length,) = _LENGTH.unpack_from(frame, _REPLY_HEADER)
    start = _REPLY_HEADER + 4
    end = start + length
    if length < 0 or end + _STAT.size != len(frame):
        raise ValueError(f"a value of {length} bytes in a frame of {len(frame)}")
    return frame[start:end], _NEW(Stat, _STAT.unpack_from(frame, end))


def _decode_interpreted(frame: bytes) -> object:
    return records.GET_DATA_RESPONSE.parse(frame[_REPLY_HEADER:])


def _per_call(function: Callable[..., object], *arguments: object, repeats: int) -> float:
    """The least of several timings, in microseconds: other jobs can only add to it."""
    calls = 1
    while _timed(function, arguments, calls) < 5_000_000:  # 5 ms: far above the clock's grain
        calls *= 2
    return min(_timed(function, arguments, calls) for _ in range(repeats)) / calls / 1000


def _timed(function: Callable[..., object], arguments: tuple[object, ...], calls: int) -> int:
    began = process_time_ns()
    for _ in range(calls):
        function(*arguments)
    return process_time_ns() - began


def _codec(encode: Callable[[], bytes], decode: Callable[[bytes], object], repeats: int) -> Sample:
    frame = records.REPLY_HEADER.encode(XID, 1 << 42, 0) + records.GET_DATA_RESPONSE.encode(
        DATA, STAT
    )
    if encode() != _encode_interpreted() or decode(frame) != (DATA, STAT):
        raise RuntimeError("a contender does not do what the others do")
    encoding = _per_call(encode, repeats=repeats)
    decoding = _per_call(decode, frame, repeats=repeats)
    return {ENCODE: encoding, DECODE: decoding, BOTH: encoding + decoding}


def _model(make: Callable[[tuple[int, ...]], object], repeats: int) -> Sample:
    return {MAKE: _per_call(make, tuple(STAT), repeats=repeats)}


CODECS = (DERIVED, BY_HAND, INTERPRETED)
MODELS = (NAMED_TUPLE, FROZEN)
CONTENDERS: dict[str, Callable[[int], Sample]] = {
    DERIVED: lambda repeats: _codec(_encode_derived, _decode_derived, repeats),
    BY_HAND: lambda repeats: _codec(_encode_by_hand, _decode_by_hand, repeats),
    INTERPRETED: lambda repeats: _codec(_encode_interpreted, _decode_interpreted, repeats),
    NAMED_TUPLE: lambda repeats: _model(lambda v: _NEW(Stat, v), repeats),
    FROZEN: lambda repeats: _model(lambda v: FrozenStat(*v), repeats),
}
