"""Whether anything was left behind: a check of what was counted."""

from __future__ import annotations

from dataclasses import dataclass

from bench.soak._verdict import Claim

MORE_MEMORY = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What there is at one moment, of which nothing should be left behind."""

    tasks: int
    sockets: int
    threads: int
    watches: int
    """Set on the server."""
    sessions: int
    """That the server knows."""
    memory: int
    """Resident, in bytes."""


def judge(before: Count, after: Count, *, cycles: int, cuts: int, least: int) -> list[Claim]:
    """Judge the counts before and after so many cycles, with a connection cut in each."""
    doubts = []
    if cycles < least:
        doubts.append(f"{cycles} cycles of {least}")
    if cuts < cycles:
        doubts.append(f"connections were cut in {cuts} cycles only")
    claims = []
    for what in ("tasks", "sockets", "threads", "watches", "sessions"):
        was, now = getattr(before, what), getattr(after, what)
        claims.append(
            Claim.judged(
                f"{what} are back at what they were",
                f"{was} before, {now} after {cycles:,} cycles",
                met=now <= was,
                doubts=doubts,
            )
        )
    more = after.memory - before.memory
    claims.append(
        Claim.judged(
            "resident memory grows by less than 2 MB",
            f"{more / 1024 / 1024:+.2f} MB",
            met=more < MORE_MEMORY,
            doubts=doubts,
        )
    )
    return claims
