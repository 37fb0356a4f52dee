"""What a run says at its end: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from zkwire.conformance._outcome import Outcome, Report, Verdict

_STYLES: Final[Mapping[Verdict, str]] = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.ERROR: "bold magenta",
}


def table_of(report: Report) -> Table:
    """One row a check."""
    table = Table(title=escape(report.target.describe()), title_justify="left")
    for heading in ("check", "verdict", "expected", "came back"):
        table.add_column(heading, overflow="fold")
    version = report.target.version
    for outcome in report.outcomes:
        style = _STYLES[outcome.verdict]
        table.add_row(
            escape(outcome.check.name),
            f"[{style}]{outcome.verdict.value}[/]",
            escape(outcome.check.expected_of(version)),
            escape(printable(outcome.observed)),
            style="dim" if outcome.verdict is Verdict.NOT_APPLICABLE else None,
        )
    return table


def print_report(console: Console, report: Report) -> None:
    """The table, then what was left behind, then the counts."""
    console.print(table_of(report))
    for path in report.left_behind:
        console.print(f"left behind: {printable(path)}", style="bold red", markup=False)
    for path in report.gone:
        # The suite deletes nothing that it did not make, so this was somebody else's doing.
        console.print(f"gone since the start: {printable(path)}", style="yellow", markup=False)
    counts = ", ".join(f"{report.count(verdict)} {verdict.value}" for verdict in Verdict)
    console.print(f"{len(report.outcomes)} checks: {counts}", markup=False)


def printable(text: str) -> str:
    """Text without characters that would reach into the terminal."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def json_of(report: Report) -> str:
    """The whole report."""
    target = report.target
    content = {
        "server": {
            "address": str(target.address),
            "version": str(target.version),
            "ensemble": target.ensemble,
            "ttl": target.ttl,
            "reconfig": target.reconfig,
            "acls": target.acls,
            "sasl": target.sasl,
            "words": sorted(target.words),
            "session_timeout_ms": [target.shortest_ms, target.longest_ms],
        },
        "counts": {verdict.value: report.count(verdict) for verdict in Verdict},
        "clean": report.clean,
        "left_behind": list(report.left_behind),
        "gone": list(report.gone),
        "checks": [_entry(outcome, report) for outcome in report.outcomes],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _entry(outcome: Outcome, report: Report) -> dict[str, object]:
    check = outcome.check
    return {
        "name": check.name,
        "group": check.group,
        "since": ".".join(map(str, check.since)),
        "expected": check.expected_of(report.target.version),
        "verdict": outcome.verdict.value,
        "observed": outcome.observed,
        "seconds": round(outcome.seconds, 3),
    }
