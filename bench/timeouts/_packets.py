"""Connection attempts, counted by the kernel: a port that is down is refused unseen by anybody."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

import trio

from bench.harness.contender import NotMeasured

_COMMAND_LIMIT = 10.0
_LINE = re.compile(r"^\s*(\d+)\s+\d+\s.*\bdpt:(\d+)\b", re.MULTILINE)


class Counters:
    """The SYNs that have come to some ports of the loopback."""

    def __init__(self, chain: str) -> None:
        self._chain = chain

    async def read(self) -> dict[int, int]:
        """How many came so far, by the port."""
        return counted(await trio.to_thread.run_sync(_iptables, "-nvxL", self._chain))


@asynccontextmanager
async def open_counters(ports: Iterable[int]) -> AsyncGenerator[Counters]:
    """Count the connection attempts to these ports of the loopback while the block lasts.

    Entering and leaving are checkpoints.  The rules are in a chain of their own, which let
    every packet pass, and go with the block.

    Raises:
        NotMeasured: iptables is not there, or must not be used by this user.
    """
    if shutil.which("iptables") is None:
        raise NotMeasured("there is no iptables to count connection attempts with")
    if os.geteuid() != 0:
        raise NotMeasured("counting connection attempts with iptables takes root")
    chain = f"ZKBENCH-{os.getpid()}"
    jump = ("INPUT", "-i", "lo", "-p", "tcp", "--syn", "-j", chain)
    try:
        try:
            await trio.to_thread.run_sync(_make, chain, jump, sorted(ports))
        except (OSError, subprocess.SubprocessError) as error:
            raise NotMeasured(f"iptables cannot be used here: {_said(error)}") from error
        yield Counters(chain)
    finally:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + 4 * _COMMAND_LIMIT):
            await trio.to_thread.run_sync(_remove, chain, jump)


def counted(listing: str) -> dict[int, int]:
    """The packets of each port's rule in a listing of iptables."""
    return {int(port): int(packets) for packets, port in _LINE.findall(listing)}


def _make(chain: str, jump: Sequence[str], ports: Sequence[int]) -> None:
    _iptables("-N", chain)
    for port in ports:
        _iptables("-A", chain, "-p", "tcp", "--dport", str(port))
    _iptables("-I", *jump)


def _remove(chain: str, jump: Sequence[str]) -> None:
    for rule in (("-D", *jump), ("-F", chain), ("-X", chain)):
        with suppress(OSError, subprocess.SubprocessError):
            _iptables(*rule)


def _iptables(*arguments: str) -> str:
    done = subprocess.run(
        ("iptables", "-w", "5", *arguments),
        capture_output=True,
        text=True,
        timeout=_COMMAND_LIMIT,
        check=True,
    )
    return done.stdout


def _said(error: Exception) -> str:
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    return " ".join(str(said).split())
