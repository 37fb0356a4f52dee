"""The command line: measure every subject, say what it proves, write JSON and the page."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.harness.machine import describe_machine, now_utc
from bench.soak._page import RESULTS, newest, text, write_page
from bench.soak._plants import OF_SUBJECTS, PLANTS
from bench.soak._verdict import Claim, Proof, Verdict, worst

ROOT = Path(__file__).parent.parent.parent
SUBJECTS = ("lease", "healthy", "lock", "waking", "failover", "leaks")
HANG = 3600.0
"""Seconds.  Only a subject that hangs takes so long."""
STATUS = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INVALID: 3}


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument(
        "subject", nargs="*", help=f"which to run: {', '.join(SUBJECTS)} (default: all)"
    )
    parser.add_argument("--quick", action="store_true", help="a look, which proves nothing")
    parser.add_argument(
        "--plant",
        choices=(*PLANTS, *OF_SUBJECTS),
        default="",
        help="run with a defect, which should be noticed; writes nothing",
    )
    parser.add_argument(
        "--json", type=Path, metavar="PATH", help="where to write (default: bench/results/soak/)"
    )
    parser.add_argument(
        "--page",
        action="store_true",
        help="measure nothing: write docs/explanation/guarantees.md, from --json or the newest "
        "full run",
    )
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.subject) - set(SUBJECTS)):
        parser.error(f"no such subject: {', '.join(unknown)}")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit status is 0 where all is proven, 1 where not, 3 where it is in doubt."""
    options = parsed(arguments)
    if options.page:
        print(f"written to {write_page(options.json or newest())}")
        return 0
    wanted = options.subject or list(SUBJECTS)
    began = time.monotonic()
    machine = describe_machine()
    print(machine.line(), flush=True)
    proofs = [run(name, quick=options.quick, plant=options.plant) for name in wanted]
    record = {
        "complete": set(wanted) == set(SUBJECTS) and not options.quick,
        "quick": options.quick,
        "machine": machine.as_dict(),
        "minutes": (time.monotonic() - began) / 60,
        "proofs": proofs,
    }
    if not options.plant:
        path = options.json or RESULTS / f"{now_utc():%Y%m%dT%H%M%SZ}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        # On one line for each subject: what was recorded of each session is long.
        path.write_text(json.dumps(record).replace('{"subject"', '\n{"subject"') + "\n")
        print(f"\nwritten to {path}")
    verdict = worst(Verdict(proof["verdict"]) for proof in proofs)
    print(f"{verdict.value} after {record['minutes']:.1f} minutes")
    return STATUS[verdict]


def run(name: str, *, quick: bool, plant: str) -> dict[str, Any]:
    """Measure one subject in a process of its own, and print what it shows."""
    print(f"measuring {name} ...", file=sys.stderr, flush=True)
    before, began = os.getloadavg()[0], time.monotonic()
    options = json.dumps({"quick": quick, "plant": plant})
    done = subprocess.run(
        (sys.executable, "-m", "bench.soak._one", name, options),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=HANG,
        check=False,
    )
    if done.returncode == 0:
        proof: dict[str, Any] = json.loads(done.stdout)
    else:
        claim = Claim("the run comes to its end", f"status {done.returncode}", Verdict.INVALID)
        proof = Proof(subject=name, title=name, claims=[claim]).as_dict()
    proof["seconds"] = time.monotonic() - began
    proof["load"] = sorted((before, os.getloadavg()[0]))
    print(f"\n{text(proof)}\n", flush=True)
    return proof


if __name__ == "__main__":
    sys.exit(main())
