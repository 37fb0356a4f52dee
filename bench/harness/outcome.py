"""What a subject hands back: one form for the terminal, the JSON and the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Final

from bench.harness.report import spread, table

MET: Final = "met"
NOT_MET: Final = "NOT MET"
NOT_MEASURED: Final = "not measured"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text, of which the first has the headings."""

    caption: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked of the project, and whether it was so."""

    text: str
    goal: str
    measured: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one subject measured.

    Attributes:
        subject: its name on the command line and in the name of its file.
        title: what is measured, in words.
        tables: what is to be read.
        goals: what was asked for; a miss stays in.
        notes: whole sentences that a reader of the tables needs.
        missing: for each peer that was not measured, or not in all, the reason.
        samples: raw numbers, for plots and for whoever doubts the tables.
        server: what it was measured on.
    """

    subject: str
    title: str
    tables: Sequence[Table] = ()
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    samples: Mapping[str, object] = field(default_factory=dict)
    server: str = ""

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"samples": _rounded(self.samples)}

    def text(self) -> str:
        """All but the samples, for a terminal."""
        lines = [f"{self.title} ({self.server})" if self.server else self.title]
        for each in self.tables:
            lines += ["", each.caption, *table(each.rows)]
        if self.goals:
            lines += ["", *goals_table(self.goals)]
        lines += [f"not measured: {peer}: {why}" for peer, why in self.missing.items()]
        return "\n".join([*lines, *self.notes])


def judge(
    text: str,
    values: Sequence[float],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "",
) -> Goal:
    """Hold the median of these values against a goal.

    Args:
        text: what is asked, in words.
        values: one for each round or trial; none of them is *not measured*.
        at_least: what the median must reach.
        at_most: what the median must not pass.
        unit: put behind each number, such as "x" or " s".
    """
    bounds = (("at least", at_least), ("at most", at_most))
    goal = ", ".join(f"{word} {bound:.4g}{unit}" for word, bound in bounds if bound is not None)
    if not values:
        return Goal(text, goal, "-", NOT_MEASURED)
    # Not rounded: 1.004 reads "1.00", and is more than 1 all the same.
    middle = median(values)
    met = (at_least is None or middle >= at_least) and (at_most is None or middle <= at_most)
    return Goal(text, goal, f"{spread(values)}{unit}", MET if met else NOT_MET)


def goals_table(goals: Sequence[Goal]) -> list[str]:
    """Goals as lines for a terminal."""
    rows = [[each.text, each.goal, each.measured, each.verdict] for each in goals]
    return table([["asked for", "goal", "median (least to most)", ""], *rows])


def _rounded(value: object) -> object:
    """The same, with six significant digits: more would be noise, and long files."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {str(key): _rounded(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(each) for each in value]
    return value
