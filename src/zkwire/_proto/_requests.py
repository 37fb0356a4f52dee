"""Requests: an operation with its arguments, checked before a byte is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar, final

from zkwire._arguments import (
    MAX_TTL_MS,
    milliseconds,
    require_data,
    require_instance,
    require_seconds,
    require_version,
)
from zkwire._errors import InvalidArgument, InvalidArgumentType
from zkwire._models import OPEN_ACL_UNSAFE, Acl, Identity, Stat
from zkwire._paths import check_path, check_sequential_path
from zkwire._proto import _operations as operations
from zkwire._proto._operations import Operation
from zkwire._types import CreateMode, Perms, SpecialXid, WatchKind, Zxid

T_co = TypeVar("T_co", covariant=True)


@final
class Request(Generic[T_co]):
    """What to ask a server.  ``path`` is the server's path that an error will name."""

    __slots__ = ("operation", "path", "special_xid", "values", "watch")

    def __init__(
        self,
        operation: Operation[T_co],
        path: str | None,
        values: tuple[Any, ...],
        *,
        watch: WatchKind | None = None,
        special_xid: SpecialXid | None = None,
    ) -> None:
        self.operation = operation
        self.path = path
        self.values = values
        self.watch = watch
        self.special_xid = special_xid

    @property
    def is_read(self) -> bool:
        """Whether sending it twice does no harm."""
        return self.operation.is_read

    def __repr__(self) -> str:
        # Never the values: they hold data, and in later requests credentials.
        return f"<{self.operation.name} {self.path}>"


def _acl(acl: Sequence[Acl]) -> list[Acl]:
    """An ACL as the wire wants it; servers answer an empty one with InvalidAcl."""
    if acl is OPEN_ACL_UNSAFE:
        return _OPEN
    try:
        entries: list[object] = list(acl)
    except TypeError as error:
        message = f"acl: must be a sequence of Acl, not {type(acl).__name__}"
        raise InvalidArgumentType(message) from error
    if not entries:
        raise InvalidArgument("acl: must have at least one entry")
    for index, entry in enumerate(entries):
        match entry:
            case Acl(int(perms), Identity(str(), str())):
                if not 0 <= perms <= Perms.ALL:
                    raise InvalidArgument(f"acl[{index}].perms: must be 0 to 31, not {perms}")
            case _:
                raise InvalidArgumentType(
                    f"acl[{index}]: must be an Acl, not {type(entry).__name__}"
                )
    return list(acl)


_OPEN: Final = list(OPEN_ACL_UNSAFE)


def _create_values(
    path: str, data: bytes | None, mode: CreateMode, acl: Sequence[Acl], ttl: float | None
) -> tuple[Any, ...]:
    require_instance("mode", mode, CreateMode)
    (check_sequential_path if mode.is_sequential else check_path)(path)
    require_data("data", data)
    values = (path, data, _acl(acl), mode.flags)
    if mode.has_ttl:
        if ttl is None:
            raise InvalidArgument(f"ttl: {mode.name} needs one")
        seconds = require_seconds("ttl", ttl, most=MAX_TTL_MS / 1000)
        return (*values, milliseconds(seconds))
    if ttl is not None:
        raise InvalidArgument(f"ttl: {mode.name} has none")
    return values


def create(
    path: str, data: bytes | None, mode: CreateMode, acl: Sequence[Acl], ttl: float | None
) -> Request[str]:
    """Make a node; the answer is its path, with the number that the server appended."""
    values = _create_values(path, data, mode, acl, ttl)
    operation = operations.CREATE
    if mode is CreateMode.CONTAINER:
        operation = operations.CREATE_CONTAINER
    elif mode.has_ttl:
        operation = operations.CREATE_TTL
    return Request(operation, path, values)


def create2(
    path: str, data: bytes | None, mode: CreateMode, acl: Sequence[Acl], ttl: float | None
) -> Request[tuple[str, Stat]]:
    """Make a node; the answer has its Stat too."""
    values = _create_values(path, data, mode, acl, ttl)
    operation = operations.CREATE2
    if mode is CreateMode.CONTAINER:
        operation = operations.CREATE_CONTAINER2
    elif mode.has_ttl:
        operation = operations.CREATE_TTL2
    return Request(operation, path, values)


def delete(path: str, version: int) -> Request[None]:
    """Remove a node without children."""
    check_path(path)
    require_version("version", version)
    return Request(operations.DELETE, path, (path, version))


def exists(path: str, *, watch: bool = False) -> Request[Stat | None]:
    """Look whether a node is there; a watch is set either way."""
    check_path(path)
    kind = WatchKind.DATA if watch else None
    return Request(operations.EXISTS, path, (path, watch), watch=kind)


def get_data(path: str, *, watch: bool = False) -> Request[tuple[bytes | None, Stat]]:
    """Read a node."""
    check_path(path)
    kind = WatchKind.DATA if watch else None
    return Request(operations.GET_DATA, path, (path, watch), watch=kind)


def set_data(path: str, data: bytes | None, version: int) -> Request[Stat]:
    """Write a node."""
    check_path(path)
    require_data("data", data)
    require_version("version", version)
    return Request(operations.SET_DATA, path, (path, data, version))


def get_children(path: str, *, watch: bool = False) -> Request[list[str]]:
    """List a node's children, in no order."""
    check_path(path)
    kind = WatchKind.CHILD if watch else None
    return Request(operations.GET_CHILDREN, path, (path, watch), watch=kind)


def get_children2(path: str, *, watch: bool = False) -> Request[tuple[list[str], Stat]]:
    """List a node's children, with the node's Stat."""
    check_path(path)
    kind = WatchKind.CHILD if watch else None
    return Request(operations.GET_CHILDREN2, path, (path, watch), watch=kind)


def sync(path: str) -> Request[None]:
    """Have the server catch up with the leader before it answers anything later."""
    check_path(path)
    return Request(operations.SYNC, path, (path,))


def set_watches(
    relative_zxid: Zxid, data: list[str], exist: list[str], child: list[str]
) -> Request[None]:
    """Set one-shot watches again after a reconnect, and hear of what they missed."""
    return Request(
        operations.SET_WATCHES,
        None,
        (relative_zxid, data, exist, child),
        special_xid=SpecialXid.SET_WATCHES,
    )


def ping() -> Request[None]:
    """Show that this client lives."""
    return Request(operations.PING, None, (), special_xid=SpecialXid.PING)


def close_session() -> Request[None]:
    """End the session, and remove its ephemeral nodes at once."""
    return Request(operations.CLOSE_SESSION, None, ())
