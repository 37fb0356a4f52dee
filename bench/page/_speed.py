"""Plots of speed: many requests at a time, watches, walks, imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from bench.harness.contender import COST, SPEED
from bench.page._loads import Measure, chosen, measures, servers
from bench.page._marks import bars
from bench.page._read import Subject, samples
from bench.page._style import Plot, ordered, panels

_BARS = "the line over a bar goes from the least round to the most"
WATCHES = ("one-shot", "persistent")
_COLUMNS = (
    (SPEED, "operations a second: longer is better"),
    (COST, "CPU us each: shorter is better"),
)


def plots(subjects: list[Subject]) -> list[Plot]:
    found = measures(subjects)
    made = []
    if gets := _widest_gets(found):
        made.append(
            Plot(
                "gets",
                f"Pipelined gets: {gets[0].size:,} bytes, {gets[0].in_flight:,} in flight",
                f"A bar is the median of the rounds and {_BARS}; with stock settings the server "
                "is the limit of every quick client, without its worker threads they differ.",
                lambda: _grid(gets),
            )
        )
    if watches := chosen(found, lambda each: each.op in WATCHES):
        made.append(
            Plot(
                "watches",
                "Watch events delivered to the user's code",
                f"A bar is the median of the rounds and {_BARS}; an operation is one event.",
                lambda: _grid(watches),
            )
        )
    if walks := chosen(found, lambda each: each.op == "walk"):
        made.append(
            Plot(
                "walk",
                "Visiting a whole tree",
                f"A bar is the median of the rounds and {_BARS}; an operation is one node.",
                lambda: _grid(walks),
            )
        )
    if imports := _flat(samples(subjects, "imports")):
        made.append(
            Plot(
                "imports",
                "What importing costs",
                f"Shorter is cheaper; a bar is the median of the rounds and {_BARS}.",
                lambda: _imports(imports),
            )
        )
    return made


def _widest_gets(found: list[Measure]) -> list[Measure]:
    """The gets with most in flight, of the size that all servers were asked for."""
    gets = chosen(found, lambda each: each.op == "get" and each.in_flight > 1)
    if not gets:
        return []
    widest = max(each.in_flight for each in gets)
    gets = [each for each in gets if each.in_flight == widest]
    # A hundred bytes are what the other subjects are about.
    size = min({each.size for each in gets}, key=lambda size: abs(size - 100))
    return [each for each in gets if each.size == size]


def _grid(found: list[Measure]) -> Figure:
    """A row for each measure, throughput and CPU time beside one another."""
    found = sorted(found, key=lambda each: (each.op, servers(found).index(each.server)))
    columns = [each for each in _COLUMNS if any(measure.figure(each[0]) for measure in found)]
    names = ordered({name for measure in found for name in measure.rounds})
    heights = 0.3 + len(found) * (0.55 + 0.24 * len(names))
    figure, grid = panels(len(found), max(1, len(columns)), heights)
    for row, measure in enumerate(found):
        for column, (figure_name, title) in enumerate(columns):
            axes = grid[row][column]
            bars(axes, measure.figure(figure_name), names=names, labelled=column == 0)
            axes.set_title(_title(measure, found) if column == 0 else " ")
            axes.set_xlabel(title)
    return figure


def _title(measure: Measure, found: Sequence[Measure]) -> str:
    parts = [measure.op if len({each.op for each in found}) > 1 else "", measure.server]
    if len({(each.op, each.server) for each in found}) < len(found):
        parts += [f"{measure.size:,} B", f"{measure.in_flight:,} in flight"]
    return ", ".join(part for part in parts if part) or measure.op


def _flat(imports: dict[str, Any]) -> dict[str, dict[str, list[float]]]:
    """Each figure's values by what is imported, whatever the measurements are called."""
    flat: dict[str, dict[str, list[float]]] = {}
    several = len(imports) > 1
    for key, peers in imports.items():
        for name, rounds in peers.items() if isinstance(peers, dict) else ():
            for each in rounds if isinstance(rounds, list) else ():
                for figure, value in each.items() if isinstance(each, dict) else ():
                    title = f"{key}: {figure}" if several else figure
                    flat.setdefault(title, {}).setdefault(name, []).append(value)
    return flat


def _imports(flat: dict[str, dict[str, list[float]]]) -> Figure:
    names = ordered({name for found in flat.values() for name in found})
    columns = min(3, len(flat))
    rows = -(-len(flat) // columns)
    figure, grid = panels(rows, columns, 0.3 + rows * (0.55 + 0.27 * len(names)))
    for at in range(rows * columns):
        axes = grid[at // columns][at % columns]
        if at >= len(flat):
            axes.set_visible(False)
            continue
        title, found = list(flat.items())[at]
        bars(axes, found, names=names, labelled=at % columns == 0)
        axes.set_title(title)
    return figure
