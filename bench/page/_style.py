"""What all plots have in common: a colour for each client, their order, the figure's set-up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# The palette of Okabe and Ito, which the colour-blind can tell apart; the deep blue is ours alone.
COLOURS = {
    "zkwire": "#0b4f9e",
    "coordinator": "#0b4f9e",
    "kazoo": "#e69f00",
    "aiozk": "#cc79a7",
    "Java": "#d55e00",
    "C": "#009e73",
    "C, no look-ups": "#7fc9b1",
    "Go": "#56b4e9",
    "Rust": "#6b6b6b",
}
# The palette's light colours make good marks and poor letters.
_LETTERS = {
    "kazoo": "#a06c00",
    "aiozk": "#a34f80",
    "C": "#007a58",
    "C, no look-ups": "#3f8a74",
    "Go": "#2b7fb3",
}
OURS = ("zkwire", "coordinator")
INK = "#222222"
FAINT = "#8a8a8a"
GOAL = "#b00020"

WIDTH = 8.2
"""Inches: some 790 pixels where the page is read."""

_FONT = "DejaVu Sans"

_SETTINGS = {
    "axes.axisbelow": True,
    "axes.edgecolor": FAINT,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    # White, not transparent: the same ink has to be read in a dark theme.
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.family": [_FONT],  # comes with matplotlib, so the layout is the same everywhere
    "font.size": 8.5,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "savefig.facecolor": "white",
    # Text stays text: a quarter of the size of paths, and it can be searched.
    "path.simplify": False,  # it would take points for lines without length
    "svg.fonttype": "none",
    "svg.hashsalt": "zkwire",
    "text.color": INK,
    "xtick.color": INK,
    "xtick.labelsize": 8,
    "ytick.color": INK,
    "ytick.labelsize": 8.5,
    "ytick.major.size": 0,
}


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture: its file's name, its title, how to read it, and what draws it."""

    name: str
    title: str
    reading: str
    draw: Callable[[], Figure]

    def save(self, folder: Path) -> Path:
        """Write it; the same data gives the same bytes."""
        path = folder / f"{self.name}.svg"
        path.write_bytes(self.svg())
        return path

    def svg(self) -> bytes:
        with mpl.rc_context(_SETTINGS):
            out = BytesIO()
            self.draw().savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        # A hundredth of a point is finer than any screen; with all digits it is half as long again.
        short = re.sub(rb"(\d\.\d\d)\d+", rb"\1", out.getvalue())
        # Verdana is as wide as the font that it was laid out with.
        short = short.replace(f"'{_FONT}'".encode(), f"'{_FONT}', Verdana, sans-serif".encode())
        return b"\n".join(line.rstrip() for line in short.splitlines()) + b"\n"


def panels(rows: int, columns: int, height: float, **options: Any) -> tuple[Figure, Any]:
    """A figure of the page's width, and its axes in an array of rows and columns."""
    # One lane alone still needs its title and axis.
    figure = Figure(figsize=(WIDTH, max(height, 1.0 + 0.5 * rows)))
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def base(name: str) -> str:
    """The client of a label: ``coordinator, lease`` is the coordinator."""
    return name if name in COLOURS else name.partition(",")[0].strip()


def colour(name: str) -> str:
    return COLOURS.get(base(name), INK)


def ours(name: str) -> bool:
    return base(name) in OURS


def ordered(names: Iterable[str]) -> list[str]:
    """The page's order of clients; one that has no place in it comes last."""
    order = list(COLOURS)
    return sorted(
        names, key=lambda name: (order.index(base(name)) if base(name) in order else 99, name)
    )


def lanes(axes: Axes, names: Sequence[str], *, labelled: bool = True) -> None:
    """A lane for each client, the first at the top, its name in its colour."""
    axes.set_yticks(range(len(names)), names if labelled else [""] * len(names))
    for tick, name in zip(axes.get_yticklabels(), names, strict=True):
        tick.set_color(label_colour(name))
        tick.set_fontweight("bold" if ours(name) else "normal")
    axes.set_ylim(len(names) - 0.4, -0.6)


def label_colour(name: str) -> str:
    """The client's colour, dark enough for letters on white."""
    return _LETTERS.get(base(name), colour(name))


def goal_line(axes: Axes, at: float, text: str) -> None:
    """The line that a goal draws, its figure above it."""
    axes.axvline(at, color=GOAL, linestyle="--", linewidth=1)
    axes.annotate(
        text, (at, 1), xycoords=axes.get_xaxis_transform(), xytext=(0, 2), ha="left",
        textcoords="offset points", color=GOAL, fontsize=7.5, annotation_clip=False,
    )  # fmt: skip


def slug(text: str) -> str:
    """A file's name from a label."""
    letters = "".join(each if each.isalnum() else "-" for each in text.lower())
    return "-".join(part for part in letters.split("-") if part)
