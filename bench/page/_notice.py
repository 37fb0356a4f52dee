"""Plots of noticing: that a connection is silent, and that a session is lost."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from bench.page._marks import edge_marks, median_mark, most_points, strip
from bench.page._read import Subject, samples
from bench.page._style import FAINT, GOAL, Plot, goal_line, lanes, ordered, panels


def plots(subjects: list[Subject]) -> list[Plot]:
    made = []
    if fractions := samples(subjects, "detection").get("fraction"):
        saved = samples(subjects, "detection").get("saved") or {}
        made.append(
            Plot(
                "detection",
                "How soon a silent connection is noticed",
                "Each point is a connection that went silent, placed by how much of the session "
                "timeout had gone by when the client gave it up, an upright line is the median; "
                "left of the dashed line at 0.5 is what is asked, and what is left of the timeout "
                "is what the client has to save the session with (at the right: how often it was).",
                lambda: _detection(fractions, saved),
            )
        )
    if margins := samples(subjects, "lost"):
        made.append(
            Plot(
                "lost",
                "Who knows first that the session is lost",
                "Each point is a session that ran out during the fault, placed by how long before "
                "the server gave its node away the client said that the session is lost: right "
                "of zero is in time, left of zero another may already hold the lock, and a cross "
                "is a client that said nothing for as long as was waited.",
                lambda: _lost(margins),
            )
        )
    return made


def _detection(fractions: dict[str, Any], saved: dict[str, Any]) -> Figure:
    names = ordered(fractions)
    timeouts = sorted({each for found in fractions.values() for each in found}, key=float)
    every = [value for found in fractions.values() for values in found.values() for value in values]
    greatest = max((value for value in every if value is not None), default=1.0)
    columns = min(2, len(timeouts))
    rows = -(-len(timeouts) // columns)
    figure, grid = panels(rows, columns, 0.35 + rows * (0.55 + 0.27 * len(names)))
    for at, timeout in enumerate(timeouts):
        axes = grid[at // columns][at % columns]
        for lane, name in enumerate(names):
            values = fractions[name].get(timeout, [])
            told = [value for value in values if value is not None]
            strip(axes, lane, told, name, most_points(len(names) * len(timeouts)))
            median_mark(axes, lane, told)
            edge_marks(axes, lane, len(values) - len(told), len(values), 0.72, name)
            kept = saved.get(name, {}).get(timeout)
            if kept:
                axes.annotate(
                    f"{sum(map(bool, kept))}/{len(kept)}", (1, lane), ha="left", va="center",
                    xycoords=axes.get_yaxis_transform(), xytext=(3, 0), fontsize=7.5,
                    textcoords="offset points", annotation_clip=False,
                )  # fmt: skip
        if saved:
            axes.annotate(
                "saved", (1, 1), xycoords="axes fraction", xytext=(3, 3), fontsize=7.5,
                textcoords="offset points", color=FAINT, annotation_clip=False,
            )  # fmt: skip
        goal_line(axes, 0.5, "0.5")
        axes.set_xlim(0, max(1.05, greatest * 1.05))
        axes.set_title(f"session timeout {timeout} s")
        if at >= len(timeouts) - columns:
            axes.set_xlabel("noticed after this fraction of the timeout")
        lanes(axes, names, labelled=at % columns == 0)
    for at in range(len(timeouts), rows * columns):
        grid[at // columns][at % columns].set_axis_off()
    return figure


def _lost(margins: dict[str, Any]) -> Figure:
    names = ordered({name for found in margins.values() for name in found})
    columns = min(2, len(margins))
    rows = -(-len(margins) // columns)
    told = [
        value
        for found in margins.values()
        for values in found.values()
        for value in values
        if value is not None
    ]
    silent = any(None in values for found in margins.values() for values in found.values())
    figure, grid = panels(rows, columns, 0.35 + rows * (0.55 + 0.27 * len(names)), sharex=True)
    for at, (fault, found) in enumerate(margins.items()):
        axes = grid[at // columns][at % columns]
        for lane, name in enumerate(names):
            values = found.get(name, [])
            heard = [value for value in values if value is not None]
            strip(axes, lane, heard, name, most_points(len(names) * len(margins)))
            median_mark(axes, lane, heard)
            edge_marks(axes, lane, values.count(None), len(values), 0.025, name)
        _symmetrical(axes, told, silent=silent)
        axes.set_title(fault)
        lanes(axes, names, labelled=at % columns == 0)
        if at // columns == rows - 1 or at + columns >= len(margins):
            axes.set_xlabel("seconds before the server gave the node away")
            axes.tick_params(labelbottom=True)
    for at in range(len(margins), rows * columns):
        grid[at // columns][at % columns].set_visible(False)
    return figure


def _symmetrical(axes: Any, told: list[float], *, silent: bool) -> None:
    """Both signs on one axis, straight within a second of zero; room on the left for "never"."""
    axes.set_xscale("symlog", linthresh=1.0, linscale=0.9)
    least, most = min([*told, -1.0]), max([*told, 1.0])
    axes.set_xlim(least * (30.0 if silent else 1.3), most * 1.3)
    steps = [each for each in (-100, -10, -1, 0, 1, 10, 100) if least * 1.3 <= each <= most * 1.3]
    axes.set_xticks(steps, [f"{each:+d}" if each else "0" for each in steps])
    axes.set_xticks([], minor=True)
    axes.axvspan(axes.get_xlim()[0], 0, color="#fbeeee", linewidth=0, zorder=0)
    axes.axvline(0, color=GOAL, linewidth=1)
    for x, side, text in ((-4, "right", "too late"), (4, "left", "in time")):
        axes.annotate(
            text, (0, 0), xycoords=axes.get_xaxis_transform(), xytext=(x, 3), ha=side,
            textcoords="offset points", fontsize=7.5, color=FAINT, annotation_clip=False,
        )  # fmt: skip
