"""Whether a lease ever outlived its node: a check of what was recorded, without a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.soak._verdict import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One session under one fault.  Instants in seconds of one clock."""

    fault: str
    timeout: float
    seen_gone: float
    """When somebody who is connected to the majority was told that the node is gone."""
    was_valid: bool
    """What ``valid()`` said at that instant."""
    lease_until: float
    """When the lease ended: as of its last confirmation, or when ``valid()`` turned False."""
    naive_until: float
    """When the last answered request was sent, as of ``seen_gone``, plus the timeout."""

    @property
    def margin(self) -> float:
        return self.seen_gone - self.lease_until

    @property
    def is_late(self) -> bool:
        """Whether the lease was still valid when the node was seen to be gone."""
        return self.was_valid or self.margin <= 0

    @property
    def naive_is_late(self) -> bool:
        return self.naive_until > self.seen_gone


HEADINGS = (
    "fault",
    "timeout",
    "sessions",
    "lease too late",
    "least margin",
    "median margin",
    "naive rule too late",
    "by at most",
)


def cells(history: Sequence[Watched]) -> dict[tuple[str, float], list[Watched]]:
    """By fault and timeout, in the order in which they were measured."""
    found: dict[tuple[str, float], list[Watched]] = {}
    for each in history:
        found.setdefault((each.fault, each.timeout), []).append(each)
    return found


def table(history: Sequence[Watched]) -> list[list[str]]:
    rows = [list(HEADINGS)]
    for (fault, timeout), found in cells(history).items():
        margins = [each.margin for each in found]
        naive = [each.naive_until - each.seen_gone for each in found if each.naive_is_late]
        rows.append(
            [
                fault,
                f"{timeout:g} s",
                str(len(found)),
                str(sum(each.is_late for each in found)),
                f"{min(margins):.3f} s",
                f"{median(margins):.3f} s",
                str(len(naive)),
                f"{max(naive):.3f} s" if naive else "-",
            ]
        )
    return rows


def judge(
    history: Sequence[Watched],
    *,
    expected: Sequence[tuple[str, float]],
    least_sessions: int,
    ineffective: Mapping[str, str],
) -> list[Claim]:
    """Judge what was recorded.

    Args:
        history: every session whose node was seen gone while its fault was in place.
        expected: the faults and timeouts that had to be measured.
        least_sessions: how many of each are enough.
        ineffective: faults that did not take effect, and how that showed.
    """
    late = [each for each in history if each.is_late]
    naive = sum(each.naive_is_late for each in history)
    doubts = [f"{fault}: no effect: {why}" for fault, why in ineffective.items()]
    counted = cells(history)
    doubts += [
        f"{fault} at {timeout:g} s: {found} sessions of {least_sessions}"
        for fault, timeout in expected
        if (found := len(counted.get((fault, timeout), ()))) < least_sessions
    ]
    if not naive:
        doubts.append("the naive rule never failed either, so nothing was put to the test")
    return [
        Claim.judged(
            "no lease is valid when its node is seen to be gone",
            f'{len(late)} of {len(history)} sessions; the rule "last answer plus timeout" '
            f"failed for {naive} of the same",
            met=not late,
            doubts=doubts,
        )
    ]


AVAILABLE = 0.999


def judge_availability(valid: int, samples: int, *, least_samples: int) -> Claim:
    """Judge how often leases were valid with nothing wrong."""
    doubts = []
    if samples < least_samples:
        doubts.append(f"{samples:,} samples of {least_samples:,}")
    share = valid / samples if samples else 0.0
    return Claim.judged(
        f"with nothing wrong a lease is valid {AVAILABLE:.1%} of the time",
        f"{share:.4%} of {samples:,} samples",
        met=share >= AVAILABLE or not samples,
        doubts=doubts,
    )
