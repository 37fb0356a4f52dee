"""How long a program that imports a client takes to start and end."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial

from bench.harness.contender import ContenderFailed, Sample, last_words
from bench.harness.outcome import Outcome
from bench.harness.plan import Plan, Say
from bench.harness.report import rounds as in_words
from bench.harness.rounds import Contender, interleave
from bench.harness.tables import gathered, one_a_row
from bench.speed._plan import NUMBERS

BARE = "the interpreter alone"
MODULES = {
    "zkwire": "zkwire",
    "coordinator": "coordinator",
    "kazoo": "kazoo.client",
    "aiozk": "aiozk",
}
WALL = "wall time ms"
_NAME = "python -c 'import ...'"
_HANG = 30.0


def measure(plan: Plan, say: Say) -> Outcome:
    rounds = NUMBERS[plan.form].imports_rounds
    contenders: dict[str, Contender] = {BARE: partial(_run, "pass")}
    for name in plan.chosen(MODULES):
        contenders[name] = partial(_run, f"import {MODULES[name]}")
    done = interleave(contenders, rounds, say, "imports", _prepared(plan))
    found = done.samples.get(_NAME, {})
    return Outcome(
        subject="imports",
        title="Imports: from the start of a Python process that imports it to its end",
        tables=[one_a_row(_NAME, found, done.missing)],
        notes=[
            f"{in_words(rounds)}, interleaved. Each was imported once before, so that its byte "
            "code lies on the disk."
        ],
        missing=gathered({_NAME: done.missing}),
        samples={_NAME: found},
    )


def _prepared(plan: Plan) -> dict[str, str]:
    """Import everything once; why what cannot be cannot."""
    missing: dict[str, str] = {}
    for name in plan.chosen(MODULES):
        try:
            _run(f"import {MODULES[name]}", 0)
        except ContenderFailed as error:
            missing[name] = str(error)
    return missing


def _run(code: str, _round: int) -> Mapping[str, Sample]:
    began = time.perf_counter()
    done = subprocess.run(
        (sys.executable, "-c", code),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=_HANG,
        check=False,
    )
    took = time.perf_counter() - began
    if done.returncode != 0:
        raise ContenderFailed(last_words(done.stderr))
    return {_NAME: {WALL: took * 1e3}}
