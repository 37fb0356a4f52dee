"""The official C client's programs: ``c/load.c`` and ``c/probe.c``."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Literal

from bench.peers._build import HERE, built, install, run

PACKAGES = ("gcc", "libc6-dev", "libzookeeper-mt-dev")

_HEADER = Path("/usr/include/zookeeper/zookeeper.h")
_FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra")


def is_installed() -> bool:
    """Whether the compiler and the library are there."""
    return _HEADER.exists() and shutil.which("gcc") is not None


@cache
def command(program: Literal["load", "load-no-look-ups", "probe"]) -> tuple[str, ...]:
    """Return the command that runs a program of the C client.

    As it comes, the client resolves the servers' names each time round its loop; without
    look-ups it does when it connects alone.

    Raises:
        NotMeasured: there is no compiler or no library, and neither can be installed.
    """
    if not is_installed():
        install(*PACKAGES)
    folder = HERE / "c"
    sources = sorted(folder.glob("*.[ch]"))

    def make(directory: Path) -> None:
        for each in ("load", "probe"):
            parts = [path for path in sources if path.stem.split("_")[0] in (each, "common")]
            files = [path for path in parts if path.suffix == ".c"]
            run("gcc", *_FLAGS, *files, "-lzookeeper_mt", "-lpthread", "-o", directory / each)

    against = _HEADER.read_bytes() + " ".join(_FLAGS).encode()
    build = built("c", sources, against, make)
    if program == "load-no-look-ups":
        return (str(build / "load"), "--no-look-ups")
    return (str(build / program),)
