"""Every plot that can be drawn from these subjects, in the order of the page."""

from __future__ import annotations

from pathlib import Path

from bench.page import _latency, _load, _notice, _outages, _speed, _timelines, _windows
from bench.page._read import Subject
from bench.page._style import Plot

_GROUPS = (_notice, _outages, _timelines, _load, _speed, _latency, _windows)


def all_plots(subjects: list[Subject]) -> list[Plot]:
    return [plot for group in _GROUPS for plot in group.plots(subjects)]


def save_plots(plots: list[Plot], folder: Path) -> None:
    """Write them, and take away what an earlier page showed and this one does not."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {plot.save(folder) for plot in plots}
    for stale in set(folder.glob("*.svg")) - kept:
        stale.unlink()
