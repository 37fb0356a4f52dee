"""ZooKeeper's own way to say where an ensemble is: ``host:port,host:port/chroot``."""

from __future__ import annotations

from typing import NamedTuple

import zkwire
from coordinator._addresses import parse_servers
from coordinator._config import check_root_path
from coordinator._errors import ConfigurationError


class ConnectString(NamedTuple):
    """A connect string taken apart; the arguments that ``open_coordinator`` begins with."""

    servers: list[str]
    root_path: str


def parse_connect_string(text: str) -> ConnectString:
    """Take a connect string apart, as in ``open_coordinator(*parse_connect_string(text))``.

    Args:
        text: ``host[:port][,host[:port]...][/chroot]``.  The first slash begins the chroot,
            ports default to 2181, and an IPv6 address goes in brackets.

    Returns:
        The servers, and the chroot as a root path: ``/`` where there is none.

    Raises:
        ConfigurationError: it is not a string, names no server, or one of its parts breaks
            the rule for servers or root paths.
    """
    _require_str(text)
    hosts, slash, chroot = text.partition("/")
    servers = [_with_port(host.strip()) for host in hosts.split(",") if host.strip()]
    if not servers:
        raise ConfigurationError.about("connect string", text, "names no server")
    parse_servers(servers)
    return ConnectString(servers, check_root_path(slash + chroot) if slash else "/")


def _with_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    if host.endswith("]") or not colon:
        return f"{host}:{zkwire.DEFAULT_PORT}"
    return host if port else f"{name}:{zkwire.DEFAULT_PORT}"


def _require_str(text: object) -> None:
    if not isinstance(text, str):
        kind = type(text).__name__
        raise ConfigurationError.about("connect string", text, f"must be a str, not {kind}")
