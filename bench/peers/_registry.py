"""The clients that are measured, in the order of the page, and how each one's programs are run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from bench.harness.contender import NotMeasured
from bench.peers import _c, _go, _java, _rust

ROOT = Path(__file__).parent.parent.parent
"""The directory to run commands in: Python's programs are modules of the project."""

NO_LOOK_UPS = "C, no look-ups"

# Seconds.  Only a program that hangs takes so long to say what it is.
HANG = 60.0

Command = Callable[[], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Peer:
    """One client, and the commands that run its programs; None where it has no such program.

    A command is what precedes the arguments; it is to be run in ``ROOT``.  Asking for it
    builds the program where that is needed, and raises ``NotMeasured`` where it cannot be.
    """

    name: str
    load: Command | None
    probe: Command | None


def _python(package: str, program: str) -> Command:
    def command() -> tuple[str, ...]:
        if find_spec(package) is None:
            raise NotMeasured(f"{package} is not installed")
        return (sys.executable, "-m", f"bench.peers.python.{package}_{program}")

    return command


def _compiled(name: str, command: Callable[[Literal["load", "probe"]], tuple[str, ...]]) -> Peer:
    return Peer(name, lambda: command("load"), lambda: command("probe"))


PEERS = {
    peer.name: peer
    for peer in (
        Peer("zkwire", _python("zkwire", "load"), None),
        Peer("coordinator", _python("coordinator", "load"), _python("coordinator", "probe")),
        Peer("kazoo", _python("kazoo", "load"), _python("kazoo", "probe")),
        Peer("aiozk", _python("aiozk", "load"), _python("aiozk", "probe")),
        _compiled("Java", _java.command),
        _compiled("C", _c.command),
        Peer(NO_LOOK_UPS, lambda: (*_c.command("load"), "--no-look-ups"), None),
        _compiled("Go", _go.command),
        _compiled("Rust", _rust.command),
    )
}
"""Every client by its name."""


def versions(names: Iterable[str] = PEERS) -> dict[str, str]:
    """Build these programs, and say what client each one is, or why it is not measured."""
    # The same program, told to do without what C does by default.
    return {name: _version("C" if name == NO_LOOK_UPS else name) for name in names}


@cache
def _version(name: str) -> str:
    peer, line = PEERS[name], ""
    for command in filter(None, (peer.probe, peer.load)):
        try:
            done = subprocess.run(
                command(),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=HANG,
                check=False,
            )
        except (NotMeasured, OSError) as error:
            return f"not measured: {error}"
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            return f"not measured: it ended with status {done.returncode}: {last}"
        line = done.stdout.strip()
    return line
