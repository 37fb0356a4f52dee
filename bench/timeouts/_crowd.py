"""Many sessions in one process: what each takes, held against what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.harness.outcome import Goal, Table, judge
from bench.harness.report import number

OURS = "coordinator"
KILOBYTES, THREADS, CPU = 30.0, 1.0, 0.06
"""Goals: kB each, threads in all, ms of CPU time per second each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Sessions in one process.

    Attributes:
        open_after: Seconds from the start of the process to the last session's first answer.
        kilobytes: Of memory in use, in all.
        threads: In all.
        cpu: Seconds of CPU time per second, in all.
    """

    sessions: int
    open_after: float
    kilobytes: float
    threads: int
    cpu: float

    def over(self, few: Crowd) -> dict[str, float]:
        """Figures for each session that there are more than in ``few``."""
        more = self.sessions - few.sessions
        return {
            "kB each": (self.kilobytes - few.kilobytes) / more,
            "threads": self.threads,
            "CPU ms per second each": self.cpu * 1000 / self.sessions,
            "open s": self.open_after,
        }


Figures = dict[str, dict[str, dict[str, float]]]
"""By the client, the number of sessions, and the name of the figure."""


def goals(found: Figures, counts: Sequence[int]) -> list[Goal]:
    """What is asked of the coordinator, with each number of sessions."""
    ours: Mapping[str, Mapping[str, float]] = found.get(OURS, {})
    asked = (
        ("kB each", "memory of each", KILOBYTES, " kB"),
        ("threads", "threads in all", THREADS, ""),
        ("CPU ms per second each", "CPU time per second of each, idle", CPU, " ms"),
    )
    return [
        judge(
            f"{count:,} sessions of the coordinator: {text}",
            [ours[str(count)][figure]] if str(count) in ours else [],
            at_most=most,
            unit=unit,
        )
        for count in counts
        for figure, text, most, unit in asked
    ]


def table(found: Figures, count: int) -> Table:
    rows = [["", "kB each", "threads", "CPU ms per second each", "opened in, s"]]
    for name, by_count in found.items():
        if figures := by_count.get(str(count)):
            rows.append(
                [
                    name,
                    number(figures["kB each"]),
                    f"{figures['threads']:,.0f}",
                    f"{figures['CPU ms per second each']:.3f}",
                    number(figures["open s"]),
                ]
            )
    return Table(f"{count:,} sessions in one process", rows)
