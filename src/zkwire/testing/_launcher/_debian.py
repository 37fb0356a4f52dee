"""Provider 4: a local JVM with the jars of Debian's package."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import ClassVar

from zkwire.testing._launcher._cache import cache_root, locked
from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._jvm import JvmRuntime, find_java
from zkwire.testing._launcher._request import Request
from zkwire.testing._launcher._run import run_bounded

# The jars alone: "zookeeper" adds a desktop JRE, and "zookeeperd" starts a daemon.
_JARS_PACKAGE = "libzookeeper-java"
_JRE_PACKAGE = "default-jre-headless"
_REMEDY = f"apt-get install {_JARS_PACKAGE} {_JRE_PACKAGE}"
_DIRECTORY = Path("/usr/share/java")
_INSTALL_LIMIT = 300.0
_VERSIONED_JAR = re.compile(r"zookeeper-(\d+\.\d+\.\d+)\.jar")


def _installed_version() -> str | None:
    for jar in sorted(_DIRECTORY.glob("zookeeper-[0-9]*.jar")):
        match = _VERSIONED_JAR.fullmatch(jar.name)
        if match:
            return match[1]
    return None


def _missing_packages() -> list[str]:
    missing: list[str] = []
    if _installed_version() is None or not (_DIRECTORY / "slf4j-simple.jar").exists():
        missing.append(_JARS_PACKAGE)
    try:
        find_java()
    except UnavailableError:
        missing.append(_JRE_PACKAGE)
    return missing


def _install(packages: list[str]) -> None:
    if shutil.which("apt-get") is None:
        raise UnavailableError(f"{', '.join(packages)} missing, and there is no apt-get")
    if os.geteuid() != 0:
        raise UnavailableError(f"{', '.join(packages)} missing, and only root can install", _REMEDY)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    try:
        run_bounded(install, seconds=_INSTALL_LIMIT, env=env)
    except UnavailableError:
        # A fresh machine has no package lists yet, an old one has stale ones.
        run_bounded(["apt-get", "update"], seconds=_INSTALL_LIMIT, env=env)
        run_bounded(install, seconds=_INSTALL_LIMIT, env=env)


class DebianProvider:
    """Runs the release that Debian ships, whichever that is."""

    name: ClassVar[str] = "debian"

    def find(self, request: Request) -> JvmRuntime:
        """Find Java and the jars, installing them where the caller is root.

        Raises:
            UnavailableError: They are not there and cannot be installed, or Debian ships
                another version than the one required.
        """
        if _missing_packages():
            with locked(cache_root() / "apt.lock", seconds=2 * _INSTALL_LIMIT):
                missing = _missing_packages()
                if missing:
                    _install(missing)
        version = _installed_version()
        if version is None:
            raise UnavailableError(f"{_JARS_PACKAGE} brought no zookeeper jar", _REMEDY)
        if not request.accepts_version(version):
            raise UnavailableError(f"Debian ships {version}, not {request.version}")
        # zookeeper.jar's manifest names every jar it needs, but no logging binding.
        jars = (_DIRECTORY / "zookeeper.jar", _DIRECTORY / "slf4j-simple.jar")
        return JvmRuntime(find_java(), ":".join(map(str, jars)))
