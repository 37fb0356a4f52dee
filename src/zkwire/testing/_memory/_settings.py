"""How an in-memory ensemble is configured: the lines of zoo.cfg that mean something here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

DEFAULT_WORDS: Final = frozenset({"ruok", "srvr", "stat", "mntr", "isro"})
KNOWN_WORDS: Final = DEFAULT_WORDS | {
    *("conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "hash", "srst", "stmk"),
    *("wchc", "wchp", "wchs", "*"),
}
MAX_MEMBERS: Final = 7
_LONGEST_TICK: Final = 3600.0
_LARGEST: Final = 2**31 - 1

Value: TypeAlias = str | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration of all members.  Seconds are floats, what ends in ``_ms`` milliseconds.

    ``server_ids`` has one id per member.  ``init_limit`` and ``sync_limit`` are in ticks.
    ``max_buffer`` is the longest frame that is read.  A ``max_client_connections`` of 0 is no
    limit.  ``words`` are the four-letter words that are answered, with ``"*"`` all.
    ``super_digest`` is the digest identity that bypasses ACLs.
    """

    tick_time: float = 2.0
    server_ids: tuple[int, ...] = (1,)
    min_session_timeout_ms: int = 4_000
    max_session_timeout_ms: int = 40_000
    read_only_mode: bool = False
    local_sessions: bool = False
    extended_types: bool = True
    enforce_quota: bool = False
    words: frozenset[str] = DEFAULT_WORDS
    max_buffer: int = 0xFFFFF
    max_client_connections: int = 60
    init_limit: int = 10
    sync_limit: int = 5
    election_time: float = 2.0
    container_check_interval: float = 60.0
    super_digest: str | None = field(default=None, repr=False)

    @property
    def tick_ms(self) -> int:
        """A tick in whole milliseconds, as zoo.cfg has it."""
        return round(self.tick_time * 1000)

    @property
    def standalone(self) -> bool:
        """Whether the server is alone: no ensemble, no epoch, no configuration text."""
        return len(self.server_ids) == 1

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Value] | None = None,
        *,
        members: int = 1,
        tick_time: float = 2.0,
        election_time: float | None = None,
    ) -> Settings:
        """Read lines of zoo.cfg.

        Args:
            config: Keys as in zoo.cfg; values as text or as what they stand for.
            members: How many servers, 1 to 7.
            tick_time: Seconds, 0.001 to 3600.
            election_time: Seconds from the loss of a leader to the next one; default a tick.

        Raises:
            ValueError: An unknown key or a value out of range; the message names it.
        """
        if isinstance(members, bool) or not 1 <= members <= MAX_MEMBERS:
            raise ValueError(f"members: 1 to {MAX_MEMBERS}, not {members!r}")
        if not 0.001 <= tick_time <= _LONGEST_TICK:
            raise ValueError(f"tick_time: 0.001 to {_LONGEST_TICK:g} seconds, not {tick_time!r}")
        if election_time is not None and not 0 <= election_time <= _LONGEST_TICK:
            raise ValueError(f"election_time: 0 to {_LONGEST_TICK:g} seconds: {election_time!r}")
        given: dict[str, Any] = {}
        for key, value in (config or {}).items():
            # zoo.cfg hands what it does not know on as the system property zookeeper.<key>.
            known = _KEYS.get(key.removeprefix("zookeeper."))
            if known is None:
                raise ValueError(f"{key}: unknown here; known are {', '.join(sorted(_KEYS))}")
            name, read = known
            given[name] = read(key, value)
        if given.pop("reconfig", False):
            raise ValueError("reconfigEnabled: the members of an in-memory ensemble are fixed")
        _settle_timeouts(round(tick_time * 1000), given)
        return cls(
            tick_time=tick_time,
            server_ids=tuple(range(1, members + 1)),
            election_time=tick_time if election_time is None else election_time,
            **given,
        )


def _settle_timeouts(tick_ms: int, given: dict[str, Any]) -> None:
    """Put in the limits of session timeouts that were left to the default, 2 and 20 ticks."""
    for name, ticks in (("min_session_timeout_ms", 2), ("max_session_timeout_ms", 20)):
        if given.get(name, -1) == -1:
            given[name] = tick_ms * ticks
    shortest, longest = given["min_session_timeout_ms"], given["max_session_timeout_ms"]
    if shortest > longest:
        raise ValueError(f"minSessionTimeout: {shortest} is above maxSessionTimeout, {longest}")


def _truth(key: str, value: Value) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in {"true", "false"}:
        raise ValueError(f"{key}: true or false, not {value!r}")
    return text == "true"


def _number(low: int, high: int = _LARGEST) -> Callable[[str, Value], int]:
    def read(key: str, value: Value) -> int:
        try:
            if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
                raise ValueError  # noqa: TRY301  # caught below: told like any other bad number
            number = int(value, 0) if isinstance(value, str) else int(value)
        except (ValueError, OverflowError):
            raise ValueError(f"{key}: a whole number, not {value!r}") from None
        if not low <= number <= high:
            raise ValueError(f"{key}: {low} to {high}, not {number}")
        return number

    return read


def _timeout(key: str, value: Value) -> int:
    if (number := _number(-1)(key, value)) == 0:
        raise ValueError(f"{key}: milliseconds from 1, or -1 for the default; not 0")
    return number


def _seconds(key: str, value: Value) -> float:
    return _number(1)(key, value) / 1000


def _words(key: str, value: Value) -> frozenset[str]:
    words = frozenset(word.strip() for word in str(value).split(",") if word.strip())
    if unknown := words - KNOWN_WORDS:
        raise ValueError(f"{key}: no four-letter word: {', '.join(sorted(unknown))}")
    return words


def _super_digest(key: str, value: Value) -> str:
    # The value is left out of the message: it is as good as a password.
    if not isinstance(value, str) or len(value.split(":")) != 2 or not all(value.split(":")):
        raise ValueError(f"{key}: must read user:base64(sha1(user:password))")
    return value


_KEYS: Final[dict[str, tuple[str, Callable[[str, Value], object]]]] = {
    "minSessionTimeout": ("min_session_timeout_ms", _timeout),
    "maxSessionTimeout": ("max_session_timeout_ms", _timeout),
    "readonlymode.enabled": ("read_only_mode", _truth),
    "localSessionsEnabled": ("local_sessions", _truth),
    "extendedTypesEnabled": ("extended_types", _truth),
    "enforceQuota": ("enforce_quota", _truth),
    "reconfigEnabled": ("reconfig", _truth),
    "4lw.commands.whitelist": ("words", _words),
    "jute.maxbuffer": ("max_buffer", _number(64)),
    "maxClientCnxns": ("max_client_connections", _number(0)),
    "initLimit": ("init_limit", _number(1)),
    "syncLimit": ("sync_limit", _number(1)),
    "znode.container.checkIntervalMs": ("container_check_interval", _seconds),
    "DigestAuthenticationProvider.superDigest": ("super_digest", _super_digest),
}
