"""The page that shows a run: everything in it comes from the run's JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.harness.results import newest_run, write_text

ROOT = Path(__file__).parent.parent.parent
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"

_INTRODUCTION = """\
# Benchmarks

Written by `make bench` from one run on one machine; `bench/README.md` says how it is measured,
and why the clients are measured on two servers. Every cell is the median of the rounds, with
the least and the most. Ratios are taken within a round, between processes that ran one after
the other, so they say more than the columns do; a goal is held against a ratio's median.
"""


def newest() -> Path:
    """The newest full run.

    Raises:
        FileNotFoundError: there is none.
    """
    return newest_run(RESULTS, "python -m bench")


def write_page(path: Path) -> Path:
    """Render the run in this file."""
    return write_text(PAGE, page(json.loads(path.read_text())))


def page(run: dict[str, Any]) -> str:
    parts = [_INTRODUCTION, "## Goals\n", _goals(run["subjects"]), "## Where\n", _where(run)]
    for subject in run["subjects"]:
        server = f" ({subject['server']})" if subject["server"] else ""
        low, high = subject["load"]
        parts += [
            f"## {subject['title']}{server}\n",
            _table(subject["figures"]),
            _table([["ratio", "median (least to most)", "goal"], *_ratios(subject)]),
            f"Load average during these rounds: {low:.1f} to {high:.1f}.\n",
        ]
    return "\n".join(parts)


def _goals(subjects: Sequence[dict[str, Any]]) -> str:
    rows = [["subject", "server", "goal", "measured", ""]]
    for subject in subjects:
        for ratio in subject["ratios"]:
            goal, _, verdict = ratio["verdict"].rpartition(": ")
            if goal:
                name = subject["title"].partition(":")[0].lower()
                text = f"{ratio['text']}: {goal.removeprefix('goal: ')}"
                rows.append([name, subject["server"] or "none", text, ratio["spread"], verdict])
    return _table(rows)


def _ratios(subject: dict[str, Any]) -> list[list[str]]:
    return [[each["text"], each["spread"], each["verdict"]] for each in subject["ratios"]]


def _where(run: dict[str, Any]) -> str:
    machine = run["machine"]
    packages = ", ".join(f"{name} {found}" for name, found in machine["packages"].items())
    rows = [
        ["time", f"{machine['time']}, {run['minutes']:.1f} minutes"],
        ["machine", f"{machine['cores']} cores of {machine['cpu']}, {machine['system']}"],
        [
            "busy with other jobs",
            f"load {machine['load']:.1f} and {machine['busy']:.0%} of the cores when it began",
        ],
        ["commit", machine["commit"]],
        ["Python", f"{machine['python']}, {packages}"],
        *[[name, found] for name, found in run["peers"].items()],
        *[[f"server: {label}", found] for label, found in run["servers"].items()],
        ["rounds", str(run["rounds"])],
        ["gets in a round", f"{run['pipelined gets']:,} or {run['sequential gets']:,}"],
    ]
    return _table([["", ""], *rows])


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table; a short row is filled with empty cells."""
    width = max(map(len, rows))
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * width)
    return "\n".join(lines) + "\n"
