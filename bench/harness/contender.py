"""One contender, once, in a process of its own.

CPU time, garbage collector and memory are then its own: nobody pays for what the
contender before it left behind.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import quantiles

Sample = dict[str, float]
"""Figures of one contender in one round, by name."""

SPEED = "operations per second"
COST = "CPU us per operation"
SYSTEM = "of it in the system"
MEDIAN = "median us"

# Seconds.  Only a contender that hangs takes so long.
HANG = 120.0


class NotMeasured(Exception):
    """A contender cannot run here; the text says why."""


def run_contender(module: str, contender: str, **options: object) -> Sample:
    """Run one contender in a fresh process.

    Raises:
        NotMeasured: it needs what is not installed.
        RuntimeError: it failed.
    """
    done = subprocess.run(
        (sys.executable, "-m", "bench.harness.one", module, contender, json.dumps(options)),
        cwd=Path(__file__).parent.parent.parent,
        stdout=subprocess.PIPE,
        text=True,
        timeout=HANG,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module}: {contender} ended with status {done.returncode}")
    answer = json.loads(done.stdout)
    if "not measured" in answer:
        raise NotMeasured(answer["not measured"])
    return dict(answer)


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


def percentiles(seconds: Sequence[float]) -> Sample:
    """The percentiles of latencies, in microseconds."""
    cuts = quantiles(seconds, n=100)
    return {MEDIAN: cuts[49] * 1e6, "p90 us": cuts[89] * 1e6, "p99 us": cuts[98] * 1e6}
