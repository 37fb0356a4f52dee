"""What a coordinator is configured with, and the rules each value obeys.

The root path follows Burrow's rule (ValidateZookeeperPath in core/internal/helpers/validation.go),
which is narrower than ZooKeeper's own: what it accepts is a legal path everywhere.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import zkwire
from coordinator._addresses import ServerAddress, parse_servers
from coordinator._errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_ROOT_PATH: Final = "/burrow"
DEFAULT_SESSION_TIMEOUT: Final = 6.0

_SEGMENT: Final = re.compile(r"[a-zA-Z0-9_-][a-zA-Z0-9_.-]*")
_RESERVED: Final = "/zookeeper"


def check_root_path(path: str) -> str:
    """Check a root path.

    Args:
        path: ``/``, or segments of ASCII letters, digits, ``_``, ``-`` and ``.``, each after a
            slash and none starting with a dot (so ``.`` and ``..`` are out too).

    Returns:
        The path, unchanged.

    Raises:
        ConfigurationError: not a string, or not such a path, or inside ZooKeeper's own tree.
    """
    if (rule := _broken_path_rule(path)) is not None:
        raise ConfigurationError.about("root_path", path, rule)
    return path


def check_session_timeout(seconds: float) -> float:
    """Check a session timeout.

    No unit is ever guessed: 6000 is taken for 6000 seconds.

    Args:
        seconds: more than 0, at most 2147483.647 (2**31 - 1 milliseconds).

    Returns:
        The timeout in seconds, as a float.

    Raises:
        ConfigurationError: not a number, or not in that range.
    """
    if (rule := _broken_timeout_rule(seconds)) is not None:
        raise ConfigurationError.about("session_timeout", _printable(seconds), rule)
    return float(seconds)


def _check_dial(dial: zkwire.Dial | None) -> zkwire.Dial | None:
    if dial is not None and not callable(dial):
        raise ConfigurationError.about("dial", dial, "must be callable")
    return dial


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A coordinator's configuration.  Build it with `checked`: the fields are not re-checked.

    Attributes:
        servers: where the ensemble listens; never empty.
        root_path: the path that every client path lies under.
        session_timeout: what to ask the server for, in seconds.
        dial: makes the streams; None: over TCP.
    """

    servers: tuple[ServerAddress, ...]
    root_path: str
    session_timeout: float
    dial: zkwire.Dial | None = None

    @classmethod
    def checked(
        cls,
        servers: Sequence[str] | str,
        *,
        root_path: str = DEFAULT_ROOT_PATH,
        session_timeout: float = DEFAULT_SESSION_TIMEOUT,
        dial: zkwire.Dial | None = None,
    ) -> Self:
        """Check every value and build the configuration from them.

        Args:
            servers: one ``host:port`` per server; a plain string is refused.
            root_path: see `check_root_path`.
            session_timeout: seconds; see `check_session_timeout`.
            dial: called with a host and a port; None: over TCP.

        Returns:
            The configuration.

        Raises:
            ConfigurationError: a value breaks its rule; the first one found is named.
        """
        return cls(
            servers=parse_servers(servers),
            root_path=check_root_path(root_path),
            session_timeout=check_session_timeout(session_timeout),
            dial=_check_dial(dial),
        )


# The helpers take `object`: callers without a type checker pass anything.


def _broken_path_rule(path: object) -> str | None:
    if not isinstance(path, str):
        return f"must be a str, not {type(path).__name__}"
    if not path.startswith("/"):
        return "must start with '/'"
    if path == "/":
        return None
    if path.endswith("/"):
        return "must not end with '/'"
    # An application's nodes among the server's own could not be told from them: under a root of
    # "/zookeeper" the client path "/config" would be the server's configuration node.
    if path == _RESERVED or path.startswith(f"{_RESERVED}/"):
        return f"must not lie in {_RESERVED!r}, which ZooKeeper keeps for itself"
    for segment in path[1:].split("/"):
        if not segment:
            return "must not contain '//'"
        # fullmatch, because Python's `$` lets a trailing newline through.
        if _SEGMENT.fullmatch(segment) is None:
            return (
                f"segment {segment!r} must be ASCII letters, digits, '_', '-' and '.',"
                " and not start with '.'"
            )
    return None


def _broken_timeout_rule(seconds: object) -> str | None:
    # bool is an int to Python, but True is not a second to anyone.
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return f"must be a number of seconds, not {type(seconds).__name__}"
    if isinstance(seconds, float) and not math.isfinite(seconds):
        return "must be finite"
    if seconds <= 0:
        return "must be more than 0 seconds"
    if seconds > zkwire.MAX_SESSION_TIMEOUT:
        return f"must be at most {zkwire.MAX_SESSION_TIMEOUT} seconds (2**31 - 1 milliseconds)"
    return None


def _printable(seconds: object) -> object:
    # repr() of an int of thousands of digits raises an error of its own.
    if isinstance(seconds, int) and seconds.bit_length() > 64:
        return math.copysign(math.inf, 1 if seconds > 0 else -1)
    return seconds
