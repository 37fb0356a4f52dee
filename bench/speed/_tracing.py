"""How many system calls a program makes, counted by strace, all of its threads."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

from bench.harness.contender import ContenderFailed, NotMeasured, run_program

# Seconds.  A JVM that is traced takes some ten.
_HANG = 300.0


@cache
def tracer() -> str:
    """The path of strace, which works.

    Raises:
        NotMeasured: it is not there, or may not trace.
    """
    strace = shutil.which("strace")
    if strace is None:
        raise NotMeasured("there is no strace; apt-get install strace")
    try:
        # Containers may forbid ptrace.
        count_calls(strace, ("echo", "{}"))
    except ContenderFailed as error:
        raise NotMeasured(f"strace cannot trace here: {error}") from error
    return strace


def count_calls(strace: str, command: tuple[str, ...]) -> Counter[str]:
    """Run a program as ``run_program`` does; the calls that it made, by name."""
    with tempfile.TemporaryDirectory(prefix="bench-strace-") as folder:
        summary = Path(folder, "summary")
        traced = (strace, "-f", "-c", "-qq", "-o", str(summary), "--", *command)
        run_program(traced, hang=_HANG)
        return parse(summary.read_text())


def parse(summary: str) -> Counter[str]:
    """What ``strace -c`` writes; the columns are % time, seconds, usecs/call, calls, errors."""
    calls: Counter[str] = Counter()
    for line in summary.splitlines():
        cells = line.split()
        if len(cells) < 5 or not cells[3].isdecimal() or cells[-1] == "total":
            continue
        calls[cells[-1]] += int(cells[3])
    return calls
