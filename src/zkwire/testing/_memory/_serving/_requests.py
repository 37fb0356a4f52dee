"""What a client's frames ask for.

Bodies come from the wire and are not trusted: whatever cannot be read raises `MalformedRecord`,
which the client sees as -5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from zkwire._errors import MarshallingError, ReconfigDisabled
from zkwire._jute import MalformedRecord, Record, records
from zkwire._types import CreateMode, OpCode
from zkwire.testing._memory._database import (
    CheckNode,
    CreateNode,
    DeleteNode,
    MultiWrite,
    Refused,
    SetNodeAcl,
    SetNodeData,
    Write,
)


class Request(NamedTuple):
    """A frame behind its header."""

    xid: int
    opcode: int
    data: bytes
    start: int
    """Where the body begins in ``data``."""

    @property
    def body(self) -> tuple[bytes, int, int]:
        """The arguments for a record's ``decode_from``."""
        return self.data, self.start, len(self.data)


Inside: TypeAlias = CreateNode | DeleteNode | SetNodeData | CheckNode
"""What a multi can hold."""

Decode: TypeAlias = Callable[[bytes, int, int], tuple[Write, int]]
DecodeInside: TypeAlias = Callable[[bytes, int, int], tuple[Inside, int]]

_HEADER_SIZE: Final = 8
_FLAGS: Final = frozenset(mode.flags for mode in CreateMode)


def request_of(frame: bytes) -> Request | None:
    """Take the header off a frame; None where there is not even that."""
    if len(frame) < _HEADER_SIZE:
        return None
    (xid, opcode), start = records.REQUEST_HEADER.decode_from(frame, 0, len(frame))
    return Request(xid, opcode, frame, start)


def write_of(request: Request) -> Write | None:
    """The write that a request asks for; its opcode must be one of `WRITES`.

    None where it cannot be read.  A multi that cannot is a write that is refused: it takes a
    zxid, since the servers number it before they look inside.
    """
    try:
        return WRITES[request.opcode](*request.body)[0]
    except MalformedRecord:
        return Refused(MarshallingError.code) if request.opcode == OpCode.MULTI else None


def reads_of(request: Request) -> list[tuple[int, str | None]] | None:
    """The opcodes and paths of a multiRead.  Its watch flags are read and thrown away.

    None for a list that can be read, and is one of writes.

    Raises:
        MalformedRecord: It cannot be read, or reads and writes are mixed in it.
    """
    data, position, end = request.body
    reads: list[tuple[int, str | None]] = []
    writes = False
    while True:
        (opcode, done, _), position = records.MULTI_HEADER.decode_from(data, position, end)
        if done:
            break
        if opcode in _READ_INSIDE:
            (path, _), position = _READ_INSIDE[opcode].decode_from(data, position, end)
            reads.append((opcode, path))
        elif opcode in _INSIDE:
            write, position = _INSIDE[opcode](data, position, end)
            if isinstance(write, CreateNode) and write.flags not in _FLAGS:
                reason = f"no node has the flags {write.flags}"
                raise MalformedRecord(reason, position)
            writes = True
        else:
            reason = f"opcode {opcode} inside a multiRead"
            raise MalformedRecord(reason, position)
    if reads and writes:
        reason = "reads and writes in one list"
        raise MalformedRecord(reason, position)
    return None if writes else reads


def _create(opcode: int) -> DecodeInside:
    def decode(data: bytes, start: int, end: int) -> tuple[Inside, int]:
        (path, content, acl, flags), position = records.CREATE_REQUEST.decode_from(data, start, end)
        return CreateNode(path, content, acl, flags, -1, opcode), position

    return decode


def _create_ttl(data: bytes, start: int, end: int) -> tuple[Inside, int]:
    values, position = records.CREATE_TTL_REQUEST.decode_from(data, start, end)
    path, content, acl, flags, ttl = values
    return CreateNode(path, content, acl, flags, ttl, OpCode.CREATE_TTL), position


def _delete(data: bytes, start: int, end: int) -> tuple[Inside, int]:
    (path, version), position = records.DELETE_REQUEST.decode_from(data, start, end)
    return DeleteNode(path, version), position


def _set_data(data: bytes, start: int, end: int) -> tuple[Inside, int]:
    (path, content, version), position = records.SET_DATA_REQUEST.decode_from(data, start, end)
    return SetNodeData(path, content, version), position


def _set_acl(data: bytes, start: int, end: int) -> tuple[Write, int]:
    (path, acl, version), position = records.SET_ACL_REQUEST.decode_from(data, start, end)
    return SetNodeAcl(path, acl, version), position


def _check(data: bytes, start: int, end: int) -> tuple[Inside, int]:
    (path, version), position = records.CHECK_VERSION_REQUEST.decode_from(data, start, end)
    return CheckNode(path, version), position


def _reconfig(data: bytes, start: int, end: int) -> tuple[Write, int]:
    _, position = records.RECONFIG_REQUEST.decode_from(data, start, end)
    return Refused(ReconfigDisabled.code), position


def _multi(data: bytes, start: int, end: int) -> tuple[Write, int]:
    position = start
    writes: list[Inside] = []
    while True:
        (opcode, done, _), position = records.MULTI_HEADER.decode_from(data, position, end)
        if done:
            return MultiWrite(tuple(writes)), position
        decode = _INSIDE.get(opcode)
        if decode is None:
            reason = f"opcode {opcode} inside a multi"
            raise MalformedRecord(reason, position)
        write, position = decode(data, position, end)
        writes.append(write)


_ALONE: Final[Mapping[int, DecodeInside]] = MappingProxyType(
    {
        OpCode.CREATE: _create(OpCode.CREATE),
        OpCode.CREATE2: _create(OpCode.CREATE2),
        OpCode.CREATE_CONTAINER: _create(OpCode.CREATE_CONTAINER),
        OpCode.CREATE_TTL: _create_ttl,
        OpCode.DELETE: _delete,
        OpCode.SET_DATA: _set_data,
    }
)
_INSIDE: Final[Mapping[int, DecodeInside]] = MappingProxyType({**_ALONE, OpCode.CHECK: _check})
_READ_INSIDE: Final[Mapping[int, Record[str | None, bool]]] = MappingProxyType(
    {OpCode.GET_DATA: records.GET_DATA_REQUEST, OpCode.GET_CHILDREN: records.GET_CHILDREN_REQUEST}
)
WRITES: Final[Mapping[int, Decode]] = MappingProxyType(
    {**_ALONE, OpCode.SET_ACL: _set_acl, OpCode.MULTI: _multi, OpCode.RECONFIG: _reconfig}
)
"""Requests that become a transaction, by opcode.  closeSession has no body and is not here."""
