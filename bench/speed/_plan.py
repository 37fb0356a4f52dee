"""How much to measure of each speed subject, by the form of the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bench.harness.plan import Form

PIPELINED: Final = 1_024
"""Requests in flight where the goals for throughput are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """One form's numbers; counts are of operations that are measured."""

    # gets: enough that a run takes about a second in the full form.
    gets_rounds: int
    gets_pipelined: int
    gets_sequential: int
    server_warm_up: int
    """Gets before anybody is measured, and a quarter as many writes where there are any."""

    # operations
    operations_rounds: int
    sizes: tuple[int, ...]
    in_flight: tuple[int, ...]
    children: tuple[int, ...]
    reads: dict[int, int]
    """How many in a run, by the requests in flight."""
    writes: dict[int, int]

    # system-calls
    traced_rounds: int
    traced_sequential: int
    traced_pipelined: int

    # watches
    watches_rounds: int
    one_shot: int
    persistent: int

    # walk: nodes on each level below the root.
    walk_rounds: int
    walk_tree: tuple[int, ...]

    imports_rounds: int

    # batched, waiting, codec and models
    inner_rounds: int
    inner_gets: int
    codec_repeats: int


_FULL = Numbers(
    gets_rounds=5,
    gets_pipelined=20_480,
    gets_sequential=3_000,
    server_warm_up=40_960,
    operations_rounds=2,
    sizes=(100, 10_000),
    in_flight=(1, 16, 256, 1_024),
    children=(10, 10_000),
    reads={1: 400, 16: 1_600, 256: 3_072, 1_024: 3_072},
    writes={1: 300, 16: 1_200, 256: 2_048, 1_024: 2_048},
    traced_rounds=3,
    traced_sequential=1_000,
    traced_pipelined=16_384,
    watches_rounds=3,
    one_shot=10_000,
    persistent=100_000,
    walk_rounds=2,
    walk_tree=(10, 100, 100),
    imports_rounds=15,
    inner_rounds=5,
    inner_gets=16_384,
    codec_repeats=12,
)

_SHORT = Numbers(
    gets_rounds=2,
    gets_pipelined=12_288,
    gets_sequential=1_500,
    server_warm_up=20_480,
    operations_rounds=1,
    sizes=(100,),
    in_flight=(16,),
    children=(10_000,),
    reads={16: 3_000},
    writes={16: 1_000},
    traced_rounds=1,
    traced_sequential=300,
    traced_pipelined=8_192,
    watches_rounds=1,
    one_shot=10_000,
    persistent=20_000,
    walk_rounds=1,
    walk_tree=(10, 20, 100),
    imports_rounds=11,
    inner_rounds=2,
    inner_gets=8_192,
    codec_repeats=6,
)

_LOOK = Numbers(
    gets_rounds=1,
    gets_pipelined=1_024,
    gets_sequential=100,
    server_warm_up=2_048,
    operations_rounds=1,
    sizes=(100,),
    in_flight=(1, 256),
    children=(10,),
    reads={1: 100, 16: 100, 256: 512},
    writes={1: 100, 16: 100, 256: 512},
    traced_rounds=1,
    traced_sequential=50,
    traced_pipelined=1_024,
    watches_rounds=1,
    one_shot=1_000,
    persistent=2_000,
    walk_rounds=1,
    walk_tree=(2, 5, 20),
    imports_rounds=2,
    inner_rounds=2,
    inner_gets=2_048,
    codec_repeats=2,
)

NUMBERS: dict[Form, Numbers] = {"look": _LOOK, "short": _SHORT, "full": _FULL}
