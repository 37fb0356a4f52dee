"""How a write is refused, and the checks that need no tree."""

from __future__ import annotations

from zkwire import (
    ANY_VERSION,
    BadArguments,
    BadVersion,
    InvalidArgument,
    MarshallingError,
    ReplyError,
    check_path,
)


class Refusal(Exception):
    """A write is refused; ``whole`` takes the multi that it is in along."""

    def __init__(self, error: type[ReplyError], *, whole: bool = False) -> None:
        super().__init__(error.__name__)
        self.err = error.code
        self.whole = whole


def parent_path(path: str | None) -> str:
    """Everything before the last slash, where there is one."""
    if path is None:
        # A real server runs into a null pointer there, and gives up on all of the request.
        raise Refusal(MarshallingError, whole=True)
    above, slash, _ = path.rpartition("/")
    if not slash or "\0" in path:
        raise Refusal(BadArguments)
    return above


def valid_path(path: str | None) -> str:
    """A path that a node may have."""
    try:
        return check_path(path or "")
    except InvalidArgument:
        raise Refusal(BadArguments) from None


def next_version(current: int, expected: int) -> int:
    """The version after a write that expects one."""
    if expected not in {ANY_VERSION, current}:
        raise Refusal(BadVersion)
    return following(current)


def following(number: int) -> int:
    """The next number, of 32 bits with a sign as in Java."""
    return -(2**31) if number == 2**31 - 1 else number + 1
