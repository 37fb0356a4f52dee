"""Numbers and tables as text."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def spread(values: Sequence[float]) -> str:
    """The median, with the least and the most."""
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})"


def number(value: float) -> str:
    """Three significant digits, or three behind the point; whole from 100 on."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) < 1:
        return f"{value:.3f}" if value else "0"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def rounds(count: int) -> str:
    """So many rounds, in words."""
    return "one round" if count == 1 else f"{count} rounds"


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
