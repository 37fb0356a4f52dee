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
from bench.harness.outcome import Outcome, judge
from bench.harness.plan import Plan, Say
from bench.harness.rounds import paired
from bench.speed._inner import measure_inner, shown
from bench.speed._nodes import DATA
from bench.speed._plan import NUMBERS
from zkwire._jute import records
from zkwire._models import Stat
from zkwire._proto._operations import GET_DATA

XID = 7
PATH = "/bench"
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


def measure(plan: Plan, say: Say) -> Outcome:
    numbers = NUMBERS[plan.form]
    name = f"getData request, and its reply of {len(DATA)} bytes and a Stat"
    done = measure_inner("codec", name, CODECS, numbers, say, repeats=numbers.codec_repeats)
    found = done.samples.get(name, {})
    goals = [
        judge(
            f"{what.removesuffix(', us')}: {above} / {below}",
            paired(found, what, above, below),
            at_least=at_least,
            at_most=at_most,
            unit="x",
        )
        for above, below, at_least, at_most in (
            (DERIVED, BY_HAND, None, 4.0),
            (INTERPRETED, DERIVED, 10.0, None),
        )
        for what in (ENCODE, DECODE, BOTH)
    ]
    return shown(Outcome(subject="codec", title=f"Codec: {name}", goals=goals), name, done)


def measure_models(plan: Plan, say: Say) -> Outcome:
    numbers = NUMBERS[plan.form]
    name = "make a Stat of eleven fields that are already unpacked"
    done = measure_inner("codec", name, MODELS, numbers, say, repeats=numbers.codec_repeats)
    return shown(
        Outcome(subject="models", title=f"Models: {name}"),
        name,
        done,
        [(MAKE, FROZEN, NAMED_TUPLE)],
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
