"""Several operations in one request: what goes in, and what comes back.

Facts of the wire that the code keeps:

* A list ends where ``done`` says so.  The type -1 marks an error entry too.
* A result is read by the type that the *reply* gives it: containers and TTL nodes
  come back as create2, and create2 comes back as create from servers before
  3.7.2, 3.8.2 and 3.9.0 (ZOOKEEPER-4026).
* A multi that failed comes with ``err`` 0 in its header.  Its entries are then 0
  for what was rolled back, the real code for what failed, -2 for the rest.
* multiRead throws the request's watch flag away: it never sets a watch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, Self, TypeAlias

from zkwire._arguments import require_data, require_instance, require_version
from zkwire._errors import (
    InvalidArgumentType,
    ReplyError,
    RolledBack,
    RuntimeInconsistency,
    reply_error,
)
from zkwire._jute import AnyRecord, MalformedRecord, records
from zkwire._models import OPEN_ACL_UNSAFE, Acl, Stat
from zkwire._paths import check_path
from zkwire._proto._creation import create_values
from zkwire._types import ANY_VERSION, CreateMode, OpCode


@dataclass(frozen=True, slots=True)
class _OnPath:
    path: str

    def at(self, path: str) -> Self:
        """The same on another path."""
        return replace(self, path=path)


@dataclass(frozen=True, slots=True)
class Create(_OnPath):
    """Make a node; the result is a ``Created``.  See ``Operations.create``.

    ``with_stat`` asks for its Stat too, as ``create2`` does.  Containers and nodes with
    a TTL always come with it.
    """

    data: bytes | None = field(default=b"", repr=False)
    mode: CreateMode = CreateMode.PERSISTENT
    acl: Sequence[Acl] = OPEN_ACL_UNSAFE
    ttl: float | None = None
    with_stat: bool = True


@dataclass(frozen=True, slots=True)
class Delete(_OnPath):
    """Remove a node; the result is None."""

    version: int = ANY_VERSION


@dataclass(frozen=True, slots=True)
class SetData(_OnPath):
    """Write a node; the result is its new Stat."""

    data: bytes | None = field(repr=False)
    version: int = ANY_VERSION


@dataclass(frozen=True, slots=True)
class Check(_OnPath):
    """Fail the whole multi unless the node is there with this version; the result is None."""

    version: int = ANY_VERSION


@dataclass(frozen=True, slots=True)
class GetData(_OnPath):
    """Read a node; the result is its data and its Stat."""


@dataclass(frozen=True, slots=True)
class GetChildren(_OnPath):
    """List a node's children; the result is their names."""


class Created(NamedTuple):
    """What a create made.  ``stat`` is None where the server does not tell (see above)."""

    path: str
    stat: Stat | None


WriteOp: TypeAlias = Create | Delete | SetData | Check
ReadOp: TypeAlias = GetData | GetChildren
WriteResult: TypeAlias = Created | Stat | None
ReadResult: TypeAlias = tuple[bytes | None, Stat] | list[str]

# --- encoding -------------------------------------------------------------------------------


def _entry(opcode: OpCode, record: AnyRecord) -> Callable[..., bytes]:
    return record.encoder_behind(records.MULTI_HEADER, type=int(opcode), done=False, err=-1)


_create: Final = _entry(OpCode.CREATE, records.CREATE_REQUEST)
# Servers have parsed it in a multi since it exists, whatever they answer with.
_create2: Final = _entry(OpCode.CREATE2, records.CREATE_REQUEST)
_create_container: Final = _entry(OpCode.CREATE_CONTAINER, records.CREATE_REQUEST)
_create_ttl: Final = _entry(OpCode.CREATE_TTL, records.CREATE_TTL_REQUEST)
_delete: Final = _entry(OpCode.DELETE, records.DELETE_REQUEST)
_set_data: Final = _entry(OpCode.SET_DATA, records.SET_DATA_REQUEST)
_check: Final = _entry(OpCode.CHECK, records.CHECK_VERSION_REQUEST)
_get_data: Final = _entry(OpCode.GET_DATA, records.GET_DATA_REQUEST)
_get_children: Final = _entry(OpCode.GET_CHILDREN, records.GET_CHILDREN_REQUEST)
_END: Final = records.MULTI_HEADER.encode(-1, True, -1)  # a field of the wire


def encode_writes(ops: Iterable[WriteOp]) -> bytes:
    """The body of a multi; raises ``InvalidArgument`` and ``InvalidArgumentType``."""
    return b"".join([*(_encode_write(index, op) for index, op in enumerate(ops)), _END])


def encode_reads(ops: Iterable[ReadOp]) -> bytes:
    """The body of a multiRead; raises ``InvalidArgument`` and ``InvalidArgumentType``."""
    return b"".join([*(_encode_read(index, op) for index, op in enumerate(ops)), _END])


