"""Other clients' lock programs, built on demand into the per-user cache and told what to do."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import pytest
import trio

from zkwire.testing._launcher._cache import cache_root, locked
from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._run import run_bounded

CURATOR = "5.7.1"
KINDS = ("curator", "go-zookeeper")

_PEERS = Path(__file__).parent / "integration" / "peers"
_LIMIT = 300.0
_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>zkwire</groupId><artifactId>curator</artifactId><version>1</version>
<packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.curator</groupId><artifactId>curator-recipes</artifactId>
<version>{CURATOR}</version></dependency></dependencies></project>
"""
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


class Peer:
    """A program that does what it is told, and says when it has."""

    def __init__(self, process: trio.Process) -> None:
        self._process = process
        self._said = b""

    async def tell(self, word: str) -> None:
        assert self._process.stdin is not None
        await self._process.stdin.send_all(word.encode() + b"\n")

    async def says(self, word: str) -> None:
        """Wait until this is the next that it says."""
        assert self._process.stdout is not None
        with trio.fail_after(60):
            while b"\n" not in self._said:
                more = await self._process.stdout.receive_some()
                assert more, f"it ended, and never said {word!r}"
                self._said += bytes(more)
        line, _, self._said = self._said.partition(b"\n")
        assert line.decode() == word

    async def is_silent(self, seconds: float) -> bool:
        """Whether it says nothing for so long."""
        assert self._process.stdout is not None
        with trio.move_on_after(seconds):
            self._said += bytes(await self._process.stdout.receive_some())
        return not self._said


@asynccontextmanager
async def open_peer(kind: str, server: str, path: str) -> AsyncGenerator[Peer]:
    """Run a peer; skips the test, with the reason, where its libraries cannot be had."""
    try:
        command = await trio.to_thread.run_sync(_COMMANDS[kind])
    except UnavailableError as error:
        pytest.skip(f"no {kind}: {error}")
    process = await trio.lowlevel.open_process(
        [*command, server, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        peer = Peer(process)
        await peer.says("ready")
        yield peer
    finally:
        process.kill()
        with trio.move_on_after(10, shield=True):
            await process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            await trio.aclose_forcefully(stream)


@cache
def _curator_command() -> tuple[str, ...]:
    java, javac, mvn = (shutil.which(name) for name in ("java", "javac", "mvn"))
    if java is None or javac is None or mvn is None:
        raise UnavailableError("there is no java, javac or mvn", "apt-get install maven")
    source = _PEERS / "Peer.java"

    def make(made: Path) -> None:
        (made / "pom.xml").write_text(_POM)
        run_bounded(
            [mvn, "-B", "-q", "-f", str(made / "pom.xml"), _COPY, f"-DoutputDirectory={made}"],
            seconds=_LIMIT,
        )
        run_bounded(
            [javac, "-proc:none", "-nowarn", "-cp", f"{made}/*", "-d", str(made), str(source)],
            seconds=_LIMIT,
        )

    build = _built("curator", (source.read_bytes(), _POM.encode()), make)
    return (java, "-cp", f"{build}/*:{build}", "Peer")


@cache
def _go_command() -> tuple[str, ...]:
    go = shutil.which("go")
    if go is None:
        raise UnavailableError("there is no go", "apt-get install golang-go")
    sources = _PEERS / "go"

    def make(made: Path) -> None:
        run_bounded(
            [go, "build", "-C", str(sources), "-o", str(made / "peer"), "."], seconds=_LIMIT
        )

    contents = tuple(each.read_bytes() for each in sorted(sources.iterdir()))
    return (str(_built("go-zookeeper", contents, make) / "peer"),)


_COMMANDS = {"curator": _curator_command, "go-zookeeper": _go_command}


def _built(name: str, contents: tuple[bytes, ...], make: Callable[[Path], None]) -> Path:
    """A directory named after what it is made from, so that a change makes a new one."""
    key = hashlib.sha256(b"\0".join(contents)).hexdigest()[:16]
    build = cache_root() / "peers" / f"{name}-{key}"
    with locked(build.with_name(f"{build.name}.lock"), seconds=2 * _LIMIT):
        if not build.is_dir():
            with tempfile.TemporaryDirectory(prefix=".build-", dir=build.parent) as directory:
                made = Path(directory, "made")
                made.mkdir()
                make(made)
                os.rename(made, build)
    return build
