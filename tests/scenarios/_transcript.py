"""What a scenario has seen, in words that do not depend on the server, the run or the clock."""

from __future__ import annotations

from collections.abc import Awaitable
from enum import Enum

import zkwire
from coordinator import Transition
from zkwire import Acl, Created, Identity, Stat, WatchEvent, WatchGap, ZkwireError


def plain(value: object, home: str) -> object:
    """A value without zxids, times, session ids and names of this run.

    Args:
        value: a result, an error, an event, a state, or a collection of such.
        home: the path of the scenario's own node, which becomes ``~``.
    """
    match value:
        case str():
            return value.replace(home, "~")
        case None | bool() | float() | bytes():
            return value
        case Enum():
            return value.name
        case int():
            return value
        case Stat():
            return {
                "versions": (value.version, value.cversion, value.aversion),
                "length": value.data_length,
                "children": value.num_children,
                "ephemeral": value.ephemeral_owner != 0,
                "changed": value.mzxid != value.czxid,
                "children changed": value.pzxid != value.czxid,
            }
        case WatchEvent():
            return (plain(value.type, home), plain(value.path, home))
        case WatchGap():
            return ("gap", value.reason)
        case Acl():
            return (int(value.perms), plain(value.identity, home))
        case Identity():
            return f"{value.scheme}:{value.id}"
        case Created():
            return ("created", plain(value.path, home), plain(value.stat, home))
        case Transition():
            return value.state.name
        case ZkwireError():
            return (type(value).__name__, value.outcome.value)
        case dict():
            return {plain(key, home): plain(each, home) for key, each in value.items()}
        case set() | frozenset():
            return sorted(plain(each, home) for each in value)  # type: ignore[type-var]
        case list() | tuple():
            return [plain(each, home) for each in value]
        case _:
            raise TypeError(f"a transcript has no place for {value!r}")


async def fate(operation: Awaitable[object]) -> object:
    """The result of an operation, or the error that it raises."""
    try:
        return await operation
    except ZkwireError as error:
        return error


async def error_of(operation: Awaitable[object]) -> ZkwireError:
    """The error that an operation raises, which it must."""
    result = await fate(operation)
    assert isinstance(result, ZkwireError), result
    return result


async def refusal(operation: Awaitable[object], expected: type[zkwire.ReplyError]) -> ZkwireError:
    """The error by which the server refuses an operation: of exactly this class."""
    error = await error_of(operation)
    assert type(error) is expected, repr(error)
    assert error.outcome is zkwire.Outcome.REFUSED, error.outcome
    return error
