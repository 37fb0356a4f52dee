"""The one way in which a check fails."""

from __future__ import annotations


class Mismatch(Exception):
    """A server did something else than was expected; the text says what came back."""


def require(condition: bool, came_back: str) -> None:
    """Fail the check, saying what came back.

    Raises:
        Mismatch: The condition does not hold.
    """
    if not condition:
        raise Mismatch(came_back)


def same(what: str, came_back: object, expected: object) -> None:
    """Fail the check where two values differ.

    Raises:
        Mismatch: They differ.
    """
    if came_back != expected:
        raise Mismatch(f"{what}: {came_back!r}, not {expected!r}")
