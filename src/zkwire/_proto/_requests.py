"""Requests by operation: arguments are checked before a byte is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from zkwire._arguments import (
    INT64_MAX,
    require_data,
    require_instance,
    require_int,
    require_version,
)
from zkwire._errors import InvalidArgument, InvalidArgumentType, ReplyError
from zkwire._models import Acl, Identity, Stat
from zkwire._paths import check_path
from zkwire._proto import _operations as operations
from zkwire._proto._creation import acl_entries, create_values
from zkwire._proto._multi import (
    ReadOp,
    ReadResult,
    WriteOp,
    WriteResult,
    decode_results,
    encode_reads,
    encode_writes,
)
from zkwire._proto._operations import BODY
from zkwire._proto._request import Request
from zkwire._types import CreateMode, SpecialXid, WatcherType, WatchKind, Zxid

CONFIG_NODE = "/zookeeper/config"
"""The one node that no root path or chroot moves."""


def create(
    path: str, data: bytes | None, mode: CreateMode, acl: Sequence[Acl], ttl: float | None
) -> Request[str]:
    """Make a node; the answer is its path, with the number that the server appended."""
    values = create_values(path, data, mode, acl, ttl)
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
    values = create_values(path, data, mode, acl, ttl)
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


def set_watches(relative_zxid: Zxid, paths: Mapping[WatchKind, list[str]]) -> Request[None]:
    """Set watches again after a reconnect, and hear of what the one-shot ones missed.

    Servers before 3.6 close the connection on setWatches2, so it goes out only
    where there is a watch that needs it.
    """
    lists = [paths.get(kind, []) for kind in WatchKind]
    needs_2 = any(lists[3:])
    return Request(
        operations.SET_WATCHES2 if needs_2 else operations.SET_WATCHES,
        None,
        (relative_zxid, *(lists if needs_2 else lists[:3])),
        special_xid=SpecialXid.SET_WATCHES,
    )


def ping() -> Request[None]:
    """Show that this client lives."""
    return Request(operations.PING, None, (), special_xid=SpecialXid.PING)


def close_session() -> Request[None]:
    """End the session, and remove its ephemeral nodes at once."""
    return Request(operations.CLOSE_SESSION, None, ())


def auth(scheme: str, credential: bytes) -> Request[None]:
    """Add an identity to the connection; a server that refuses it closes the connection."""
    require_instance("scheme", scheme, str)
    require_instance("credential", credential, bytes)
    values = (0, scheme, credential)
    return Request(operations.AUTH, None, values, special_xid=SpecialXid.AUTH)


def sasl(token: bytes) -> Request[bytes | None]:
    """One step of a SASL exchange; a null token in the first answer means: no SASL here."""
    return Request(operations.SASL, None, (token,))


def get_acl(path: str) -> Request[tuple[list[Acl], Stat]]:
    """Read who may do what."""
    check_path(path)
    return Request(operations.GET_ACL, path, (path,))


def set_acl(path: str, acl: Sequence[Acl], version: int) -> Request[Stat]:
    """Say who may do what; ``version`` is compared with the ACL's own version."""
    check_path(path)
    require_version("version", version)
    return Request(operations.SET_ACL, path, (path, acl_entries(acl), version))


def multi(ops: Sequence[WriteOp]) -> Request[list[WriteResult | ReplyError]]:
    """All of several writes, or none; failures are among the results, unraised."""
    body = encode_writes(ops)
    return Request(operations.MULTI, None, (body,), decode=_results_for(ops))


def multi_read(ops: Sequence[ReadOp]) -> Request[list[ReadResult | ReplyError]]:
    """Several reads in one request; failures are among the results, unraised."""
    body = encode_reads(ops)
    return Request(operations.MULTI_READ, None, (body,), decode=_results_for(ops))


def _results_for(ops: Sequence[WriteOp] | Sequence[ReadOp]) -> Callable[[bytes], list[Any]]:
    paths = [op.path for op in ops]

    def decode(frame: bytes) -> list[Any]:
        return decode_results(frame, BODY, paths)

    return decode


def get_ephemerals(prefix: str) -> Request[list[str]]:
    """List this session's ephemeral nodes; ``prefix`` is plain text, not a path."""
    require_instance("prefix", prefix, str)
    return Request(operations.GET_EPHEMERALS, prefix, (prefix,))


def get_all_children_number(path: str) -> Request[int]:
    """Count all nodes below a node."""
    check_path(path)
    return Request(operations.GET_ALL_CHILDREN_NUMBER, path, (path,))


def who_am_i() -> Request[list[Identity]]:
    """List the connection's identities."""
    return Request(operations.WHO_AM_I, None, ())


def add_watch(path: str, *, recursive: bool) -> Request[None]:
    """Set a watch that stays; the node need not be there."""
    check_path(path)
    kind = WatchKind.PERSISTENT_RECURSIVE if recursive else WatchKind.PERSISTENT
    return Request(operations.ADD_WATCH, path, (path, int(recursive)), watch=kind)


def check_watches(path: str, kind: WatcherType) -> Request[None]:
    """Ask whether this connection has such a watch; NoWatcher if not."""
    check_path(path)
    require_instance("kind", kind, WatcherType)
    return Request(operations.CHECK_WATCHES, path, (path, int(kind)))


def remove_watches(path: str, kind: WatcherType) -> Request[None]:
    """Remove this connection's watches of a kind; NoWatcher if there is none."""
    check_path(path)
    require_instance("kind", kind, WatcherType)
    return Request(operations.REMOVE_WATCHES, path, (path, int(kind)))


def reconfig(
    joining: Sequence[str] | None,
    leaving: Sequence[str] | None,
    new_members: Sequence[str] | None,
    from_config: int,
) -> Request[tuple[bytes | None, Stat]]:
    """Change the ensemble; the answer is the new configuration."""
    if new_members is not None and (joining is not None or leaving is not None):
        # Servers ignore the increments then, without a word.
        raise InvalidArgument("new_members: excludes joining and leaving")
    if joining is None and leaving is None and new_members is None:
        raise InvalidArgument("joining, leaving or new_members: one is needed")
    require_int("from_config", from_config, least=-1, most=INT64_MAX)
    values = (
        _joined("joining", joining),
        _joined("leaving", leaving),
        _joined("new_members", new_members),
        from_config,
    )
    return Request(operations.RECONFIG, CONFIG_NODE, values)


def _joined(name: str, parts: Sequence[str] | None) -> str | None:
    if parts is None:
        return None
    message = f"{name}: must be a sequence of str, not {type(parts).__name__}"
    if isinstance(parts, str):
        raise InvalidArgumentType(message)
    try:
        entries = list(parts)
    except TypeError as error:
        raise InvalidArgumentType(message) from error
    for index, entry in enumerate(entries):
        require_instance(f"{name}[{index}]", entry, str)
    return ",".join(entries)
