"""The official Java client's programs: ``java/Load.java`` and ``java/Probe.java``."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Literal

from bench.harness.contender import NotMeasured
from bench.peers._build import HERE, built, not_measured, run
from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._maven import PINNED, fetch_jars

CLIENT = PINNED["3.9"]

# The JVM's own flags stay as they come.
_QUIET = ("-Dorg.slf4j.simpleLogger.defaultLogLevel=error",)


@cache
def command(program: Literal["load", "probe"]) -> tuple[str, ...]:
    """Return the command that runs a program of the Java client.

    Raises:
        NotMeasured: there is no JDK, or the jars cannot be fetched.
    """
    java, javac = shutil.which("java"), shutil.which("javac")
    if java is None or javac is None:
        raise NotMeasured("there is no javac; apt-get install default-jdk-headless")
    try:
        jars = f"{fetch_jars(CLIENT)}/*"
    except UnavailableError as error:
        raise not_measured(error) from error
    sources = sorted((HERE / "java").glob("*.java"))

    def make(directory: Path) -> None:
        run(javac, "-proc:none", "-nowarn", "-cp", jars, "-d", directory, *sources)

    build = built("java", sources, jars.encode(), make)
    return (java, *_QUIET, "-cp", f"{jars}:{build}", program.capitalize())
