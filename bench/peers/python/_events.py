"""What every program for session timeouts shares; see ``bench/README.md``.

``PROBE SERVERS TIMEOUT_MS PATH SESSIONS SPREAD_MS`` prints one JSON object a line for
whatever the client tells its user, stamped with CLOCK_MONOTONIC, until stdin ends;
without arguments, what the client is.  Where the client has no event loop of its own, one thread
is the program's: it waits for that end.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.peers.python._version import describe

CONNECTED = "connected"
SUSPENDED = "suspended"
LOST = "lost"
EXPIRED = "expired"
ANSWERED = "answered"
EPHEMERAL = "ephemeral"
LEASE_ON = "lease-on"
LEASE_OVER = "lease-over"

# Seconds, where a node of the name is still there, of a session that is not this one.
IN_THE_WAY = 0.1


@dataclass(frozen=True, slots=True)
class Watched:
    """The arguments."""

    servers: list[str]
    timeout: float
    """Seconds."""
    path: str
    sessions: int
    spread: float
    """Seconds over which they are opened."""
    more: tuple[str, ...]

    def node(self, index: int) -> str:
        return f"{self.path}/e{index:05d}"

    def delay(self, index: int) -> float:
        """Seconds from the start to the opening of a session."""
        return self.spread * index / self.sessions


def emit(index: int, event: str, **more: str) -> None:
    """Print an event; its time is now."""
    line = {"t": time.monotonic_ns(), "i": index, "e": event, **more}
    # One write, of less than PIPE_BUF: lines of several threads do not get mixed up.
    os.write(_OUT, json.dumps(line, separators=(",", ":")).encode() + b"\n")


def hexadecimal(session: int) -> str:
    return f"0x{session & 0xFFFF_FFFF_FFFF_FFFF:x}"


def main(
    client: str, package: str, run: Callable[[Watched], object], *, sees_end: bool = False
) -> None:
    """Do what the command line asks for, until stdin ends; ``run`` may see to that itself."""
    if len(sys.argv) == 1:
        print(describe(client, package))
        return
    # A client that loses its server logs errors: those are its events, told in its own way.
    logging.basicConfig(level=logging.CRITICAL)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    servers, timeout, path, sessions, spread, *more = sys.argv[1:]
    watched = Watched(
        servers.split(","),
        int(timeout) / 1000,
        path,
        int(sessions),
        int(spread) / 1000,
        tuple(more),
    )
    if not sees_end:
        threading.Thread(target=_exit_at_end_of_input, daemon=True).start()
    run(watched)


def _exit_at_end_of_input() -> None:
    while True:
        read_or_exit()


def read_or_exit() -> None:
    """Read from stdin, and exit if it has ended; blocks while nothing is there."""
    if not os.read(sys.stdin.fileno(), 4096):
        os._exit(0)


# Nothing that a client prints by itself may get between the events.
_OUT = os.dup(1)
