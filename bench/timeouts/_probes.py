"""The clients' probe programs, as processes of their own that tell what becomes of sessions."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from subprocess import PIPE
from typing import IO

import trio

import zkwire
from bench.harness.contender import NotMeasured
from bench.timeouts._events import ProbeEvent, Sessions, clock_offset, parsed

ROOT = Path(__file__).parent.parent.parent
LEASED = "coordinator"
"""The one client that has leases."""

_GRACE = 5.0
_PREPARE = 30.0
_TAIL = 2_000


class ProbeEndedError(Exception):
    """A probe ended before its time; the message ends with what it wrote to stderr."""


class Probe:
    """One client's probe program, running.

    Attributes:
        name: The client's name.
        path: The node that is its own.
        pid: Of its process, which leads a process group of its own.
        events: What it has told so far, in the order of its lines.
        ended: How it ended, with the end of its stderr; empty while it runs.
    """

    def __init__(self, name: str, path: str, process: trio.Process, stderr: IO[bytes]) -> None:
        self.name = name
        self.path = path
        self.pid = process.pid
        self.events: list[ProbeEvent] = []
        self.ended = ""
        self._sessions = Sessions()
        self._process = process
        self._stderr = stderr
        self._news = trio.Event()

    def __repr__(self) -> str:
        return f"<Probe {self.name}, process {self.pid}, {len(self.events)} events>"

    def sessions(self) -> dict[int, str | None]:
        """Per session the id that it is connected with, or None while it is not."""
        return dict(self._sessions.ids)

    def connected(self) -> int:
        """How many sessions are connected."""
        return self._sessions.connected

    def well(self) -> int:
        """How many sessions are connected and have had an answer since they are."""
        return len(self._sessions.well)

    async def wait(self, predicate: Callable[[Probe], bool]) -> None:
        """Wait until it holds, looking at every new event.

        A checkpoint; may be cancelled at any time, and is to be given a deadline.

        Raises:
            ProbeEndedError: The probe ended before.
        """
        await trio.lowlevel.checkpoint()
        while not predicate(self):
            if self.ended:
                raise ProbeEndedError(f"the probe of {self.name} {self.ended}")
            await self._news.wait()

    async def read(self, offset: float) -> None:
        """Take in its lines until it ends."""
        assert self._process.stdout is not None
        rest = b""
        try:
            async for chunk in self._process.stdout:
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self.events.append(event := parsed(line, offset))
                    self._sessions.take(event)
                self._tell()
            status = await self._process.wait()
            self.ended = f"ended with status {status}: {self._tail()}"
        except ValueError as error:
            self.ended = f"told {error}"
        except trio.ClosedResourceError:
            self.ended = "was ended"  # by ``aclose``, which need not wait for the last line
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = trio.Event()

    def _tail(self) -> str:
        written = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, written - _TAIL))
        return " ".join(self._stderr.read().decode("utf-8", "replace").split()) or "said nothing"

    async def aclose(self) -> None:
        """End it: by closing its stdin, and after five seconds with SIGKILL, its group too."""
        with trio.CancelScope(shield=True):
            with trio.move_on_after(_GRACE):
                assert self._process.stdin is not None
                await self._process.stdin.aclose()
                await self._process.wait()
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            with trio.move_on_after(_GRACE):
                await self._process.wait()
            if self._process.stdout is not None:
                await self._process.stdout.aclose()
            self._stderr.close()


class Probes:
    """The probes of several clients.

    Attributes:
        running: Those that were started, by the client's name.
        missing: Why the others were not, by the client's name.
    """

    def __init__(self) -> None:
        self.running: dict[str, Probe] = {}
        self.missing: dict[str, str] = {}

    async def wait_all(self, predicate: Callable[[Probe], bool]) -> None:
        """Wait until it holds of each that has not ended; who has is ``missing`` from then on.

        A checkpoint; may be cancelled at any time, and is to be given a deadline.
        """
        await trio.lowlevel.checkpoint()
        for name in list(self.running):
            await self.wait_one(name, predicate)

    async def wait_one(self, name: str, predicate: Callable[[Probe], bool]) -> None:
        """Wait until it holds of one, likewise; returns at once where that is not running."""
        await trio.lowlevel.checkpoint()
        if name in self.running:
            try:
                await self.running[name].wait(predicate)
            except ProbeEndedError as error:
                self.missing[name] = str(error)
                del self.running[name]


@asynccontextmanager
async def open_probes(
    names: Sequence[str],
    servers: Sequence[str],
    timeout: float,  # noqa: ASYNC109  # the sessions', not this function's
    path: str,
    sessions: int,
    spread: float,
    *,
    lease: bool = False,
    tick: float | None = None,
    held: bool = False,
) -> AsyncGenerator[Probes]:
    """Start the probes of these clients, all at once, and end them when the block is left.

    Entering and leaving are checkpoints.  Programs are built before the first is started;
    nothing here waits until sessions are open.

    Args:
        names: The clients, as ``bench.peers.PEERS`` names them.
        servers: What each is given, ``host:port``.
        timeout: Seconds, of each session.
        path: A node, made if need be; each probe has one below it, named after the client.
        sessions: How many each opens.
        spread: Seconds over which it opens them.
        lease: Whether the coordinator's sessions hold a lease each.
        tick: Seconds, the servers' own, which leases are reckoned with; None for what a
            coordinator takes them to have.
        held: Whether the coordinator's sessions are held by one task, not followed by one each.

    Yields:
        The probes.
    """
    probes = Probes()
    started: list[Probe] = []
    commands: dict[str, tuple[str, ...]] = {}
    for name in names:
        try:
            commands[name] = await trio.to_thread.run_sync(_command, name)
        except NotMeasured as error:
            probes.missing[name] = str(error)
    with trio.fail_after(_PREPARE):
        await make_nodes(servers, [f"{path}/{name}" for name in commands])
    offset = clock_offset()
    figures = (str(round(timeout * 1000)), str(sessions), str(round(spread * 1000)))
    async with zkwire.service_nursery() as nursery:
        try:
            for name, command in commands.items():
                own = f"{path}/{name}"
                arguments = [",".join(servers), figures[0], own, *figures[1:]]
                if lease and name == LEASED:
                    arguments.append("lease" if tick is None else f"lease={tick:g}")
                elif held and name == LEASED:
                    arguments.append("held")
                try:
                    probe = await _started(name, own, (*command, *arguments))
                except OSError as error:
                    probes.missing[name] = str(error)
                    continue
                started.append(probe)
                probes.running[name] = probe
                nursery.start_soon(zkwire.as_service(partial(probe.read, offset)))
            yield probes
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + 3 * _GRACE):
                async with trio.open_nursery() as ending:
                    for probe in started:
                        ending.start_soon(probe.aclose)
            nursery.cancel_scope.cancel()


async def make_nodes(servers: Sequence[str], paths: Sequence[str]) -> None:
    """Make these nodes, and what is above them, where they do not exist."""
    host, _, port = servers[0].rpartition(":")
    async with zkwire.open_connection(host, int(port)) as connection:
        for path in paths:
            parts = path.strip("/").split("/")
            for depth in range(1, len(parts) + 1):
                with suppress(zkwire.NodeExists):
                    await connection.create("/" + "/".join(parts[:depth]))


def _command(name: str) -> tuple[str, ...]:
    """The command of a client's probe, built where it must be; blocks meanwhile."""
    from bench.peers import PEERS

    make = PEERS[name].probe
    if make is None:
        raise NotMeasured("has no sessions that outlive a connection")
    return make()


async def _started(name: str, path: str, command: tuple[str, ...]) -> Probe:
    # Not a pipe: nobody reads it unless the probe dies, and a full one would stop the probe.
    stderr = tempfile.TemporaryFile()  # noqa: SIM115  # the probe closes it
    start = partial(
        trio.lowlevel.open_process,
        stdin=PIPE,
        stdout=PIPE,
        stderr=stderr,
        cwd=ROOT,
        start_new_session=True,
    )
    return Probe(name, path, await start(command), stderr)
