"""Marks that several plots are made of: strips of samples and bars with their spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from statistics import median

from matplotlib.axes import Axes

from bench.harness.report import number
from bench.page._style import INK, colour, lanes, ordered, ours

# All points of a plot: with more, its file is over 100 kB and no eye sees the difference.
_POINTS = 2500


def most_points(strips: int) -> int:
    """How many points each of so many strips may show."""
    return max(20, min(150, _POINTS // max(1, strips)))


def thinned(values: Sequence[float], most: int) -> list[float]:
    """The values in order; of too many some, evenly, the least and the greatest among them."""
    ranked = sorted(values)
    if len(ranked) <= most:
        return ranked
    return [ranked[round(at * (len(ranked) - 1) / (most - 1))] for at in range(most)]


def strip(
    axes: Axes, lane: float, values: Sequence[float], name: str, most: int, *, hollow: bool = False
) -> None:
    """Every sample a point, or a ring where it is hollow."""
    shown = thinned(values, most)
    # One path of lines without length, whose round ends are the points: a fifth of the bytes.
    xs = [x for value in shown for x in (value, value, nan)]
    # Off the lane by steps of the golden ratio, which spread evenly and are the same each time.
    heights = [lane + ((at * 0.618034) % 1.0 - 0.5) * 0.48 for at in range(len(shown))]
    ys = [y for height in heights for y in (height, height, nan)]
    width = 4.2 if ours(name) else 3.6
    style = {"solid_capstyle": "round", "linestyle": "-"}
    axes.plot(xs, ys, color=colour(name), linewidth=width, alpha=1 if hollow else 0.65, **style)
    if hollow:
        axes.plot(xs, ys, color="white", linewidth=width - 2.2, **style)


def median_mark(axes: Axes, lane: float, values: Sequence[float]) -> None:
    if values:
        axes.vlines(median(values), lane - 0.36, lane + 0.36, color=INK, linewidth=1.6, zorder=4)


def edge_marks(axes: Axes, lane: float, count: int, of: int, at: float, name: str) -> None:
    """What never happened, at the edge (a fraction of the axis): a cross, and how many of all."""
    if not count:
        return
    where = axes.get_yaxis_transform()
    axes.plot(
        at, lane, marker="X", markersize=7, color=colour(name), transform=where,
        markeredgecolor="white", markeredgewidth=0.5, clip_on=False, zorder=5,
    )  # fmt: skip
    axes.annotate(
        f"never: {count} of {of}", (at, lane), xycoords=where, xytext=(6, 0),
        textcoords="offset points", va="center", fontsize=7.5, annotation_clip=False,
    )  # fmt: skip


def bars(
    axes: Axes, values: Mapping[str, Sequence[float]], *, labelled: bool = True,
    names: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """The median a bar with its figure, the least and the most a line; a gap is not measured."""
    names = names or ordered(values)
    most = max((max(found) for found in values.values() if found), default=1.0) or 1.0
    for lane, name in enumerate(names):
        found = values.get(name)
        if not found:
            axes.annotate(
                "not measured", (0, lane), xytext=(3, 0), textcoords="offset points",
                va="center", fontsize=7.5, color=INK, style="italic",
            )  # fmt: skip
            continue
        axes.barh(lane, median(found), color=colour(name), height=0.66)
        if max(found) > min(found):
            axes.hlines(lane, min(found), max(found), color=INK, linewidth=1.1)
        axes.annotate(
            _exact(median(found)), (max(found), lane), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=8, fontweight="bold" if ours(name) else "normal",
        )  # fmt: skip
    lanes(axes, names, labelled=labelled)
    axes.set_xlim(0, most * 1.22)
    axes.locator_params(axis="x", nbins=4)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")


def _exact(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else number(value)
