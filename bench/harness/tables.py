"""Samples of rounds as tables: medians with their spread, and who is missing from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.harness.contender import Sample
from bench.harness.outcome import Table
from bench.harness.report import spread

Samples = Mapping[str, list[Sample]]
"""Of each contender, in round order."""


def one_a_row(caption: str, samples: Samples, missing: Mapping[str, str]) -> Table:
    """A row for each contender, a column for each figure."""
    figures = list(dict.fromkeys(f for found in samples.values() for each in found for f in each))
    rows = [["", *figures]]
    for name, found in samples.items():
        columns = ([each[figure] for each in found if figure in each] for figure in figures)
        rows.append([name, *(spread(column) if column else "-" for column in columns)])
    rows += [[name, f"not measured: {reason}"] for name, reason in missing.items()]
    return Table(caption, rows)


def one_a_column(
    caption: str,
    figure: str,
    operations: Mapping[str, tuple[Samples, Mapping[str, str]]],
    names: Sequence[str],
) -> Table:
    """A row for each operation, a column for each contender, one figure of all.

    Args:
        caption: the table's.
        figure: which one; an operation that nobody has it of is left out.
        operations: the samples of each by its name, and who is missing from them.
        names: the contenders.
    """
    rows = [["", *names]]
    for operation, (samples, missing) in operations.items():
        cells = [_cell(name, figure, samples, missing) for name in names]
        if set(cells) - {"-", "not measured"}:
            rows.append([operation, *cells])
    return Table(caption, rows)


def _cell(name: str, figure: str, samples: Samples, missing: Mapping[str, str]) -> str:
    if name in missing:
        return "not measured"
    column = [each[figure] for each in samples.get(name, []) if figure in each]
    return spread(column) if column else "-"


def gathered(missing: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """For each peer the reasons why it is missing, each with the operations that it is of.

    Args:
        missing: of each operation, for each peer that is missing from it, the reason.
    """
    reasons: dict[str, dict[str, list[str]]] = {}
    for operation, peers in missing.items():
        for peer, reason in peers.items():
            reasons.setdefault(peer, {}).setdefault(reason, []).append(operation)
    return {
        peer: "; ".join(
            reason if len(operations) == len(missing) else f"{'; '.join(operations)}: {reason}"
            for reason, operations in each.items()
        )
        for peer, each in reasons.items()
    }
