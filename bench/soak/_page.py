"""The page that shows a run: every figure in it comes from the run's JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.harness.report import table as in_columns
from bench.harness.results import newest_run, write_text

ROOT = Path(__file__).parent.parent.parent
RESULTS = ROOT / "bench" / "results" / "soak"
PAGE = ROOT / "docs" / "explanation" / "guarantees.md"

_INTRODUCTION = """\
# Guarantees

What the coordinator promises, and what one long run on real servers has shown of it. `make soak`
makes the run and writes this page; no figure here was typed by hand. **PASS** means that the
promise held and that the run could have shown otherwise, **FAIL** that it was broken, **INVALID**
that it held but the run proves nothing: a fault had no effect, or there was too little of
something. A miss stays on the page.
"""

_QUICK = """\
**This was not a full run.** It shows how the page looks, and proves nothing.
"""

_ASSUMPTIONS = """\
## What is assumed

A lease is valid until *a*, the sending of the latest packet of which the leader is proved to have
heard, plus the negotiated timeout, less 1 % and 2 ms. `src/coordinator/_heartbeat.py` says which
packet that is and why. Three things are taken for granted:

* the rates of the client's and the servers' clocks differ by less than 1 %. Nothing depends on
  what the clocks show;
* the servers' `tickTime` is no longer than `tick_time=`, or they grant no timeout under two ticks,
  as they do unless `minSessionTimeout` says otherwise;
* a leader that is at work pings each follower every half tick, as ZooKeeper's does.

A process that is stopped or a machine that sleeps finds its lease over when it wakes: `valid()` is
reckoned when it is called, on a clock that counts sleep. No lease helps between the question and
the deed, nor against a virtual machine whose clocks were stopped from outside. There the fencing
token does, and `held.multi(...)` for what lies in ZooKeeper.

Beside the lease the run reckons what most clients go by, "last answer plus timeout", for the same
sessions. A follower that is cut off goes on answering, and so does a leader that was deposed: there
that rule is too late. A run in which it never is has tested nothing, and is INVALID.
"""


def newest() -> Path:
    """The newest full run.

    Raises:
        FileNotFoundError: there is none.
    """
    return newest_run(RESULTS, "python -m bench.soak")


def write_page(path: Path) -> Path:
    """Render the run in this file, and what has been measured again since."""
    later = [
        json.loads(each.read_text())
        for each in sorted(path.parent.glob("*.json"))
        if each.name > path.name
    ]
    again = [each for each in later if not each.get("quick", False) and not each["complete"]]
    return write_text(PAGE, page(with_repeats(json.loads(path.read_text()), again)))


def with_repeats(run: dict[str, Any], again: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A run whose subjects give way to later measurements, which say what they replace."""
    proofs = {proof["subject"]: proof for proof in run["proofs"]}
    first = dict(proofs)
    for each in again:
        machine = each["machine"]
        for proof in each["proofs"]:
            before = first[proof["subject"]]
            told = "; ".join(
                f"{verdict}, {claim}: {measured}"
                for claim, measured, verdict in before["claims"]
                if verdict != "PASS"
            )
            note = (
                f"Measured again at {machine['time']}, on commit {machine['commit']}. "
                f"The whole run had, on its commit: {told or 'the same verdicts'}."
            )
            proofs[proof["subject"]] = {**proof, "notes": [*proof["notes"], note]}
    return {**run, "proofs": list(proofs.values())}


def page(run: dict[str, Any]) -> str:
    parts = [_INTRODUCTION]
    if not run["complete"]:
        parts.append(_QUICK)
    claims = [
        [text, measured, f"**{verdict}**"]
        for proof in run["proofs"]
        for text, measured, verdict in proof["claims"]
    ]
    parts += [_table([["promise", "measured", ""], *claims]), _ASSUMPTIONS]
    for proof in run["proofs"]:
        low, high = proof["load"]
        parts.append(f"## {proof['title']}\n")
        parts += [_paragraph(note) for note in proof["notes"]]
        if proof["table"]:
            parts.append(_table(proof["table"]))
        where = f"{proof['server']}; " if proof["server"] else ""
        parts.append(
            _paragraph(f"{where}{proof['seconds']:.0f} s; load average {low:.1f} to {high:.1f}.")
        )
    return "\n".join([*parts, "## Where\n", _where(run)])


def text(proof: dict[str, Any]) -> str:
    """One subject, for the terminal."""
    claims = [[verdict, claim, measured] for claim, measured, verdict in proof["claims"]]
    lines = [f"{proof['title']}: {proof['verdict']}, {proof['seconds']:.0f} s"]
    return "\n".join([*lines, *in_columns(claims), *in_columns(proof["table"])])


def _where(run: dict[str, Any]) -> str:
    machine = run["machine"]
    packages = ", ".join(f"{name} {found}" for name, found in machine["packages"].items())
    return _table(
        [
            ["", ""],
            ["time", f"{machine['time']}, {run['minutes']:.1f} minutes"],
            ["machine", f"{machine['cores']} cores of {machine['cpu']}, {machine['system']}"],
            [
                "busy with other jobs",
                f"load {machine['load']:.1f} and {machine['busy']:.0%} of the cores when it began",
            ],
            ["commit", machine["commit"]],
            ["Python", f"{machine['python']}, {packages}"],
        ]
    )


def _paragraph(words: str, width: int = 100) -> str:
    """Words on lines of no more than this width."""
    lines, line = [], ""
    for word in words.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".lstrip()
    return "\n".join([*lines, line]) + "\n"


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines) + "\n"
