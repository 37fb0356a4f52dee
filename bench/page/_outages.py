"""Plots of outages: the verdict after one, fail-over, a rolling restart."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from bench.harness.report import number
from bench.page._marks import edge_marks, median_mark, most_points, strip
from bench.page._read import Subject, samples
from bench.page._style import FAINT, INK, Plot, colour, goal_line, lanes, ordered, ours, panels

# A log axis has no zero: what is told at once is shown at a millisecond.
_LEAST = 0.001

GOAL_SECONDS = 0.05
"""What is asked of a fail-over."""


def plots(subjects: list[Subject]) -> list[Plot]:
    made = []
    if outages := samples(subjects, "verdict"):
        made.append(
            Plot(
                "verdict",
                "How soon after an outage the session's fate is known",
                "Each point is a session after an outage of so many times its timeout, placed by "
                "the seconds from the end of the outage until its client said which: a disc where "
                "the session was kept, a ring where it had expired, and a cross at the right "
                "edge is a client that never said.",
                lambda: _strips(outages, _of_timeout, "outcome", "seconds after the outage ended"),
            )
        )
    if faults := samples(subjects, "failover"):
        made.append(
            Plot(
                "failover",
                "Fail-over to another server",
                "Each point is a session whose server went away, placed (each grid line ten times "
                "the one before) by the seconds until another server answered it, a ring "
                "where the session itself was lost; left of the dashed line is within 50 ms.",
                lambda: _strips(
                    faults, str, "kept", "seconds until answered again", goal=GOAL_SECONDS
                ),
            )
        )
    if kept := samples(subjects, "rolling"):
        made.append(
            Plot(
                "rolling",
                "Sessions kept through a rolling restart",
                "The full bar is every session there was, the coloured part those that were the "
                "same session at the end; the gap is the longest time that one went unanswered.",
                lambda: _rolling(kept),
            )
        )
    return made


def _of_timeout(multiple: str) -> str:
    return f"outage of {multiple} times the timeout" if multiple != "1" else "outage of the timeout"


def _strips(
    groups: dict[str, Any], title: Any, figure_of: str, label: str, goal: float | None = None
) -> Figure:
    names = ordered({name for found in groups.values() for name in found})
    most = most_points(len(names) * len(groups))
    told = [
        max(trial["seconds"], _LEAST)
        for found in groups.values()
        for trials in found.values()
        for trial in trials
        if trial["seconds"] is not None
    ]
    figure, grid = panels(
        len(groups), 1, 0.35 + len(groups) * (0.38 + 0.23 * len(names)), sharex=True
    )
    for row, (group, found) in enumerate(groups.items()):
        axes = grid[row][0]
        axes.set_xscale("log")
        low = min(told, default=0.01) * 0.75
        # A decade at least: within less there may be no tick to read.
        axes.set_xlim(low, max(max(told, default=1.0) * 1.35, low * 15))
        axes.xaxis.set_minor_formatter(NullFormatter())
        for lane, name in enumerate(names):
            _lane(axes, lane, name, found.get(name, []), figure_of, most)
        if goal is not None:
            goal_line(axes, goal, f"{goal * 1000:g} ms")
        axes.set_title(title(group))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        lanes(axes, names)
    grid[-1][0].set_xlabel(label)
    return figure


def _lane(
    axes: Axes, lane: int, name: str, trials: list[dict[str, Any]], figure_of: str, most: int
) -> None:
    if not trials:
        axes.annotate(
            "not measured", (0, lane), xycoords=axes.get_yaxis_transform(), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=7.5, style="italic",
        )  # fmt: skip
        return
    told = [
        (max(each["seconds"], _LEAST), each.get(figure_of) in {True, "kept"})
        for each in trials
        if each["seconds"] is not None
    ]
    strip(axes, lane, [seconds for seconds, kept in told if kept], name, most)
    strip(axes, lane, [seconds for seconds, kept in told if not kept], name, most, hollow=True)
    median_mark(axes, lane, [seconds for seconds, _ in told])
    edge_marks(axes, lane, len(trials) - len(told), len(trials), 1.0, name)


def _rolling(kept: dict[str, Any]) -> Figure:
    names = ordered(kept)
    figure, grid = panels(1, 1, 0.75 + 0.3 * len(names))
    axes = grid[0][0]
    for lane, name in enumerate(names):
        found = kept[name]
        axes.barh(lane, found["of"], color="#eeeeee", height=0.66)
        axes.barh(lane, found["kept"], color=colour(name), height=0.66)
        text = f"{found['kept']} of {found['of']}"
        if found.get("worst gap s") is not None:
            text += f", gap {number(found['worst gap s'])} s"
        axes.annotate(
            text, (found["of"], lane), xytext=(5, 0), textcoords="offset points", va="center",
            fontsize=8, color=INK, fontweight="bold" if ours(name) else "normal",
        )  # fmt: skip
    most = max(found["of"] for found in kept.values())
    axes.set_xlim(0, (most or 1) * 1.3)
    axes.spines["bottom"].set_bounds(0, most)
    axes.set_xticks([0, most / 2, most], ["0", f"{most / 2:g}", f"{most}"])
    axes.set_xlabel("sessions kept", color=FAINT)
    lanes(axes, names)
    return figure
