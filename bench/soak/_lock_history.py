"""Whether a lock ever had two holders: a check of what was recorded, without a server."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.soak._verdict import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One holder's block.  Nanoseconds of CLOCK_MONOTONIC, which all processes share."""

    who: str
    began: int
    ended: int
    token: int
    lost: bool
    """Whether the lease ended before the block did."""


def overlaps(history: Sequence[Hold]) -> list[tuple[Hold, Hold, int]]:
    """Holders at the same time, and for how many nanoseconds."""
    found: list[tuple[Hold, Hold, int]] = []
    latest: Hold | None = None
    for hold in sorted(history, key=lambda hold: (hold.began, hold.ended)):
        if latest is not None and hold.began < latest.ended:
            found.append((latest, hold, min(latest.ended, hold.ended) - hold.began))
        if latest is None or hold.ended > latest.ended:
            latest = hold
    return found


def disorder(history: Sequence[Hold]) -> list[tuple[Hold, Hold]]:
    """Grants whose token is no higher than one that was granted before."""
    found: list[tuple[Hold, Hold]] = []
    highest: Hold | None = None
    for hold in sorted(history, key=lambda hold: hold.began):
        if highest is not None and hold.token <= highest.token:
            found.append((highest, hold))
        else:
            highest = hold
    return found


def handovers(history: Sequence[Hold]) -> int:
    """Grants to another than the holder before."""
    ordered = sorted(history, key=lambda hold: hold.began)
    return sum(one.who != next_.who for one, next_ in pairwise(ordered))


def judge(
    history: Sequence[Hold],
    *,
    least: int,
    least_lost: int,
    injected: Mapping[str, int],
    least_of_each_kind: int,
    orphans: Collection[str],
    failures: Sequence[str] = (),
) -> list[Claim]:
    """Judge what was recorded.

    Args:
        history: every block of every contender.
        least: hand-overs that are enough.
        least_lost: holders that must have lost the lock by the end of their lease.
        injected: how often each kind of fault took effect.
        least_of_each_kind: how often it had to.
        orphans: nodes in the line after everybody had left it.
        failures: what contenders came to grief over.
    """
    together, unordered = overlaps(history), disorder(history)
    count, lost = handovers(history), sum(hold.lost for hold in history)
    doubts = [
        f"{kind}: in effect {times} times of {least_of_each_kind}"
        for kind, times in injected.items()
        if times < least_of_each_kind
    ]
    if count < least:
        doubts.append(f"{count} hand-overs of {least}")
    if lost < least_lost:
        doubts.append(f"{lost} holders lost the lock by the end of their lease, of {least_lost}")
    doubts += failures
    microseconds = sum(length for _, _, length in together) / 1000
    return [
        Claim.judged(
            "no two hold the lock at the same time",
            f"{len(together)} overlaps, {microseconds:,.0f} us, in {count} hand-overs; "
            f"{lost} by the end of a lease",
            met=not together,
            doubts=doubts,
        ),
        Claim.judged(
            "fencing tokens grow from grant to grant",
            f"{len(unordered)} of {len(history)} grants out of order",
            met=not unordered,
            doubts=doubts,
        ),
        Claim.judged(
            "nobody is left in line",
            f"{len(orphans)} nodes",
            met=not orphans,
            doubts=doubts if not history else (),
        ),
    ]


def judge_waking(*, releases: int, woken: int, most_at_once: int, others: int, least: int) -> Claim:
    """Judge what the servers counted.

    Args:
        releases: how often the lock was given away.
        woken: watches that these deletions fired.
        most_at_once: watches that one of them fired, at most.
        others: watches of any other kind that fired meanwhile.
        least: releases that are enough.
    """
    doubts = [f"{releases} releases of {least}"] if releases < least else []
    return Claim.judged(
        "a release wakes one of those who wait",
        f"{woken} watches fired for {releases} releases, {most_at_once} at most for one; "
        f"{others} others",
        met=woken == releases and most_at_once <= 1 and not others,
        doubts=doubts,
    )
