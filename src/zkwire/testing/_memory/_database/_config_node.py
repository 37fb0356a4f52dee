"""The text of ``/zookeeper/config`` on an ensemble."""

from __future__ import annotations

from collections.abc import Sequence


def config_text(addresses: Sequence[str]) -> bytes:
    """The configuration of an ensemble whose members serve clients at these addresses.

    Args:
        addresses: ``host:port`` of each member, in the order of the ids, which count from 1.

    Returns:
        Nothing for one member: a server that is alone has an empty configuration node.
    """
    if len(addresses) < 2:
        return b""
    lines: list[str] = []
    for number, address in enumerate(addresses, 1):
        host = address.rpartition(":")[0]
        lines.append(f"server.{number}={host}:2888:3888:participant;{address}")
    return "\n".join([*lines, "version=0"]).encode()
