"""Checks of what callers pass in.  Each names the argument and the rule that it breaks.

They take ``object`` on purpose: the point is the caller who has no type checker.
"""

from __future__ import annotations

from typing import Final

from zkwire._errors import InvalidArgument, InvalidArgumentType

_INT32_MAX: Final = 2**31 - 1
INT64_MAX: Final = 2**63 - 1
MAX_TTL_MS: Final = 2**40 - 1
"""Servers keep a TTL in 40 bits of ephemeralOwner."""


def require_instance(name: str, value: object, cls: type) -> None:
    """Refuse what is not one of ``cls``."""
    if not isinstance(value, cls):
        raise InvalidArgumentType(f"{name}: must be a {cls.__name__}, not {type(value).__name__}")


def require_str(name: str, value: object) -> None:
    """Refuse anything but text."""
    require_instance(name, value, str)


def require_data(name: str, value: object) -> None:
    """Refuse anything but bytes or None; bytearray and memoryview can change under us."""
    if value is not None and not isinstance(value, bytes):
        raise InvalidArgumentType(f"{name}: must be bytes or None, not {type(value).__name__}")
    if value is not None and len(value) > _INT32_MAX:
        raise InvalidArgument(f"{name}: must be at most {_INT32_MAX} bytes, not {len(value)}")


def require_version(name: str, value: object) -> None:
    """Refuse a version that is not a signed 32-bit number of at least -1 (any version)."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidArgumentType(f"{name}: must be an int, not {type(value).__name__}")
    if not -1 <= value <= _INT32_MAX:
        raise InvalidArgument(f"{name}: must be -1 (any) to {_INT32_MAX}, not {value}")


def require_int(name: str, value: object, *, least: int, most: int | None = None) -> None:
    """Refuse what is not a whole number between two others."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidArgumentType(f"{name}: must be an int, not {type(value).__name__}")
    if value < least or (most is not None and value > most):
        rule = f"at least {least}" if most is None else f"{least} to {most}"
        raise InvalidArgument(f"{name}: must be {rule}, not {value}")


def require_seconds(name: str, value: object, *, most: float) -> float:
    """Return a positive, finite number of seconds."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidArgumentType(
            f"{name}: must be a number of seconds, not {type(value).__name__}"
        )
    if not 0 < value <= most:  # false of nan too
        raise InvalidArgument(f"{name}: must be above 0 and at most {most:g} seconds, not {value}")
    return float(value)


def milliseconds(seconds: float) -> int:
    """Seconds as the wire counts them; never rounded down to 0."""
    return max(1, round(seconds * 1000))


MAX_SESSION_TIMEOUT: Final = _INT32_MAX / 1000
"""Seconds: the wire has a signed 32-bit number of milliseconds."""
