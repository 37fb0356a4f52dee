"""The plot of throughput by window: how a client gains from more requests in flight."""

from __future__ import annotations

from math import log
from statistics import median
from typing import Any

from matplotlib.figure import Figure

from bench.harness.contender import SPEED
from bench.page._loads import Measure, chosen, measures, servers
from bench.page._read import Subject
from bench.page._style import Plot, colour, label_colour, ordered, ours, panels, slug


def plots(subjects: list[Subject]) -> list[Plot]:
    found = chosen(measures(subjects), lambda each: bool(each.figure(SPEED)))
    made = []
    for server in servers(found):
        there = [each for each in found if each.server == server]
        if panes := _panes(there):
            on = f", server with {server}" if server else ""
            made.append(
                Plot(
                    f"in-flight-{slug(server) or 'server'}",
                    f"Throughput by requests in flight{on}",
                    "Higher is better, and a line that climbs is a client that gains from more "
                    "requests under way; both axes go in equal ratios, a point is the median of "
                    "the rounds, and names are at the lines' right ends.",
                    lambda panes=panes: _draw(panes),
                )
            )
    return made


def _panes(found: list[Measure]) -> dict[str, list[Measure]]:
    """Operations that were measured with several windows, by operation and size."""
    groups: dict[tuple[str, int], list[Measure]] = {}
    for each in found:
        groups.setdefault((each.op, each.size), []).append(each)
    sizes: dict[str, set[int]] = {}
    for op, size in groups:
        sizes.setdefault(op, set()).add(size)
    return {
        f"{op}, {size:,} {group[0].what}" if len(sizes[op]) > 1 else op: group
        for (op, size), group in groups.items()
        if len({each.in_flight for each in group}) > 1
    }


def _draw(panes: dict[str, list[Measure]]) -> Figure:
    columns = min(2, len(panes))
    rows = -(-len(panes) // columns)
    figure, grid = panels(rows, columns, 0.2 + 2.5 * rows)
    for at in range(rows * columns):
        axes = grid[at // columns][at % columns]
        if at >= len(panes):
            axes.set_visible(False)
            continue
        title, group = list(panes.items())[at]
        _pane(axes, sorted(group, key=lambda each: each.in_flight))
        axes.set_title(title)
        if at % columns == 0:
            axes.set_ylabel("operations a second")
        if at + columns >= len(panes):
            axes.set_xlabel("requests in flight")
    return figure


def _pane(axes: Any, group: list[Measure]) -> None:
    lines: dict[str, list[tuple[int, float]]] = {}
    for each in group:
        for name, values in each.figure(SPEED).items():
            lines.setdefault(name, []).append((each.in_flight, median(values)))
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    for name in reversed(ordered(lines)):  # ours last, on top
        axes.plot(
            *zip(*lines[name], strict=True), marker="o", color=colour(name),
            markersize=4 if ours(name) else 3, linewidth=2.4 if ours(name) else 1.3,
            linestyle="--" if name == "coordinator" else "-",
        )  # fmt: skip
    windows = sorted({each.in_flight for each in group})
    axes.set_xticks(windows, [f"{each:,}" for each in windows])
    axes.set_xticks([], minor=True)
    # Room for the names.
    axes.set_xlim(windows[0] * 0.85, windows[-1] * (windows[-1] / windows[0]) ** 0.42)
    axes.spines["bottom"].set_bounds(windows[0], windows[-1])
    values = [value for line in lines.values() for _, value in line]
    low, high = min(values) * 0.8, max(values) * 1.25
    axes.set_ylim(low, high)
    ticks = [
        step * 10**power
        for power in range(7)
        for step in (1, 2, 5)
        if low <= step * 10**power <= high
    ]
    axes.set_yticks(ticks, [f"{each:,}" for each in ticks])
    axes.set_yticks([], minor=True)
    axes.grid(visible=True, axis="both")
    ends = {name: line[-1] for name, line in lines.items()}
    heights = spaced({name: end[1] for name, end in ends.items()}, low, high)
    for name, height in heights.items():
        there = (windows[-1] * (windows[-1] / windows[0]) ** 0.09, height)
        axes.annotate(
            name, ends[name], xytext=there, textcoords=axes.get_xaxis_transform(), va="center",
            fontsize=7.5, color=label_colour(name), annotation_clip=False,
            fontweight="bold" if ours(name) else "normal",
            arrowprops={"arrowstyle": "-", "color": colour(name), "linewidth": 0.6,
                        "relpos": (0, 0.5), "shrinkA": 0, "shrinkB": 2},
        )  # fmt: skip


def spaced(ends: dict[str, float], low: float, high: float, gap: float = 0.085) -> dict[str, float]:
    """Heights for names, in fractions of a log axis: by their lines' ends, none on another."""
    wanted = {name: log(value / low) / log(high / low) for name, value in ends.items()}
    # Names that would touch make a block, as near to what they all want as it can be.
    blocks: list[list[str]] = []
    for name in sorted(wanted, key=lambda name: wanted[name]):
        blocks.append([name])
        while len(blocks) > 1 and _bottom(blocks[-1], wanted, gap) < (
            _bottom(blocks[-2], wanted, gap) + len(blocks[-2]) * gap
        ):
            last = blocks.pop()
            blocks[-1] += last
    return {
        name: _bottom(block, wanted, gap) + at * gap
        for block in blocks
        for at, name in enumerate(block)
    }


def _bottom(block: list[str], wanted: dict[str, float], gap: float) -> float:
    middle = sum(wanted[name] for name in block) / len(block)
    lowest = middle - (len(block) - 1) * gap / 2
    return max(-0.05, min(lowest, 1.05 - (len(block) - 1) * gap))
