"""The plot of latency: one request at a time."""

from __future__ import annotations

from statistics import median

from matplotlib.figure import Figure

from bench.harness.contender import MEDIAN, P99
from bench.harness.report import number
from bench.page._loads import Measure, chosen, measures, servers
from bench.page._read import Subject
from bench.page._speed import WATCHES
from bench.page._style import Plot, colour, lanes, ordered, ours, panels, slug


def plots(subjects: list[Subject]) -> list[Plot]:
    found = chosen(
        measures(subjects),
        lambda each: (
            each.in_flight == 1 and each.op not in (*WATCHES, "walk") and bool(each.figure(MEDIAN))
        ),
    )
    made = []
    for server in servers(found):
        there = [each for each in found if each.server == server]
        on = f", server with {server}" if server else ""
        made.append(
            Plot(
                f"latency-{slug(server) or 'server'}",
                f"One request at a time: latency{on}",
                "The disc, with its figure, is the median request and the end of the line the "
                "slowest in a hundred (each the median of the rounds); further left is better.",
                lambda there=there: _latency(there),
            )
        )
    return made


def _latency(found: list[Measure]) -> Figure:
    names = ordered({name for each in found for name in each.rounds})
    columns = min(3, len(found))
    rows = -(-len(found) // columns)
    figure, grid = panels(rows, columns, 0.3 + rows * (0.6 + 0.23 * len(names)))
    for at, measure in enumerate(found):
        axes = grid[at // columns][at % columns]
        middles, slow = measure.figure(MEDIAN), measure.figure(P99)
        for lane, name in enumerate(names):
            if name not in middles:
                continue
            middle = median(middles[name])
            end = median(slow[name]) if name in slow else middle
            axes.hlines(lane, middle, end, color=colour(name), linewidth=2)
            axes.plot(middle, lane, "o", color=colour(name), markersize=6 if ours(name) else 5)
            axes.annotate(
                number(middle), (end, lane), xytext=(5, 0), textcoords="offset points",
                va="center", fontsize=7.5, fontweight="bold" if ours(name) else "normal",
            )  # fmt: skip
        most = max((median(each) for each in [*slow.values(), *middles.values()]), default=1)
        axes.set_xlim(0, most * 1.3)
        axes.locator_params(axis="x", nbins=4)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        several = len({each.size for each in found if each.op == measure.op}) > 1
        size = f", {measure.size:,} {measure.what}" if several else ""
        axes.set_title(measure.op + size)
        axes.set_xlabel("microseconds")
        lanes(axes, names, labelled=at % columns == 0)
    for at in range(len(found), rows * columns):
        grid[at // columns][at % columns].set_visible(False)
    return figure
