"""Where a server is."""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read ``host:port`` or ``[v6]:port``.

    Raises:
        ValueError: It is neither, or the port is not in 1..65535.
    """
    host, colon, port = text.strip().rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()):
        raise ValueError(f"{text!r} is not an address of the form host:port")
    if not 1 <= int(port) <= 65_535:
        raise ValueError(f"the port of {text!r} is not in 1..65535")
    if host.startswith("[") != host.endswith("]") or (":" in host and not host.startswith("[")):
        raise ValueError(f"{text!r}: an IPv6 host goes in brackets")
    return Address(host.removeprefix("[").removesuffix("]"), int(port))
