"""The peers' programs, built on demand into the per-user cache.

A build is named after its source and what it is built against, so a change of either makes
a new one, and whoever finds one there need not ask how old it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from bench.harness.contender import NotMeasured
from zkwire.testing._launcher._cache import cache_root, locked
from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._maven import PINNED, fetch_jars
from zkwire.testing._launcher._run import run_bounded

JAVA_CLIENT = PINNED["3.9"]
C_PACKAGES = ("gcc", "libc6-dev", "libzookeeper-mt-dev")

_HERE = Path(__file__).parent
_C_HEADER = Path("/usr/include/zookeeper/zookeeper.h")
_BUILD_LIMIT = 60.0
_INSTALL_LIMIT = 300.0


@cache
def c_command() -> tuple[str, ...]:
    """The command that runs ``get.c``.

    Raises:
        NotMeasured: there is no compiler or no library, and neither can be installed.
    """
    try:
        _install_c_client()
        source = _HERE / "get.c"
        build = _built(
            source,
            _C_HEADER.read_bytes(),
            ("gcc", "-O2", "-Wall", "-Wextra", str(source), "-lzookeeper_mt", "-o", "{}/get"),
        )
    except UnavailableError as error:
        raise _not_measured(error) from error
    return (str(build / "get"),)


@cache
def java_command() -> tuple[str, ...]:
    """The command that runs ``Get.java``.

    Raises:
        NotMeasured: there is no JDK, or the jars cannot be fetched.
    """
    java, javac = shutil.which("java"), shutil.which("javac")
    if java is None or javac is None:
        raise NotMeasured("there is no javac; apt-get install default-jdk-headless")
    try:
        jars = f"{fetch_jars(JAVA_CLIENT)}/*"
        source = _HERE / "Get.java"
        build = _built(
            source,
            jars.encode(),
            (javac, "-proc:none", "-nowarn", "-cp", jars, "-d", "{}", str(source)),
        )
    except UnavailableError as error:
        raise _not_measured(error) from error
    return (java, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", f"{jars}:{build}", "Get")


def _not_measured(error: UnavailableError) -> NotMeasured:
    return NotMeasured("; ".join(filter(None, (error.reason, error.remedy))))


def peer_versions() -> dict[str, str]:
    """Build all peers, and say what they are, or why they are not there."""
    found: dict[str, str] = {}
    for name, make in (("C client", c_command), ("Java client", java_command)):
        try:
            done = subprocess.run(make(), stdout=subprocess.PIPE, text=True, check=True)
        except NotMeasured as error:
            found[name] = f"not measured: {error}"
        else:
            found[name] = done.stdout.strip()
    return found


def _built(source: Path, against: bytes, command: tuple[str, ...]) -> Path:
    key = hashlib.sha256(source.read_bytes() + against + repr(command).encode()).hexdigest()[:16]
    build = cache_root() / "bench" / f"{source.name}-{key}"
    with locked(build.with_name(f"{build.name}.lock"), seconds=2 * _BUILD_LIMIT):
        if not build.is_dir():
            with tempfile.TemporaryDirectory(prefix=".build-", dir=build.parent) as directory:
                made = Path(directory, "made")
                made.mkdir()
                run_bounded([part.format(made) for part in command], seconds=_BUILD_LIMIT)
                # A rename is atomic: a directory of this name is always whole.
                os.rename(made, build)
    return build


def _install_c_client() -> None:
    if _C_HEADER.exists() and shutil.which("gcc"):
        return
    remedy = f"apt-get install {' '.join(C_PACKAGES)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise UnavailableError("there is no libzookeeper-mt-dev or no gcc", remedy)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *C_PACKAGES]
    with locked(cache_root() / "apt.lock", seconds=2 * _INSTALL_LIMIT):
        try:
            run_bounded(install, seconds=_INSTALL_LIMIT, env=env)
        except UnavailableError:
            # A fresh machine has no package lists yet, an old one has stale ones.
            run_bounded(["apt-get", "update"], seconds=_INSTALL_LIMIT, env=env)
            run_bounded(install, seconds=_INSTALL_LIMIT, env=env)
