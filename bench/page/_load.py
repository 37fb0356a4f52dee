"""Plots of what clients ask of others: attempts while servers are away, and idle sessions."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from bench.harness.report import number
from bench.page._marks import bars
from bench.page._read import Subject, samples
from bench.page._style import FAINT, Plot, colour, label_colour, ordered, ours, panels

_PHASES = {
    "down": "no server listens",
    "accept-then-close": "servers accept, then close",
    "return": "the servers are back",
}
_IDLE = {
    "packets": "packets a minute",
    "bytes": "bytes a minute",
    "CPU ms": "CPU ms a minute",
}
_EACH = {
    "kB each": "kB a session",
    "threads": "threads in all",
    "CPU ms per second each": "CPU ms a second, a session",
}


def plots(subjects: list[Subject]) -> list[Plot]:
    made = []
    if herd := samples(subjects, "herd"):
        made.append(
            Plot(
                "herd",
                "Attempts to connect while the servers are away and when they return",
                "A row is a client, with so many of it as it says; the height is how many "
                "attempts to connect they make in that second all together (a step of the grid "
                "is ten times as many), so lower is kinder to servers that are coming up.",
                lambda: _herd(herd),
            )
        )
    if idle := samples(subjects, "keepalive"):
        made.append(
            Plot(
                "keepalive",
                "What an idle session costs",
                "Shorter is cheaper; each bar is for one session that does nothing but stay alive.",
                lambda: _keepalive(idle),
            )
        )
    if density := samples(subjects, "density"):
        made.append(
            Plot(
                "density",
                "Many sessions in one process",
                "Shorter is cheaper; a row is a number of sessions held by one process.",
                lambda: _density(density),
            )
        )
    return made


def _herd(herd: dict[str, Any]) -> Figure:
    names = ordered(herd)
    phases = [each for each in _PHASES if any(herd[name].get(each) for name in names)]
    most = max(
        (value for name in names for each in phases for value in herd[name].get(each) or [0]),
        default=1,
    )
    figure, grid = panels(
        len(names), max(1, len(phases)), 0.6 + 0.72 * len(names), sharey=True, sharex="col"
    )
    for row, name in enumerate(names):
        for column, phase in enumerate(phases):
            axes = grid[row][column]
            values = herd[name].get(phase)
            if values:
                axes.stairs(
                    values, fill=True, color=colour(name), alpha=0.85 if ours(name) else 0.7,
                    linewidth=0,
                )  # fmt: skip
            else:
                axes.text(0.5, 0.4, "not measured", transform=axes.transAxes, ha="center")
            axes.set_yscale("symlog", linthresh=10, linscale=0.6)
            axes.set_ylim(0, max(most, 10) * 1.5)
            ticks = [10**power for power in range(2, 8) if 10**power <= max(most, 10) * 1.5]
            axes.set_yticks([0, *ticks], ["0", *[f"{each:,}" for each in ticks]])
            axes.set_yticks([], minor=True)
            axes.grid(visible=True, axis="y")
            axes.grid(visible=False, axis="x")
            axes.margins(x=0)
            axes.tick_params(labelsize=7)
            if row == 0:
                axes.set_title(_PHASES[phase])
            if row == len(names) - 1:
                axes.set_xlabel("seconds")
        _name(grid[row][0], name, herd[name])
        back = herd[name].get("back s")
        if "return" in phases and back is not None:
            grid[row][-1].annotate(
                f"all back in {number(back)} s", (1, 1), xycoords="axes fraction", ha="right",
                va="top", xytext=(-2, -2), textcoords="offset points", fontsize=7.5,
            )  # fmt: skip
    return figure


def _name(axes: Any, name: str, found: dict[str, Any]) -> None:
    text = f"{name}\n{found['clients']:,} of it" if found.get("clients") else name
    axes.set_ylabel(
        text, rotation=0, ha="right", va="center", color=label_colour(name),
        fontweight="bold" if ours(name) else "normal",
    )  # fmt: skip


def _keepalive(idle: dict[str, Any]) -> Figure:
    return _bars({"": idle}, _IDLE)


def _density(density: dict[str, Any]) -> Figure:
    numbers = sorted({each for found in density.values() for each in found}, key=int)
    rows = {
        f"{int(each):,} sessions": {name: found.get(each) or {} for name, found in density.items()}
        for each in numbers
    }
    return _bars(rows, _EACH)


def _bars(rows: dict[str, dict[str, Any]], columns: dict[str, str]) -> Figure:
    names = ordered({name for found in rows.values() for name in found})
    shown = {
        key: title
        for key, title in columns.items()
        if any(values.get(key) is not None for found in rows.values() for values in found.values())
    }
    figure, grid = panels(
        len(rows), max(1, len(shown)), 0.3 + len(rows) * (0.4 + 0.27 * len(names)), sharex="col"
    )
    for row, (group, found) in enumerate(rows.items()):
        for column, (key, title) in enumerate(shown.items()):
            axes = grid[row][column]
            values = {
                name: [values[key]] for name, values in found.items() if values.get(key) is not None
            }
            bars(axes, values, names=names, labelled=column == 0)
            axes.set_title(f"{group}\n{title}" if group and column == 0 else title)
            axes.tick_params(axis="x", labelsize=7)
            axes.spines["bottom"].set_color(FAINT)
    for column, key in enumerate(shown):
        # The last row to be drawn has set the limit that all of them share.
        most = max(
            values[key]
            for found in rows.values()
            for values in found.values()
            if values.get(key) is not None
        )
        grid[0][column].set_xlim(0, (most or 1) * 1.25)
    return figure
