"""Provider 3: a local JVM with ZooKeeper's jars from Maven Central."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final
from xml.sax.saxutils import escape

from zkwire.testing._launcher._cache import cache_root, locked
from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._jvm import JvmRuntime, find_java
from zkwire.testing._launcher._request import Request
from zkwire.testing._launcher._run import run_bounded

PINNED: Final = MappingProxyType(
    {"3.5": "3.5.10", "3.6": "3.6.4", "3.7": "3.7.2", "3.8": "3.8.6", "3.9": "3.9.5"}
)
"""The patch release that stands for each minor one."""

# ZooKeeper declares the metrics and snappy jars as "provided" and its own logging as optional:
# its binary distribution ships them. slf4j's API keeps old callers working, so one pair of
# versions serves every release.
_BESIDE: Final = (
    ("io.dropwizard.metrics", "metrics-core", "4.1.12.1"),
    ("org.xerial.snappy", "snappy-java", "1.1.10.5"),
    ("org.slf4j", "slf4j-api", "2.0.13"),
    ("org.slf4j", "slf4j-simple", "2.0.13"),
)
_COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_DOWNLOAD_LIMIT = 300.0


def exact_version(version: str) -> str:
    """Return the pinned patch release of a minor version; an exact version is itself.

    Raises:
        UnavailableError: No patch release is pinned for this minor version.
    """
    if version.count(".") == 2:
        return version
    try:
        return PINNED[version]
    except KeyError:
        known = ", ".join(PINNED)
        raise UnavailableError(
            f"no patch release is pinned for {version}", f"ask for one of {known}, or x.y.z"
        ) from None


def pom(version: str) -> str:
    """Write a Maven project that depends on one ZooKeeper server and what it needs to run."""
    wanted = (("org.apache.zookeeper", "zookeeper", version), *_BESIDE)
    dependencies = "".join(
        f"<dependency><groupId>{escape(group)}</groupId><artifactId>{escape(artifact)}"
        f"</artifactId><version>{escape(number)}</version></dependency>\n"
        for group, artifact, number in wanted
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>\n'
        "<groupId>zkwire</groupId><artifactId>zookeeper-server</artifactId><version>1</version>\n"
        f"<packaging>pom</packaging>\n<dependencies>\n{dependencies}</dependencies></project>\n"
    )


def fetch_jars(version: str) -> Path:
    """Return a directory with the jars of this exact version, downloading them once.

    Raises:
        UnavailableError: They are not in the cache and cannot be fetched.
    """
    jars = cache_root() / "jars" / f"zookeeper-{version}"
    if jars.is_dir():
        return jars
    mvn = shutil.which("mvn")
    if mvn is None:
        raise UnavailableError("there is no mvn command", "apt-get install maven")
    # The download of whoever came first counts for all who waited.
    with locked(jars.with_name(f"{jars.name}.lock"), seconds=_DOWNLOAD_LIMIT):
        if not jars.is_dir():
            _download(mvn, version, jars)
    return jars


def _download(mvn: str, version: str, jars: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".download-", dir=jars.parent) as directory:
        project = Path(directory, "pom.xml")
        project.write_text(pom(version), encoding="utf-8")
        fetched = Path(directory, "jars")
        run_bounded(
            [
                mvn,
                "--batch-mode",
                "--quiet",
                f"--file={project}",
                _COPY_GOAL,
                f"-DoutputDirectory={fetched}",
                "-DincludeScope=runtime",
            ],
            seconds=_DOWNLOAD_LIMIT,
        )
        if not list(fetched.glob("zookeeper-[0-9]*.jar")):
            raise UnavailableError(f"mvn fetched no jar of ZooKeeper {version}")
        # A rename is atomic: a directory of this name is always whole.
        os.rename(fetched, jars)


class MavenProvider:
    """Runs a pinned release from the jars that its makers publish."""

    name: ClassVar[str] = "maven"

    def find(self, request: Request) -> JvmRuntime:
        """Find Java and the jars.

        Raises:
            UnavailableError: Java, mvn or the jars are not to be had.
        """
        java = find_java()
        jars = fetch_jars(exact_version(request.version))
        return JvmRuntime(java, f"{jars}/*")
