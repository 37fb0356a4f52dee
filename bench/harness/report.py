"""What was measured: one form for the terminal, the JSON and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.harness.rounds import Rounds


@dataclass(frozen=True, slots=True)
class Ratio:
    """A comparison made within each round, and the goal for its median, if there is one."""

    text: str
    per_round: Sequence[float]
    at_least: float | None = field(default=None, kw_only=True)
    at_most: float | None = field(default=None, kw_only=True)

    @property
    def verdict(self) -> str:
        goal = self._goal()
        if not self.per_round:
            return f"{goal}not measured"
        if self.at_least is None and self.at_most is None:
            return ""
        middle = median(self.per_round)
        met = (self.at_least is None or middle >= self.at_least) and (
            self.at_most is None or middle <= self.at_most
        )
        return goal + ("met" if met else "NOT MET")

    def _goal(self) -> str:
        if self.at_least is not None:
            return f"goal: at least {self.at_least:.3g}x: "
        if self.at_most is not None:
            return f"goal: at most {self.at_most:.3g}x: "
        return ""

    def as_dict(self) -> dict[str, object]:
        return {
            "text": self.text,
            "per round": list(self.per_round),
            "median": median(self.per_round) if self.per_round else None,
            "at least": self.at_least,
            "at most": self.at_most,
            "verdict": self.verdict,
            "spread": f"{spread(self.per_round)}x" if self.per_round else "-",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One subject's outcome.  The first contender's figures name the columns."""

    title: str
    samples: Rounds
    missing: dict[str, str] = field(default_factory=dict)
    ratios: Sequence[Ratio] = ()
    server: str = ""
    load: tuple[float, float] = (0.0, 0.0)

    def figures(self) -> list[list[str]]:
        """Rows, of which the first has the headings."""
        figures = list(next((found[0] for found in self.samples.values() if found), {}))
        rows = [["", *figures]]
        for name, found in self.samples.items():
            columns = ([each[figure] for each in found if figure in each] for figure in figures)
            rows.append([name, *(spread(column) if column else "-" for column in columns)])
        rows += [[name, f"not measured: {reason}"] for name, reason in self.missing.items()]
        return rows

    def text(self) -> str:
        where = f", server with {self.server}" if self.server else ""
        rounds = max((len(found) for found in self.samples.values()), default=0)
        lines = [
            self.title + where,
            f"median (least to most) of {rounds} rounds, interleaved; "
            f"load {self.load[0]:.1f} to {self.load[1]:.1f}",
            *table(self.figures()),
        ]
        comparisons = [
            [ratio.text, f"{spread(ratio.per_round)}x" if ratio.per_round else "-", ratio.verdict]
            for ratio in self.ratios
        ]
        return "\n".join(lines + table(comparisons))

    def as_dict(self) -> dict[str, object]:
        return {
            "title": self.title,
            "server": self.server,
            "load": list(self.load),
            "figures": self.figures(),
            "samples": self.samples,
            "not measured": self.missing,
            "ratios": [ratio.as_dict() for ratio in self.ratios],
        }


def spread(values: Sequence[float]) -> str:
    """The median, with the least and the most."""
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})"


def number(value: float) -> str:
    """Three significant digits; whole from 100 on."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines, their cells in line; a last cell may be as long as it likes."""
    columns = max((len(row) for row in rows), default=0)
    widths = [
        max((len(row[column]) for row in rows if len(row) > column + 1), default=0)
        for column in range(columns)
    ]
    lines: list[str] = []
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        lines.append("  " + "  ".join(cells).rstrip())
    return lines
