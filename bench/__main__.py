"""The command line: measure every subject, print it, write its JSON, and render the page."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.harness.outcome import goals_table
from bench.harness.plan import Form, Plan
from bench.harness.results import RESULTS
from bench.harness.session import Session
from bench.harness.subjects import SUBJECTS
from bench.peers import PEERS


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "subject", nargs="*", help=f"which to run: {', '.join(SUBJECTS)} (default: all)"
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--full", action="store_true", help="the full form: 45 minutes, not 10")
    forms.add_argument("--look", action="store_true", help="seconds a subject: proves nothing")
    parser.add_argument("--peers", metavar="A,B", help="these clients alone")
    parser.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help="where to write (default: bench/results/; a look, or one with --peers, nowhere)",
    )
    parser.add_argument(
        "--page",
        action="store_true",
        help="measure nothing: render docs/reference/benchmarks.md from what was measured",
    )
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.subject) - set(SUBJECTS)):
        parser.error(f"no such subject: {', '.join(unknown)}")
    if options.peers is not None:
        options.peers = peers_of(options.peers)
        if not options.peers:
            parser.error(f"--peers takes names, with commas between them, of {'; '.join(PEERS)}")
    return options


def peers_of(text: str) -> tuple[str, ...]:
    """The clients that are named; none where the text is anything else than names."""
    # One of them has a comma in its name, so the longest comes first.
    one = "|".join(re.escape(name) for name in sorted(PEERS, key=len, reverse=True))
    found = re.fullmatch(rf"(?:{one})(?:,\s*(?:{one}))*", text)
    return tuple(re.findall(rf"(?:{one})(?=,|$)", text)) if found else ()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; the exit status is 1 where a subject failed, whatever came of the goals."""
    options = parsed(arguments)
    if options.page:
        write_page("full" if has_full(RESULTS) else "short")
        return 0
    form: Form = "full" if options.full else "look" if options.look else "short"
    folder = options.results
    if folder is None and not options.look and options.peers is None:
        folder = RESULTS
    session = Session(Plan(form=form, peers=options.peers), folder)
    for name in options.subject or SUBJECTS:
        session.add(SUBJECTS[name])
    session.run()
    if session.goals and len(session.subjects) > 1:
        print("\n".join(["", "Goals", *goals_table(session.goals)]), flush=True)
    for name, reason in session.failed.items():
        print(f"FAILED: {name}: {reason}", flush=True)
    # What a full run shows is not replaced by what a short one does.
    if folder == RESULTS and (form == "full" or not has_full(folder)):
        write_page(form)
    return 1 if session.failed else 0


def has_full(folder: Path) -> bool:
    """Whether anything was measured in the full form."""
    return any((folder / "full").glob("*.json"))


def write_page(form: Form) -> None:
    """Render the page; what draws its plots need not be there to measure."""
    from bench.page import write

    print(f"written to {write(form)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
