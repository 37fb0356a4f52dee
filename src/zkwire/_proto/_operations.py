"""Each operation's wire form: opcode, request record, and how its reply is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from zkwire._jute import AnyRecord, MalformedRecord, records
from zkwire._models import Stat
from zkwire._types import OpCode

T_co = TypeVar("T_co", covariant=True)
V = TypeVar("V")

_BODY: Final = records.REPLY_HEADER.layout.size


class Operation(Generic[T_co]):
    """One kind of request, and what its reply means."""

    __slots__ = ("absence_is_an_answer", "decode", "encode_frame", "is_read", "name", "opcode")

    def __init__(
        self,
        opcode: OpCode,
        request: AnyRecord,
        decode: Callable[[bytes], T_co],
        *,
        is_read: bool = False,
        absence_is_an_answer: bool = False,
    ) -> None:
        self.name = opcode.name.lower()
        self.opcode = opcode
        self.encode_frame: Callable[..., bytes] = request.encoder_behind(
            records.REQUEST_PREFIX, length=..., type=int(opcode)
        )
        self.decode = decode
        self.is_read = is_read
        self.absence_is_an_answer = absence_is_an_answer

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _nothing(_frame: bytes) -> None:
    return None


def _required(value: V | None, what: str) -> V:
    if value is None:
        raise MalformedRecord(f"{what} is null", _BODY)
    return value


def _created(frame: bytes) -> str:
    (path,), _ = records.CREATE_RESPONSE.decode_from(frame, _BODY, len(frame))
    return _required(path, "CreateResponse.path")


def _created2(frame: bytes) -> tuple[str, Stat]:
    (path, stat), _ = records.CREATE2_RESPONSE.decode_from(frame, _BODY, len(frame))
    return _required(path, "Create2Response.path"), stat


def _created2_path(frame: bytes) -> str:
    return _created2(frame)[0]


def _stat_or_absent(frame: bytes) -> Stat | None:
    (stat,), _ = records.EXISTS_RESPONSE.decode_from(frame, _BODY, len(frame))
    # Java's client reads a czxid of -1 as "absent" too (ZooKeeper.java).
    return None if stat.czxid == -1 else stat


def _set_stat(frame: bytes) -> Stat:
    return records.SET_DATA_RESPONSE.decode_from(frame, _BODY, len(frame))[0][0]


def _data_and_stat(frame: bytes) -> tuple[bytes | None, Stat]:
    return records.GET_DATA_RESPONSE.decode_from(frame, _BODY, len(frame))[0]


def _children(frame: bytes) -> list[str]:
    (children,), _ = records.GET_CHILDREN_RESPONSE.decode_from(frame, _BODY, len(frame))
    return [] if children is None else children


def _children_and_stat(frame: bytes) -> tuple[list[str], Stat]:
    (children, stat), _ = records.GET_CHILDREN2_RESPONSE.decode_from(frame, _BODY, len(frame))
    return ([] if children is None else children), stat


CREATE: Final = Operation(OpCode.CREATE, records.CREATE_REQUEST, _created)
CREATE2: Final = Operation(OpCode.CREATE2, records.CREATE_REQUEST, _created2)
# Both have answered with a Create2Response since their first release.
CREATE_CONTAINER: Final = Operation(OpCode.CREATE_CONTAINER, records.CREATE_REQUEST, _created2_path)
CREATE_CONTAINER2: Final = Operation(OpCode.CREATE_CONTAINER, records.CREATE_REQUEST, _created2)
CREATE_TTL: Final = Operation(OpCode.CREATE_TTL, records.CREATE_TTL_REQUEST, _created2_path)
CREATE_TTL2: Final = Operation(OpCode.CREATE_TTL, records.CREATE_TTL_REQUEST, _created2)
DELETE: Final = Operation(OpCode.DELETE, records.DELETE_REQUEST, _nothing)
EXISTS: Final = Operation(
    OpCode.EXISTS,
    records.EXISTS_REQUEST,
    _stat_or_absent,
    is_read=True,
    absence_is_an_answer=True,
)
GET_DATA: Final = Operation(OpCode.GET_DATA, records.GET_DATA_REQUEST, _data_and_stat, is_read=True)
SET_DATA: Final = Operation(OpCode.SET_DATA, records.SET_DATA_REQUEST, _set_stat)
GET_CHILDREN: Final = Operation(
    OpCode.GET_CHILDREN, records.GET_CHILDREN_REQUEST, _children, is_read=True
)
GET_CHILDREN2: Final = Operation(
    OpCode.GET_CHILDREN2, records.GET_CHILDREN2_REQUEST, _children_and_stat, is_read=True
)
# Changes nothing, so it may be repeated; its reply's path is the request's own.
SYNC: Final = Operation(OpCode.SYNC, records.SYNC_REQUEST, _nothing, is_read=True)
PING: Final = Operation(OpCode.PING, records.EMPTY, _nothing)
SET_WATCHES: Final = Operation(OpCode.SET_WATCHES, records.SET_WATCHES, _nothing)
CLOSE_SESSION: Final = Operation(OpCode.CLOSE_SESSION, records.EMPTY, _nothing)
