"""What a process takes, and what its connections carry, as the kernel has it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.harness.contender import NotMeasured

_LIMIT = 20.0
_CONNECTION = re.compile(
    r"^\S+\s+\S+\s+(?P<ours>\S+)\s+(?P<theirs>\S+)\s+users:\(\(.*?pid=(?P<pid>\d+),", re.MULTILINE
)

# The number of read(2) on x86-64 and on the architectures after it, and file descriptor 0.
_READING_STDIN = re.compile(r"(0|63) 0x0 ")


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process so far, of all its threads, those that have ended included."""
    # The name before it may have blanks and brackets.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def threads(pid: int) -> int:
    """The threads of a process, but one that waits for the end of stdin.

    That one is the probe's own: no user of the client would have it.
    """
    calls = [_read_or_nothing(each / "syscall") for each in Path(f"/proc/{pid}/task").iterdir()]
    return sum(not _READING_STDIN.match(call) for call in calls)


def _read_or_nothing(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def resident_kilobytes(pid: int) -> int:
    """Memory of a process that is in use, in units of 1,024 bytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1])
    raise ValueError(f"no Rss in /proc/{pid}/smaps_rollup")


@dataclass(frozen=True, slots=True)
class Carried:
    """What one connection has carried so far, both ways."""

    packets: int
    bytes: int


Connections = dict[str, Carried]
"""By the address of our end and the other."""


def connections(ports: Sequence[int]) -> dict[int, Connections]:
    """The connections to these ports, by the process that they belong to.

    Raises:
        NotMeasured: ss is not there, or failed.
    """
    if shutil.which("ss") is None:
        raise NotMeasured("there is no ss (iproute2) to count packets with")
    where = " or ".join(f"dport = :{port}" for port in ports)
    try:
        done = subprocess.run(
            ("ss", "-tinpOH", "state", "established", f"( {where} )"),
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotMeasured(f"ss cannot be used here: {error}") from error
    return parsed(done.stdout)


def parsed(listing: str) -> dict[int, Connections]:
    """Read what ss printed, a line for each connection."""
    found: dict[int, Connections] = {}
    for line in listing.splitlines():
        if head := _CONNECTION.match(line):
            carried = Carried(
                _sum(line, "segs_out", "segs_in"), _sum(line, "bytes_sent", "bytes_received")
            )
            ends = f"{head['ours']} {head['theirs']}"
            found.setdefault(int(head["pid"]), {})[ends] = carried
    return found


def _sum(line: str, *names: str) -> int:
    # ss leaves out what is 0.
    return sum(int(each[1]) for name in names if (each := re.search(rf"\b{name}:(\d+)", line)))


def between(before: Mapping[str, Carried], after: Mapping[str, Carried]) -> tuple[int, int, int]:
    """What the connections that were there at both instants carried between these.

    Returns:
        How many connections, packets, and bytes.
    """
    both = before.keys() & after.keys()
    return (
        len(both),
        sum(after[each].packets - before[each].packets for each in both),
        sum(after[each].bytes - before[each].bytes for each in both),
    )
