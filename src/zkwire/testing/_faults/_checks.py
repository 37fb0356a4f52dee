"""Checks of what a test passes in, made before anything changes."""

from __future__ import annotations

import math
from typing import Final, Literal, TypeAlias, get_args

from zkwire.testing._launcher._words import split_address

Direction: TypeAlias = Literal["upstream", "downstream", "both"]
"""``"upstream"`` is towards the server, ``"downstream"`` towards the client."""

BOTH_WAYS: Final = ("upstream", "downstream")


def directions(value: object, *, one: bool = False) -> tuple[str, ...]:
    """Return the directions that an argument names."""
    if not isinstance(value, str):
        raise TypeError(f"direction: must be a str, not {type(value).__name__}")
    allowed = BOTH_WAYS if one else get_args(Direction)
    if value not in allowed:
        raise ValueError(f"direction: must be one of {', '.join(allowed)}, not {value!r}")
    return BOTH_WAYS if value == "both" else (value,)


def number(name: str, value: object, *, above: float | None = None, unit: str = "seconds") -> float:
    """Return a finite number that is not negative, or is above another."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name}: must be a number of {unit}, not {type(value).__name__}")
    if not math.isfinite(value):
        raise ValueError(f"{name}: must be a finite number of {unit}, not {value}")
    if above is not None and value <= above:
        raise ValueError(f"{name}: must be above {above:g} {unit}, not {value}")
    if value < 0:
        raise ValueError(f"{name}: must be at least 0 {unit}, not {value}")
    return float(value)


def whole(name: str, value: object, *, least: int = 0, most: int | None = None) -> int:
    """Return a whole number between two others."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name}: must be an int, not {type(value).__name__}")
    if value < least or (most is not None and value > most):
        rule = f"at least {least}" if most is None else f"{least} to {most}"
        raise ValueError(f"{name}: must be {rule}, not {value}")
    return value


def address(value: object) -> tuple[str, int]:
    """Take ``host:port`` apart; an IPv6 address comes in brackets."""
    if not isinstance(value, str):
        raise TypeError(f"server: must be a 'host:port' str, not {type(value).__name__}")
    try:
        host, port = split_address(value)
    except ValueError:
        host, port = "", 0
    if not host:  # nor within brackets
        raise ValueError(f"server: must be 'host:port' with a port of 1 to 65535, not {value!r}")
    return host, port
