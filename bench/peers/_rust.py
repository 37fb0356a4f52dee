"""The programs of the Rust crate zookeeper-client: ``rust/src/bin/load`` and ``.../probe``."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Literal

from bench.harness.contender import NotMeasured
from bench.peers._build import HERE, built, run
from zkwire.testing._launcher._cache import cache_root

_PROGRAMS = ("load", "probe")

# Seconds: 80 crates are fetched and compiled the first time, on a busy machine.
_LIMIT = 600.0


@cache
def command(program: Literal["load", "probe"]) -> tuple[str, ...]:
    """Return the command that runs a program of the Rust client.

    Raises:
        NotMeasured: there is no cargo, or the crates cannot be fetched.
    """
    cargo = shutil.which("cargo") or shutil.which("cargo", path=Path.home() / ".cargo" / "bin")
    if cargo is None:
        raise NotMeasured("there is no cargo; install a Rust toolchain")
    folder = HERE / "rust"
    manifest = folder / "Cargo.toml"
    code = sorted(folder.joinpath("src").rglob("*.rs"))
    # Kept between builds: what this package is made of is compiled once.
    target = cache_root() / "bench" / "rust-target"
    rustc = subprocess.run(
        (Path(cargo).with_name("rustc"), "--version"), stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()

    def make(directory: Path) -> None:
        run(
            *(cargo, "build", "--release", "--quiet"),
            *("--manifest-path", manifest, "--target-dir", target),
            seconds=_LIMIT,
            env={**os.environ, "PEERS_RUSTC": rustc},
        )
        for each in _PROGRAMS:
            shutil.copy2(target / "release" / each, directory)

    sources = [manifest, *code, Path(__file__)]
    return (str(built("rust", sources, rustc.encode(), make, seconds=_LIMIT) / program),)
