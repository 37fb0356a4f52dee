"""The peers' programs, built on demand into the per-user cache.

A build is named after its sources and what it is built against, so a change of either makes
a new one, and whoever finds one there need not ask how old it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.harness.contender import NotMeasured
from zkwire.testing._launcher._cache import cache_root, locked
from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._run import run_bounded

HERE = Path(__file__).parent

# Seconds.  Only a build that hangs, or a package mirror that does, takes so long.
BUILD_LIMIT = 60.0
INSTALL_LIMIT = 300.0


def built(
    name: str,
    sources: Sequence[Path],
    against: bytes,
    make: Callable[[Path], None],
    *,
    seconds: float = BUILD_LIMIT,
) -> Path:
    """Return the directory of a build, made where it is not there yet.

    Args:
        name: what the directory's name begins with.
        sources: the files that it is made from, lock files and build code included.
        against: what else decides over the result: versions, headers, the command.
        make: fills the empty directory that it is given; :func:`run` is its tool.
        seconds: what making it may take; whoever comes meanwhile waits for twice as long.

    Raises:
        NotMeasured: it cannot be built.
    """
    digest = hashlib.sha256(against)
    for source in sources:
        content = source.read_bytes()
        digest.update(f"{source.name} {len(content)} ".encode() + content)
    build = cache_root() / "bench" / f"{name}-{digest.hexdigest()[:16]}"
    try:
        with locked(build.with_name(f"{build.name}.lock"), seconds=2 * seconds):
            if not build.is_dir():
                with tempfile.TemporaryDirectory(prefix=".build-", dir=build.parent) as directory:
                    made = Path(directory, "made")
                    made.mkdir()
                    make(made)
                    # A rename is atomic: a directory of this name is always whole.
                    os.rename(made, build)
    except UnavailableError as error:
        raise not_measured(error) from error
    return build


def run(
    *command: str | Path, seconds: float = BUILD_LIMIT, env: Mapping[str, str] | None = None
) -> None:
    """Run a command to its end, in a directory that is removed again.

    Raises:
        NotMeasured: it failed, or took longer than this.
    """
    try:
        run_bounded([str(part) for part in command], seconds=seconds, env=env)
    except UnavailableError as error:
        raise not_measured(error) from error


def install(*packages: str) -> None:
    """Install Debian packages, where the caller may.

    Raises:
        NotMeasured: the caller is not root, or they cannot be installed.
    """
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NotMeasured(f"needs apt-get install {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ("apt-get", "install", "--yes", "--no-install-recommends", *packages)
    try:
        with locked(cache_root() / "apt.lock", seconds=2 * INSTALL_LIMIT):
            try:
                run(*command, seconds=INSTALL_LIMIT, env=env)
            except NotMeasured:
                # A fresh machine has no package lists yet, an old one has stale ones.
                run("apt-get", "update", seconds=INSTALL_LIMIT, env=env)
                run(*command, seconds=INSTALL_LIMIT, env=env)
    except UnavailableError as error:
        raise not_measured(error) from error


def not_measured(error: UnavailableError) -> NotMeasured:
    """Return what the test kit says of a thing that cannot be had, as this bench says it."""
    return NotMeasured("; ".join(filter(None, (error.reason, error.remedy))))
