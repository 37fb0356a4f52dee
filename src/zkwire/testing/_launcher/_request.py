"""What the caller asked for, checked before anything is started."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from zkwire.testing._launcher._tls import TlsFiles

ConfigValue: TypeAlias = str | int | float | bool
"""A value of one zoo.cfg line."""

DEFAULT_VERSION: Final = "3.9"

_MOST_MEMBERS = 7
_SHORTEST_TICK = 0.01
_LONGEST_TICK = 60.0
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?")
_KEY = re.compile(r"[A-Za-z0-9_.\-]+")

# These lines say where the server is. Changed behind the launcher's back, it would hand out
# addresses where nothing listens.
_OWNED_KEYS: Final = MappingProxyType(
    {
        "clientport": "the launcher chooses the port",
        "clientportaddress": "servers listen on 127.0.0.1 alone",
        "secureclientport": "use tls=; the launcher chooses the port",
        "secureclientportaddress": "servers listen on 127.0.0.1 alone",
        "datadir": "the launcher chooses the directory",
        "dynamicconfigfile": "the launcher writes the member list",
        "ticktime": "use tick_time=, in seconds",
    }
)


def _empty() -> Mapping[str, ConfigValue]:
    return MappingProxyType({})


def _empty_properties() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One server or ensemble, as asked for.

    Raises:
        TypeError: A number is not a number.
        ValueError: A value is outside its range, or a config line belongs to the launcher.
    """

    members: int = 1
    tick_time: float = 0.2
    version: str = DEFAULT_VERSION
    config: Mapping[str, ConfigValue] = field(default_factory=_empty)
    system_properties: Mapping[str, str] = field(default_factory=_empty_properties)
    tls: bool | TlsFiles = False
    sasl: Mapping[str, str] = field(default_factory=_empty_properties, repr=False)
    isolated: bool = False

    def __post_init__(self) -> None:
        if type(self.members) is not int:
            raise TypeError(f"members must be an int, not {type(self.members).__name__}")
        if not 1 <= self.members <= _MOST_MEMBERS:
            raise ValueError(f"members must be in 1..{_MOST_MEMBERS}, not {self.members}")
        if type(self.tick_time) not in (int, float):
            raise TypeError(f"tick_time must be seconds, not {type(self.tick_time).__name__}")
        if not (
            math.isfinite(self.tick_time) and _SHORTEST_TICK <= self.tick_time <= _LONGEST_TICK
        ):
            raise ValueError(
                f"tick_time must be in {_SHORTEST_TICK}..{_LONGEST_TICK} seconds, "
                f"not {self.tick_time}"
            )
        if not _VERSION.fullmatch(self.version):
            raise ValueError(f"version must look like '3.9' or '3.9.5', not {self.version!r}")
        for key, value in self.config.items():
            _check_config_line(key, value)
        for key, text in self.system_properties.items():
            if not _KEY.fullmatch(key) or key.startswith("-"):
                raise ValueError(f"system_properties: {key!r} is not a name like 'zookeeper.x'")
            if "\n" in text or "\0" in text:
                raise ValueError(f"system_properties: the value of {key!r} has a line break or NUL")

        _check_tls(self.tls)
        if type(self.isolated) is not bool:
            raise TypeError(f"isolated must be a bool, not {type(self.isolated).__name__}")
        if self.isolated and self.members == 1:
            raise ValueError("isolated: one server has no peers to be cut from")
        for user, password in self.sasl.items():
            _check_user(user, password)

    @property
    def is_plain(self) -> bool:
        """Whether any server as it comes will do."""
        return not (self.config or self.system_properties or self.tls or self.sasl)

    @property
    def version_is_required(self) -> bool:
        """Whether another version will not do: the default is a preference, any other is not."""
        return self.version != DEFAULT_VERSION

    def accepts_version(self, actual: str) -> bool:
        """Say whether a server of this version serves the request."""
        wanted = self.version.split(".")
        return not self.version_is_required or actual.split(".")[: len(wanted)] == wanted


def _check_config_line(key: str, value: ConfigValue) -> None:
    if not _KEY.fullmatch(key) or key.startswith("-"):
        raise ValueError(f"config: {key!r} is not a zoo.cfg key; JVM flags go to system_properties")
    reason = _OWNED_KEYS.get(key.lower())
    if key.lower().startswith("server."):
        reason = "the launcher writes the member list"
    if reason is not None:
        raise ValueError(f"config: {key!r} cannot be set: {reason}")
    if "\n" in str(value) or "\r" in str(value):
        raise ValueError(f"config: the value of {key!r} has a line break")


def _check_tls(tls: object) -> None:
    if not isinstance(tls, bool | TlsFiles):
        raise TypeError(f"tls must be a bool or TlsFiles, not {type(tls).__name__}")


def _check_user(user: str, password: str) -> None:
    """Refuse what a JAAS file cannot hold; no message shows a password."""
    if not _KEY.fullmatch(user):
        raise ValueError(f"sasl: {user!r} is not a user name of letters, digits, '_', '.' and '-'")
    if any(ord(character) < ord(" ") for character in password):
        raise ValueError(f"sasl: the password of {user!r} has a control character")
