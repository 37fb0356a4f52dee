"""Whether sessions were kept, and how soon they went on: a check of what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.soak._verdict import Claim

MEDIAN, WORST = 0.1, 1.0
"""Seconds, both to be stayed under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One member killed under a session that was connected to it."""

    seconds: float
    """From before the kill to the next answer, from another member."""
    was_leader: bool
    is_same_session: bool


def judge(moves: Sequence[Move], *, least: int) -> list[Claim]:
    """Judge fail-overs."""
    doubts = [f"{len(moves)} kills of {least}"] if len(moves) < least else []
    kept = sum(move.is_same_session for move in moves)
    seconds = [move.seconds for move in moves]
    middle, most = (median(seconds), max(seconds)) if seconds else (0.0, 0.0)
    return [
        Claim.judged(
            "the session is the same after its member is killed",
            f"{kept} of {len(moves)} times",
            met=kept == len(moves),
            doubts=doubts,
        ),
        Claim.judged(
            f"the median from kill to answer is under {MEDIAN * 1000:g} ms",
            f"{middle * 1000:.0f} ms",
            met=middle < MEDIAN,
            doubts=doubts,
        ),
        Claim.judged(
            f"the worst is under {WORST:g} s",
            f"{most * 1000:.0f} ms",
            met=most < WORST,
            doubts=doubts,
        ),
    ]


def judge_rolling(*, kept: int, sessions: int, moved: int) -> Claim:
    """Judge a rolling restart, for which ``moved`` of the sessions lost their server."""
    doubts = []
    if moved < sessions or not sessions:
        doubts.append(f"only {moved} sessions had to move")
    return Claim.judged(
        "a rolling restart keeps every session",
        f"{kept} of {sessions}",
        met=kept == sessions,
        doubts=doubts,
    )


def table(moves: Sequence[Move]) -> list[list[str]]:
    rows = [["killed", "times", "median", "worst"]]
    for name, is_leader in (("follower", False), ("leader", True)):
        found = [move.seconds for move in moves if move.was_leader == is_leader]
        if found:
            rows.append(
                [
                    name,
                    str(len(found)),
                    f"{median(found) * 1000:.0f} ms",
                    f"{max(found) * 1000:.0f} ms",
                ]
            )
    return rows
