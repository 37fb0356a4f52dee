"""One contender, once, in a process of its own.

CPU time, garbage collector and memory are then its own: nobody pays for what the
contender before it left behind.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import quantiles
from typing import Any

ROOT = Path(__file__).parent.parent.parent

Sample = dict[str, float]
"""Figures of one contender in one round, by name."""

SPEED = "operations per second"
COST = "CPU us per operation"
SYSTEM = "of it in the system"
MEDIAN = "median us"
P99 = "p99 us"

# Seconds.  Only a contender that hangs takes so long.
HANG = 120.0


class NotMeasured(Exception):
    """A contender cannot run here; the text says why."""


class ContenderFailed(Exception):
    """A contender ended otherwise than it should; the text says how."""


def run_program(command: Sequence[str], *, hang: float = HANG) -> dict[str, Any]:
    """Run a program that prints one JSON object.

    Raises:
        NotMeasured: it says that it cannot do this.
        ContenderFailed: it failed, hung, or printed something else.
    """
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=hang,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ContenderFailed(f"it took more than {hang:.0f} s") from error
    return answer_of(done.returncode, done.stdout, done.stderr)


def answer_of(status: int, output: str, errors: str) -> dict[str, Any]:
    """What a program that has ended answered; raises as ``run_program`` does."""
    if status != 0:
        raise ContenderFailed(f"it ended with status {status}: {last_words(errors)}")
    try:
        answer = json.loads(output)
    except ValueError as error:
        raise ContenderFailed(f"it printed {output[:100]!r}, which is not JSON") from error
    if "not measured" in answer:
        raise NotMeasured(answer["not measured"])
    return dict(answer)


def last_words(errors: str) -> str:
    """The last line that says something: the last of a traceback of a group is a frame."""
    lines = [line.strip(" |+-") for line in errors.splitlines()]
    return next((line[:300] for line in reversed(lines) if line), "it said nothing")


def run_contender(module: str, contender: str, **options: object) -> Sample:
    """Run one contender of a module of ``bench.speed`` in a fresh process.

    Raises:
        NotMeasured: it needs what is not installed.
        ContenderFailed: it failed.
    """
    one = (sys.executable, "-m", "bench.harness.one", module, contender, json.dumps(options))
    return run_program(one)


@contextmanager
def metered(operations: int) -> Generator[Sample]:
    """Measure the block, which does so many operations; the sample is filled when it ends."""
    sample: Sample = {}
    before, began = getrusage(RUSAGE_SELF), time.perf_counter()
    yield sample
    elapsed, after = time.perf_counter() - began, getrusage(RUSAGE_SELF)
    user = after.ru_utime - before.ru_utime
    system = after.ru_stime - before.ru_stime
    sample |= rates(operations, elapsed, user + system)
    sample[SYSTEM] = system / operations * 1e6


def rates(operations: int, seconds: float, cpu: float) -> Sample:
    """What operations cost, from the seconds and the CPU seconds that they took."""
    return {SPEED: operations / seconds, COST: cpu / operations * 1e6}


def percentiles(nanoseconds: Sequence[float]) -> Sample:
    """The percentiles of latencies, in microseconds."""
    cuts = quantiles(nanoseconds, n=100)
    return {MEDIAN: cuts[49] / 1e3, "p90 us": cuts[89] / 1e3, P99: cuts[98] / 1e3}


def sample_of(answer: Mapping[str, Any], operations: int) -> Sample:
    """What a ``load`` program answered, as figures."""
    # Java says what CPU time it took, and not how much of it was in the system.
    cpu = answer["cpu"] if "cpu" in answer else answer["user"] + answer["system"]
    sample = percentiles(answer["took"]) if answer.get("took") else {}
    sample |= rates(operations, answer["seconds"], cpu)
    if "system" in answer:
        sample[SYSTEM] = answer["system"] / operations * 1e6
    return sample
