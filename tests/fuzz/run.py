"""Runs the fuzz targets: a process each, one after the other.

    python tests/fuzz/run.py [--seconds 60] [--runs N] [--target frames]
    python tests/fuzz/run.py --target frames --input HEX     one input, without atheris

The seconds are those of all targets together.  Exit status: 0 no fault; 1 a crash, an
input that took over a second, or more than 200 MB of memory; 3 no atheris here.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
SOURCE = TESTS.parent / "src"
TARGETS = ["frames", "records", "protocol", "paths"]

RSS_LIMIT = 200  # MB: what any input may cost, interpreter and corpus included
INPUT_LIMIT = 1  # s
GRACE = 60.0  # s, for the imports and for the input at work when the time is up
NO_ATHERIS = 3


@dataclass(frozen=True)
class Result:
    """What became of one target."""

    target: str
    executions: int
    seconds: float
    peak_mb: int
    log: str
    fault: bytes | None
    is_good: bool

    def line(self) -> str:
        rate = self.executions / self.seconds if self.seconds else 0
        verdict = "ok" if self.is_good else "FAULT"
        return (
            f"{self.target:10} {self.executions:>12,} executions {rate:>9,.0f}/s"
            f" {self.peak_mb:>5} MB  {verdict}"
        )


def run_target(
    target: str, *, seconds: float | None, runs: int | None, source: Path = SOURCE
) -> Result:
    """Fuzz one target in a process of its own, on what is in ``source``."""
    path = [str(source), str(TESTS)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    with tempfile.TemporaryDirectory(prefix="zkwire-fuzz-") as scratch:
        found = Path(scratch, "corpus")
        found.mkdir()
        command = [
            *(sys.executable, "-m", f"fuzz.fuzz_{target}"),
            f"-rss_limit_mb={RSS_LIMIT}",
            f"-timeout={INPUT_LIMIT}",
            "-print_final_stats=1",
            f"-artifact_prefix={scratch}{os.sep}fault-",
        ]
        if seconds is not None:
            command.append(f"-max_total_time={max(1, round(seconds))}")
        if runs is not None:
            command.append(f"-runs={runs}")
        command += [str(found), str(HERE / "corpus" / target)]
        start = time.monotonic()
        try:
            done = subprocess.run(  # the loop ends by itself; the limit is for one that hangs
                command,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                errors="replace",
                timeout=None if seconds is None else seconds + GRACE,
                check=False,
            )
            status = done.returncode
            log = f"{done.stdout}exit status {status}\n"
        except subprocess.TimeoutExpired as late:
            log, status = f"{late}\n", -1
        elapsed = time.monotonic() - start
        faults = sorted(Path(scratch).glob("fault-*"))
        fault = faults[0].read_bytes() if faults else None
    executions = _figure(log, "number_of_executed_units")
    return Result(
        target=target,
        executions=executions,
        seconds=elapsed,
        peak_mb=_figure(log, "peak_rss_mb"),
        log=log,
        fault=fault,
        is_good=status == 0 and fault is None and executions > 0,
    )


def _figure(log: str, name: str) -> int:
    found = re.search(rf"stat::{name}:\s*(\d+)", log)
    return int(found[1]) if found else 0


def report(result: Result) -> None:
    """Say how it went, and how to see a fault again."""
    say(result.line())
    if result.is_good:
        return
    lines = [x for x in result.log.splitlines() if not re.match(r"(INFO|stat|#\d+|WARN)", x)]
    say("\n".join(f"    {line}" for line in lines[-40:]))
    if result.fault is not None:
        say(f"    input: {result.fault.hex() or '(empty)'}")
        again = f"python tests/fuzz/run.py --target {result.target} --input '{result.fault.hex()}'"
        say(f"    again: {again}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """The program."""
    parser = argparse.ArgumentParser(description="Fuzz the wire layers.")
    parser.add_argument("--seconds", type=float, help="for all targets together; default 60")
    parser.add_argument("--runs", type=int, help="executions of each target, instead of a time")
    parser.add_argument("--target", choices=TARGETS, help="this one alone")
    parser.add_argument("--input", type=bytes.fromhex, metavar="HEX", help="run one input")
    options = parser.parse_args()
    if options.input is not None:
        if options.target is None:
            parser.error("--input needs --target")
        sys.path.insert(0, str(TESTS))
        importlib.import_module(f"fuzz.fuzz_{options.target}").check(options.input)
        say("no fault")
        return 0
    if find_spec("atheris") is None:
        say(
            "fuzz: atheris is not installed, so nothing was fuzzed; the group 'fuzz' has it,"
            " on Linux for x86-64 (pip install --group fuzz)"
        )
        return NO_ATHERIS
    targets = TARGETS if options.target is None else [options.target]
    seconds = options.seconds
    if seconds is None and options.runs is None:
        seconds = 60.0
    share = None if seconds is None else seconds / len(targets)
    is_good = True
    for target in targets:
        result = run_target(target, seconds=share, runs=options.runs)
        report(result)
        is_good = is_good and result.is_good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
