"""Subjects without other clients: parts of zkwire against another way to do the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bench.harness.contender import Sample, run_contender
from bench.harness.outcome import Outcome, Table
from bench.harness.plan import Say
from bench.harness.report import spread
from bench.harness.rounds import Rounds, interleave, paired
from bench.harness.tables import gathered, one_a_row
from bench.speed._plan import Numbers


def measure_inner(
    module: str,
    operation: str,
    contenders: Iterable[str],
    numbers: Numbers,
    say: Say,
    **options: object,
) -> Rounds:
    """Run contenders of a module of ``bench.speed``, each in processes of its own."""
    runs = {name: partial(_run, module, operation, name, options) for name in contenders}
    return interleave(runs, numbers.inner_rounds, say, operation)


def _run(
    module: str, operation: str, name: str, options: Mapping[str, object], _round: int
) -> Mapping[str, Sample]:
    return {operation: run_contender(module, name, **options)}


def shown(
    outcome: Outcome,
    operation: str,
    done: Rounds,
    ratios: Sequence[tuple[str, str, str]] = (),
) -> Outcome:
    """An outcome with its tables and samples.

    Args:
        outcome: what is known of it beforehand.
        operation: what was measured.
        done: its rounds.
        ratios: comparisons without a goal: the figure, whose, and that of whom it is divided by.
    """
    found = done.samples.get(operation, {})
    tables = [one_a_row(operation, found, done.missing)]
    rows = [
        [f"{figure}, {above} / {below}", f"{spread(values)}x" if values else "not measured"]
        for figure, above, below in ratios
        for values in [paired(found, figure, above, below)]
    ]
    if rows:
        tables.append(Table("ratios within a round", [["", "median (least to most)"], *rows]))
    return replace(
        outcome,
        tables=tables,
        missing=gathered({operation: done.missing}),
        samples={operation: found},
    )
