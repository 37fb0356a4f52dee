"""Each operation's wire form: opcode, request record, and how its reply is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from zkwire._jute import AnyRecord, MalformedRecord, records
from zkwire._models import Acl, Identity, Stat
from zkwire._types import OpCode

T_co = TypeVar("T_co", covariant=True)
V = TypeVar("V")

BODY: Final = records.REPLY_HEADER.layout.size
"""Where a reply's body begins."""


class Operation(Generic[T_co]):
    """One kind of request, and what its reply means."""

    __slots__ = ("absence_is_an_answer", "decode", "encode_frame", "is_read", "name", "opcode")

    def __init__(
        self,
        opcode: OpCode,
        request: AnyRecord | None,
        decode: Callable[[bytes], T_co],
        *,
        is_read: bool = False,
        absence_is_an_answer: bool = False,
    ) -> None:
        self.name = opcode.name.lower()
        self.opcode = opcode
        self.encode_frame: Callable[..., bytes] = (
            _list_frame(opcode)
            if request is None
            else request.encoder_behind(records.REQUEST_PREFIX, length=..., type=int(opcode))
        )
        self.decode = decode
        self.is_read = is_read
        self.absence_is_an_answer = absence_is_an_answer

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _list_frame(opcode: OpCode) -> Callable[[int, bytes], bytes]:
    """The encoder of a multi, whose body is a list that is encoded already."""
    header = records.REQUEST_HEADER.layout.size

    def encode(xid: int, body: bytes) -> bytes:
        return records.REQUEST_PREFIX.encode(header + len(body), xid, int(opcode)) + body

    return encode


def _nothing(_frame: bytes) -> None:
    return None


def _required(value: V | None, what: str) -> V:
    if value is None:
        raise MalformedRecord(f"{what} is null", BODY)
    return value


def _created(frame: bytes) -> str:
    (path,), _ = records.CREATE_RESPONSE.decode_from(frame, BODY, len(frame))
    return _required(path, "CreateResponse.path")


def _created2(frame: bytes) -> tuple[str, Stat]:
    (path, stat), _ = records.CREATE2_RESPONSE.decode_from(frame, BODY, len(frame))
    return _required(path, "Create2Response.path"), stat


def _created2_path(frame: bytes) -> str:
    return _created2(frame)[0]


def _stat_or_absent(frame: bytes) -> Stat | None:
    (stat,), _ = records.EXISTS_RESPONSE.decode_from(frame, BODY, len(frame))
    # Java's client reads a czxid of -1 as "absent" too (ZooKeeper.java).
    return None if stat.czxid == -1 else stat


def _set_stat(frame: bytes) -> Stat:
    return records.SET_DATA_RESPONSE.decode_from(frame, BODY, len(frame))[0][0]


def _data_and_stat(frame: bytes) -> tuple[bytes | None, Stat]:
    return records.GET_DATA_RESPONSE.decode_from(frame, BODY, len(frame))[0]


def _texts(values: list[str] | None, what: str) -> list[str]:
    """A vector of text: null is empty, and none of its elements is null."""
    found: Sequence[str | None] = values or ()
    if None in found:
        raise MalformedRecord(f"{what} has a null element", BODY)
    return [] if values is None else values


def _children(frame: bytes) -> list[str]:
    (children,), _ = records.GET_CHILDREN_RESPONSE.decode_from(frame, BODY, len(frame))
    return _texts(children, "GetChildrenResponse.children")


def _children_and_stat(frame: bytes) -> tuple[list[str], Stat]:
    (children, stat), _ = records.GET_CHILDREN2_RESPONSE.decode_from(frame, BODY, len(frame))
    return _texts(children, "GetChildren2Response.children"), stat


def _acl_and_stat(frame: bytes) -> tuple[list[Acl], Stat]:
    (acl, stat), _ = records.GET_ACL_RESPONSE.decode_from(frame, BODY, len(frame))
    return ([] if acl is None else acl), stat


def _acl_stat(frame: bytes) -> Stat:
    return records.SET_ACL_RESPONSE.decode_from(frame, BODY, len(frame))[0][0]


def _ephemerals(frame: bytes) -> list[str]:
    (paths,), _ = records.GET_EPHEMERALS_RESPONSE.decode_from(frame, BODY, len(frame))
    return _texts(paths, "GetEphemeralsResponse.ephemerals")


def _number(frame: bytes) -> int:
    return records.GET_ALL_CHILDREN_NUMBER_RESPONSE.decode_from(frame, BODY, len(frame))[0][0]


def _identities(frame: bytes) -> list[Identity]:
    (identities,), _ = records.WHO_AM_I_RESPONSE.decode_from(frame, BODY, len(frame))
    return [] if identities is None else identities


def _token(frame: bytes) -> bytes | None:
    return records.SET_SASL_RESPONSE.decode_from(frame, BODY, len(frame))[0][0]


def _list_of_its_own(frame: bytes) -> list[Any]:
    raise TypeError("a multi's request reads its own results")


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
SET_WATCHES2: Final = Operation(OpCode.SET_WATCHES2, records.SET_WATCHES2, _nothing)
GET_ACL: Final = Operation(OpCode.GET_ACL, records.GET_ACL_REQUEST, _acl_and_stat, is_read=True)
SET_ACL: Final = Operation(OpCode.SET_ACL, records.SET_ACL_REQUEST, _acl_stat)
MULTI: Final[Operation[list[Any]]] = Operation(OpCode.MULTI, None, _list_of_its_own)
MULTI_READ: Final[Operation[list[Any]]] = Operation(
    OpCode.MULTI_READ, None, _list_of_its_own, is_read=True
)
# The answer is a GetDataResponse: the new configuration.
RECONFIG: Final = Operation(OpCode.RECONFIG, records.RECONFIG_REQUEST, _data_and_stat)
CHECK_WATCHES: Final = Operation(
    OpCode.CHECK_WATCHES, records.CHECK_WATCHES_REQUEST, _nothing, is_read=True
)
REMOVE_WATCHES: Final = Operation(OpCode.REMOVE_WATCHES, records.REMOVE_WATCHES_REQUEST, _nothing)
ADD_WATCH: Final = Operation(OpCode.ADD_WATCH, records.ADD_WATCH_REQUEST, _nothing, is_read=True)
AUTH: Final = Operation(OpCode.AUTH, records.AUTH_PACKET, _nothing)
SASL: Final = Operation(OpCode.SASL, records.GET_SASL_REQUEST, _token)
GET_EPHEMERALS: Final = Operation(
    OpCode.GET_EPHEMERALS, records.GET_EPHEMERALS_REQUEST, _ephemerals, is_read=True
)
GET_ALL_CHILDREN_NUMBER: Final = Operation(
    OpCode.GET_ALL_CHILDREN_NUMBER,
    records.GET_ALL_CHILDREN_NUMBER_REQUEST,
    _number,
    is_read=True,
)
WHO_AM_I: Final = Operation(OpCode.WHO_AM_I, records.EMPTY, _identities, is_read=True)
