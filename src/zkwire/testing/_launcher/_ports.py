"""Loopback ports that stay ours while a server is down.

A restarted server must find its old port free. Two things could take it: another test worker
that looks for ports, and the kernel, which hands out its ephemeral range to any outgoing
connection. So a port is leased below that range, and the lease is an abstract unix socket: its
scope is the network namespace, as the port's is, and it ends with the process that holds it,
however that ends.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

_LOWEST = 10_240
_HIGHEST = 32_767
_EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_HOST = "127.0.0.1"


class PortLease:
    """One loopback port that no other lease holds."""

    def __init__(self, port: int, claim: socket.socket) -> None:
        self.port = port
        self._claim = claim

    def release(self) -> None:
        """Give the port up. Doing it twice does nothing."""
        self._claim.close()


def _highest() -> int:
    try:
        start_of_ephemeral = int(_EPHEMERAL_RANGE.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return _HIGHEST
    # A machine that opens nearly the whole range to ephemeral ports leaves no room below it.
    return start_of_ephemeral - 1 if start_of_ephemeral > _LOWEST + 1_000 else _HIGHEST


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Java's server sockets set it too, so connections in TIME_WAIT do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _lease(port: int) -> PortLease | None:
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0zkwire-testing-port-{port}")
    except OSError:
        claim.close()
        return None
    if not _is_free(port):
        claim.close()
        return None
    return PortLease(port, claim)


def lease_ports(count: int) -> list[PortLease]:
    """Lease this many free ports on the loopback address.

    Raises:
        OSError: No free port was found in the whole range.
    """
    candidates = list(range(_LOWEST, _highest() + 1))
    # Workers that start together must not all try the same ports first.
    random.SystemRandom().shuffle(candidates)
    leases: list[PortLease] = []
    for port in candidates:
        if len(leases) == count:
            return leases
        lease = _lease(port)
        if lease is not None:
            leases.append(lease)
    if len(leases) == count:
        return leases
    for lease in leases:
        lease.release()
    raise OSError(f"no {count} free ports between {_LOWEST} and {_highest()} on {_HOST}")