def _encode_write(index: int, op: object) -> bytes:
    match op:
        case Create(path, data, mode, acl, ttl, with_stat):
            values = create_values(path, data, mode, acl, ttl)
            require_instance("with_stat", with_stat, bool)
            if mode is CreateMode.CONTAINER:
                return _create_container(*values)
            if mode.has_ttl:
                return _create_ttl(*values)
            return (_create2 if with_stat else _create)(*values)
        case Delete(path, version):
            require_version("version", version)
            return _delete(check_path(path), version)
        case SetData(path, data, version):
            require_data("data", data)
            require_version("version", version)
            return _set_data(check_path(path), data, version)
        case Check(path, version):
            require_version("version", version)
            return _check(check_path(path), version)
        case _:
            raise _not_an_operation(index, op, "Create, Delete, SetData or Check")


def _encode_read(index: int, op: object) -> bytes:
    match op:
        case GetData(path):
            return _get_data(check_path(path), False)  # the watch flag
        case GetChildren(path):
            return _get_children(check_path(path), False)  # likewise
        case _:
            raise _not_an_operation(index, op, "GetData or GetChildren")


def _not_an_operation(index: int, op: object, wanted: str) -> InvalidArgumentType:
    return InvalidArgumentType(f"ops[{index}]: must be a {wanted}, not {type(op).__name__}")


# --- decoding -------------------------------------------------------------------------------


def _created(path: str | None, stat: Stat | None = None) -> Created:
    if path is None:
        raise MalformedRecord("a created path is null", 0)
    return Created(path, stat)


def _nothing() -> None:
    return None


def _stat(stat: Stat) -> Stat:
    return stat


def _data_and_stat(data: bytes | None, stat: Stat) -> tuple[bytes | None, Stat]:
    return data, stat


def _children(children: list[str] | None) -> list[str]:
    found: Sequence[str | None] = children or ()
    if None in found:
        raise MalformedRecord("a child's name is null", 0)
    return [] if children is None else children


# By the type in the reply: the record, and what its fields make.
_RESULTS: Final[dict[int, tuple[AnyRecord, Callable[..., Any]]]] = {
    OpCode.CREATE: (records.CREATE_RESPONSE, _created),
    OpCode.CREATE2: (records.CREATE2_RESPONSE, _created),
    OpCode.DELETE: (records.EMPTY, _nothing),
    OpCode.SET_DATA: (records.SET_DATA_RESPONSE, _stat),
    OpCode.CHECK: (records.EMPTY, _nothing),
    OpCode.GET_DATA: (records.GET_DATA_RESPONSE, _data_and_stat),
    OpCode.GET_CHILDREN: (records.GET_CHILDREN_RESPONSE, _children),
}
_ERROR: Final = -1


def decode_results(frame: bytes, start: int, paths: Sequence[str]) -> list[Any]:
    """The entries of a reply: values, and an unraised ``ReplyError`` for each error entry.

    Args:
        frame: the reply.
        start: where its list begins.
        paths: those of the request's operations, for the errors to name.

    Raises:
        MalformedRecord: the list is not one, or not as long as the request's.
    """
    results: list[Any] = []
    pos, end = start, len(frame)
    while True:
        entry = pos
        (kind, done, _), pos = records.MULTI_HEADER.decode_from(frame, pos, end)
        if done:
            break
        if len(results) == len(paths):
            # Not at the end of the list: its 13 bytes of an error entry become 400 of memory.
            raise MalformedRecord(
                f"at least {len(paths) + 1} results for a multi of {len(paths)} operations", entry
            )
        path = paths[len(results)]
        if kind == _ERROR:
            (code,), pos = records.ERROR_RESPONSE.decode_from(frame, pos, end)
            results.append(reply_error(code, path))
            continue
        if kind not in _RESULTS:
            raise MalformedRecord(f"a multi's result has type {kind}", entry)
        record, make = _RESULTS[kind]
        values, pos = record.decode_from(frame, pos, end)
        results.append(make(*values))
    if len(results) != len(paths):
        raise MalformedRecord(
            f"{len(results)} results for a multi of {len(paths)} operations", start
        )
    return results


def _reason_rank(error: ReplyError) -> int:
    """How little an error entry says about why the multi failed."""
    match error:
        case RolledBack():
            return 2
        case RuntimeInconsistency():
            return 1
        case _:
            return 0


def failure_of(results: Sequence[object]) -> ReplyError | None:
    """The error that a multi failed with, if it did; it names the operation.

    The others were rolled back (code 0) or not tried (code -2), unless the server
    gives no better reason than that: any error entry is a failure.
    """
    errors = [(i, e) for i, e in enumerate(results) if isinstance(e, ReplyError)]
    if not errors:
        return None
    index, error = min(errors, key=lambda entry: (_reason_rank(entry[1]), entry[0]))
    error.index = index
    error.results = tuple(results)
    return error
