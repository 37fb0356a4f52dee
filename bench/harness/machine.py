"""Where the figures come from: without it nobody can compare them with their own."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Hardware, versions, and how busy it was when the run began."""

    time: str
    cpu: str
    cores: int
    load: float
    busy: float
    system: str
    python: str
    packages: dict[str, str]
    commit: str

    def line(self) -> str:
        packages = ", ".join(f"{name} {found}" for name, found in self.packages.items())
        return (
            f"{self.cores} cores of {self.cpu}; at the start load {self.load:.1f} and other "
            f"jobs on {self.busy:.0%} of the cores; {self.system}; "
            f"Python {self.python}, {packages}; commit {self.commit}; {self.time}"
        )

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def describe_machine() -> Machine:
    return Machine(
        time=f"{now_utc():%Y-%m-%d %H:%M} UTC",
        cpu=_cpu_model(),
        cores=len(os.sched_getaffinity(0)),
        load=os.getloadavg()[0],
        busy=_busy(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages={name: _version(name) for name in ("trio", "construct", "kazoo", "aiozk")},
        commit=_commit(),
    )


def _busy() -> float:
    """How much of the cores other jobs take, looked at for a second; the load lags behind."""
    before = _ticks()
    time.sleep(1.0)
    total, idle = (after - was for after, was in zip(_ticks(), before, strict=True))
    return 1.0 - idle / total if total else 0.0


def _ticks() -> tuple[int, int]:
    """All time of all cores, and how much of it they were idle or waited for a disk."""
    ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[3] + ticks[4]


def now_utc() -> datetime:
    return datetime.now(UTC)


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "an unnamed processor"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    # "-dirty" where src or bench differ from it: such figures cannot be had again.
    root = Path(__file__).parent.parent.parent
    try:
        commit = _git(root, "rev-parse", "--short=12", "HEAD")
        changes = _git(root, "status", "--porcelain", "--", "src", "bench", ":!bench/results")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}-dirty" if changes else commit


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ("git", "-C", str(root), *arguments), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
