"""The programs of go-zookeeper/zk: ``go/cmd/load`` and ``go/cmd/probe``."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Literal

from bench.harness.contender import NotMeasured
from bench.peers._build import HERE, built, run

# Where Go's own installer puts it, which is on nobody's PATH by itself.
_USUAL = "/usr/local/go/bin"
_PROGRAMS = ("load", "probe")

# Seconds: the modules are fetched, and the standard library is compiled, the first time.
_LIMIT = 180.0


@cache
def command(program: Literal["load", "probe"]) -> tuple[str, ...]:
    """Return the command that runs a program of the Go client.

    Raises:
        NotMeasured: there is no Go, or the modules cannot be fetched.
    """
    go = shutil.which("go") or shutil.which("go", path=_USUAL)
    if go is None:
        raise NotMeasured("there is no go; install the Go toolchain")
    folder = HERE / "go"
    sources = [folder / "go.mod", folder / "go.sum", *sorted(folder.rglob("*.go")), Path(__file__)]

    def make(directory: Path) -> None:
        packages = [f"./cmd/{each}" for each in _PROGRAMS]
        # -C, since commands are run elsewhere; no cgo, so that no C compiler is needed.
        run(
            *(go, "-C", folder, "build", "-mod=readonly", "-o", directory, *packages),
            seconds=_LIMIT,
            env={**os.environ, "CGO_ENABLED": "0"},
        )

    version = subprocess.run((go, "version"), stdout=subprocess.PIPE, check=True).stdout
    return (str(built("go", sources, version, make, seconds=_LIMIT) / program),)
