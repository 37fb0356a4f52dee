"""Server addresses: which spellings of ``host:port`` are taken, and as what.

The rule is Burrow's (ValidateHostPort in core/internal/helpers/validation.go), so that a
configuration which worked there works here, with these differences, all of them refusals:

* a port is ASCII digits only, 1 to 65535 (Burrow takes any integer: ``+2181``, ``-1``, ``0``);
* a host of nothing but digits and dots is an IPv4 address, however long its numbers are (Burrow
  lets a number too large for a Go int pass as a name);
* the same server may not be listed twice.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from coordinator._errors import ConfigurationError

# Patterns are always used with fullmatch: Python's `$` lets a trailing newline through.
_LABEL: Final = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_HOSTNAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# Docker Swarm names a service <stack>_<service>; DNS has no underscore, Swarm's resolver does.
_SWARM_SERVICE: Final = re.compile(rf"{_LABEL}_{_LABEL}")
_ALL_NUMERIC: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_DIGITS: Final = re.compile(r"[0-9]+")
_LEADING_ZEROS: Final = re.compile(r"\A0+(?=[0-9])")
# A comma or a slash is never legal: left out here so that the message can say what it means.
_HOST_PORT: Final = re.compile(
    r"(?:\[(?P<bracketed>[^\[\],/]*)\]|(?P<bare>[^:\[\],/]*)):(?P<port>[^:,/]*)"
)

_MAX_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where one ZooKeeper server listens.

    Attributes:
        host: name or IP address, without brackets.
        port: TCP port, 1 to 65535.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_servers(servers: Sequence[str] | str) -> tuple[ServerAddress, ...]:
    """Check a list of servers and take each address apart.

    Args:
        servers: one ``host:port`` per server, in any order; an IPv6 address goes in brackets.
            The type admits ``str`` only because a string is a sequence of strings: it is refused.

    Returns:
        The addresses, in the order given.

    Raises:
        ConfigurationError: not a list, an empty one, an element that is not ``host:port``, or a
            server that is listed twice.
    """
    elements = _as_sequence(servers)
    if not elements:
        raise ConfigurationError.about("servers", elements, "at least one server is needed")
    addresses: list[ServerAddress] = []
    for index, element in enumerate(elements):
        if not isinstance(element, str):
            rule = f"must be a 'host:port' string, not {type(element).__name__}"
            raise ConfigurationError.about(f"servers[{index}]", element, rule)
        address = _parse_address(element)
        # A server listed twice would get twice its share of connection attempts.
        if address in addresses:
            rule = f"listed twice, as elements {addresses.index(address)} and {index}"
            raise ConfigurationError.about("servers", element, rule)
        addresses.append(address)
    return tuple(addresses)


def _as_sequence(servers: object) -> Sequence[object]:
    kind = type(servers).__name__
    if isinstance(servers, str):
        rule = "pass a list of 'host:port' strings, even for one server, not a string"
    elif isinstance(servers, Sequence) and not isinstance(servers, bytes | bytearray):
        return cast("Sequence[object]", servers)
    else:
        rule = f"must be a list of 'host:port' strings, not {kind}"
    raise ConfigurationError.about("servers", servers, rule)


def _parse_address(text: str) -> ServerAddress:
    parts = _HOST_PORT.fullmatch(text)
    if parts is None:
        raise ConfigurationError.about("servers", text, _why_not_host_port(text))
    host = parts["bare"] if parts["bracketed"] is None else parts["bracketed"]
    # Burrow takes leading zeros, and int() of thousands of them raises an error of its own.
    port = _LEADING_ZEROS.sub("", parts["port"])
    rule = _broken_host_rule(host) or _broken_port_rule(port)
    if rule is not None:
        raise ConfigurationError.about("servers", text, rule)
    return ServerAddress(host, int(port))


def _why_not_host_port(text: str) -> str:
    """Say which common mistake an unparsable element is."""
    if "," in text:
        return "one server per element: split the string at its commas"
    if "/" in text:
        return "must be 'host:port' alone: no scheme, and the path goes into root_path"
    if ":" not in text or (text.startswith("[") and text.endswith("]")):
        return "the port is missing: write 'host:port'"
    if text.count(":") > 1 and not text.startswith("["):
        return "an IPv6 address goes in brackets, as in '[::1]:2181'"
    return "must be 'host:port'"


def _broken_port_rule(port: str) -> str | None:
    """Return the rule that a port breaks, or None for a good one."""
    if _DIGITS.fullmatch(port) is None:
        return f"port must be 1 to {_MAX_PORT}, in ASCII digits only"
    # The length first, again because of int().
    if len(port) > len(str(_MAX_PORT)) or not 1 <= int(port) <= _MAX_PORT:
        return f"port must be 1 to {_MAX_PORT}"
    return None


def _broken_host_rule(host: str) -> str | None:
    """Return the rule that a host breaks, or None for a good one."""
    if not host:
        return "the host is missing: write 'host:port'"
    if ":" in host:
        return None if _is_ipv6(host) else "not a valid IPv6 address (a zone is not allowed)"
    if _ALL_NUMERIC.fullmatch(host):
        return None if _is_ipv4(host) else "not a valid IPv4 address"
    if _HOSTNAME.fullmatch(host) or _SWARM_SERVICE.fullmatch(host):
        return None
    return (
        "not a valid host name: labels of 1 to 63 ASCII letters, digits and inner dashes,"
        " separated by dots (or a Docker Swarm service: two labels joined by one underscore)"
    )


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _is_ipv6(host: str) -> bool:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return address.scope_id is None
