"""Writes the page and its plots."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from bench.harness.results import RESULTS, write_text
from bench.page._read import read_subjects
from bench.page.page import Picture, page

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "benchmarks.md"


def write(form: str = "full", *, results: Path = RESULTS, to: Path = PAGE) -> Path:
    """Render the page, with its plots in a folder ``plots`` beside it.

    Args:
        form: what to show of each subject; one that was not measured in it is shown in the
            short form, and the page says so.
        results: the folder that has a folder for each form.
        to: the page.

    Returns:
        Where it is.

    Raises:
        FileNotFoundError: there is no result at all.
        ValueError: a file is not a subject's result.
    """
    subjects = read_subjects(results, form)
    if find_spec("matplotlib") is None:
        return write_text(to, page(subjects, None))
    # Only now: what draws need not be there to read the figures.
    from bench.page._plots import all_plots, save_plots

    plots = all_plots(subjects)
    save_plots(plots, to.parent / "plots")
    pictures = [Picture(plot.name, plot.title, plot.reading) for plot in plots]
    return write_text(to, page(subjects, pictures))
