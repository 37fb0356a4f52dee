"""What a coordinator is configured with, and the rules each value obeys.

The root path follows Burrow's rule (ValidateZookeeperPath in core/internal/helpers/validation.go),
which is narrower than ZooKeeper's own: what it accepts is a legal path everywhere.
"""

from __future__ import annotations

import math
import re
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import zkwire
from coordinator._addresses import ServerAddress, parse_servers
from coordinator._errors import ConfigurationError
from coordinator._handover import Handover
from coordinator._instrument import Instrument

DEFAULT_ROOT_PATH: Final = "/burrow"
DEFAULT_SESSION_TIMEOUT: Final = 6.0
DEFAULT_TICK_TIME: Final = 2.0
"""Seconds; the servers' own default."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A coordinator's configuration.  Build it with `checked`: the fields are not re-checked.

    Attributes:
        servers: where the ensemble listens; never empty.
        root_path: the path that every client path lies under.
        session_timeout: what to ask the server for, in seconds.
        tick_time: no less than the servers' tick, in seconds.
        ssl_context: to speak TLS with; None: no TLS.
        auth: scheme and credential of each identity.
        sasl: makes the client's side of a SASL exchange.
        read_only: whether a read-only server will do.
        attach: the session to go on with; None: a new one.
        follow_config: whether the servers follow the ensemble's own list.
        instrument: is told what the coordinator does.
        dial: makes the streams; None: over TCP.
    """

    servers: tuple[ServerAddress, ...]
    root_path: str
    session_timeout: float
    tick_time: float = DEFAULT_TICK_TIME
    ssl_context: ssl.SSLContext | None = None
    auth: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    sasl: zkwire.SaslMechanism | None = field(default=None, repr=False)
    read_only: bool = False
    attach: Handover | None = None
    follow_config: bool = False
    instrument: Instrument | None = None
    dial: zkwire.Dial | None = None

    @classmethod
    def checked(
        cls,
        servers: Sequence[str] | str,
        *,
        root_path: str = DEFAULT_ROOT_PATH,
        session_timeout: float = DEFAULT_SESSION_TIMEOUT,
        tick_time: float = DEFAULT_TICK_TIME,
        ssl_context: ssl.SSLContext | None = None,
        auth: Sequence[tuple[str, bytes]] = (),
        sasl: zkwire.SaslMechanism | None = None,
        read_only: bool = False,
        attach: Handover | None = None,
        follow_config: bool = False,
        instrument: Instrument | None = None,
        dial: zkwire.Dial | None = None,
    ) -> Self:
        """Check every value and build the configuration from them.

        Args:
            servers: one ``host:port`` per server; a plain string is refused.
            root_path: see `check_root_path`.
            session_timeout: seconds; see `check_session_timeout`.
            tick_time: seconds, more than 0, as for the session timeout.
            ssl_context: a client's.
            auth: pairs of ``str`` and ``bytes``.
            sasl: called with a host.
            read_only: a ``bool``.
            attach: as ``Coordinator.detach`` returns it.
            follow_config: a ``bool``.
            instrument: an ``Instrument``.
            dial: called with a host and a port; None: over TCP.

        Returns:
            The configuration.

        Raises:
            ConfigurationError: a value breaks its rule; the first one found is named.
        """
        addresses = parse_servers(servers)
        check_root_path(root_path)
        seconds = check_session_timeout(session_timeout)
        tick = _check_tick_time(tick_time)
        identities = _check_identities(auth)
        _require_kind("ssl_context", ssl_context, ssl.SSLContext)
        _require_kind("attach", attach, Handover)
        _require_kind("read_only", read_only, bool)
        _require_kind("follow_config", follow_config, bool)
        _require_kind("instrument", instrument, Instrument)
        _require_callable("sasl", sasl)
        _require_callable("dial", dial)
        return cls(
            servers=addresses,
            root_path=root_path,
            session_timeout=seconds,
            tick_time=tick,
            ssl_context=ssl_context,
            auth=identities,
            sasl=sasl,
            read_only=read_only,
            attach=attach,
            follow_config=follow_config,
            instrument=instrument,
            dial=dial,
        )


def _require_kind(name: str, value: object, kind: type) -> None:
    if value is not None and not isinstance(value, kind):
        raise ConfigurationError.about(name, value, f"must be a {kind.__name__}")


def _require_callable(name: str, value: object) -> None:
    if value is not None and not callable(value):
        raise ConfigurationError.about(name, value, "must be callable")


def _check_tick_time(seconds: float) -> float:
    if (rule := _broken_timeout_rule(seconds)) is not None:
        raise ConfigurationError.about("tick_time", _printable(seconds), rule)
    return float(seconds)


def _check_identities(auth: Sequence[tuple[str, bytes]]) -> tuple[tuple[str, bytes], ...]:
    """The identities, from an iterator too; no message shows a credential."""
    kept = list(auth) if isinstance(auth, Iterator) else auth
    try:
        zkwire.check_options(auth=kept)
    except (zkwire.InvalidArgument, zkwire.InvalidArgumentType) as error:
        raise ConfigurationError(str(error)) from None
    return tuple(kept)


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
