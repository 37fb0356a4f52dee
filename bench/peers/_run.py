"""One run of a peer's program, as a sample like everybody's."""

from __future__ import annotations

import json
import subprocess

from bench.harness.contender import SYSTEM, NotMeasured, Sample, percentiles, rates
from bench.peers._build import c_command, java_command
from bench.speed._clients import DATA, PATH

# What is compiled to machine code, and how well, changes for the first 60,000 gets or so:
# from 45 us of CPU time each to 20, with a compiler thread at work beside them.
JAVA_WARM_UP = 61_440
JAVA_SEQUENTIAL_WARM_UP = 6_000

DEFAULT_RESOLUTION = 0
NO_RESOLUTION = -1


def run_c(server: str, kind: str, warm_up: int, gets: int, *more: int, resolution: int) -> Sample:
    """The C client; see ``get.c`` for what resolution is."""
    command = (*c_command(), server, PATH, str(len(DATA)), str(resolution))
    return _sample((*command, kind, str(warm_up), str(gets), *map(str, more)), gets)


def run_java(server: str, kind: str, warm_up: int, gets: int, *more: int) -> Sample:
    """The Java client."""
    command = (*java_command(), server, PATH, str(len(DATA)))
    return _sample((*command, kind, str(warm_up), str(gets), *map(str, more)), gets)


def _sample(command: tuple[str, ...], gets: int) -> Sample:
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    except OSError as error:
        raise NotMeasured(str(error)) from error
    found = json.loads(done.stdout)
    # Java says what CPU time it took, and not how much of it was in the system.
    cpu = found["cpu"] if "cpu" in found else found["user"] + found["system"]
    sample = percentiles([each / 1e9 for each in found["took"]]) if found["took"] else {}
    sample |= rates(gets, found["seconds"], cpu)
    if "system" in found:
        sample[SYSTEM] = found["system"] / gets * 1e6
    return sample
