"""How each operation's reply is read: header first, then what is of use to a caller."""

from __future__ import annotations

import pytest

from server_frames import STAT
from zkwire._jute import MalformedRecord, records
from zkwire._models import Acl, Identity
from zkwire._proto import _operations as operations
from zkwire._proto._operations import Operation
from zkwire._types import OpCode

HEADER = records.REPLY_HEADER.build(1, 1, 0)
STATS = records.EXISTS_RESPONSE.build(STAT)
ACL = b"\0\0\0\x01\0\0\0\x1f\0\0\0\x02ip\0\0\0\x03::1"
PATH = records.CREATE_RESPONSE.build("/a")
NULL = b"\xff\xff\xff\xff"
ALL = {name: op for name, op in vars(operations).items() if isinstance(op, Operation)}

READ = [
    (operations.CREATE, PATH, "/a"),
    (operations.CREATE2, PATH + STATS, ("/a", STAT)),
    (operations.CREATE_CONTAINER, PATH + STATS, "/a"),
    (operations.CREATE_CONTAINER2, PATH + STATS, ("/a", STAT)),
    (operations.CREATE_TTL, PATH + STATS, "/a"),
    (operations.CREATE_TTL2, PATH + STATS, ("/a", STAT)),
    (operations.DELETE, b"", None),
    (operations.EXISTS, STATS, STAT),
    (operations.EXISTS, records.EXISTS_RESPONSE.build(STAT._replace(czxid=-1)), None),
    (operations.GET_DATA, b"\0\0\0\x01x" + STATS, (b"x", STAT)),
    (operations.GET_DATA, b"\0\0\0\0" + STATS, (b"", STAT)),
    (operations.GET_DATA, NULL + STATS, (None, STAT)),
    (operations.SET_DATA, STATS, STAT),
    (operations.GET_CHILDREN, b"\0\0\0\x01\0\0\0\x01x", ["x"]),
    (operations.GET_CHILDREN, b"\0\0\0\0", []),
    (operations.GET_CHILDREN, NULL, []),
    (operations.GET_CHILDREN2, b"\0\0\0\x01\0\0\0\x01x" + STATS, (["x"], STAT)),
    (operations.GET_CHILDREN2, NULL + STATS, ([], STAT)),
    (operations.SYNC, PATH, None),
    (operations.SYNC, NULL, None),
    (operations.SET_WATCHES, b"", None),
    (operations.SET_WATCHES2, b"", None),
    (operations.CHECK_WATCHES, b"", None),
    (operations.REMOVE_WATCHES, b"", None),
    (operations.ADD_WATCH, b"\0\0\0\0", None),
    (operations.GET_ACL, ACL + STATS, ([Acl(31, Identity("ip", "::1"))], STAT)),
    (operations.GET_ACL, NULL + STATS, ([], STAT)),
    (operations.SET_ACL, STATS, STAT),
    (operations.RECONFIG, b"\0\0\0\x01x" + STATS, (b"x", STAT)),
    (operations.AUTH, b"", None),
    (operations.SASL, b"\0\0\0\x01x", b"x"),
    (operations.SASL, NULL, None),
    (operations.GET_EPHEMERALS, b"\0\0\0\x01\0\0\0\x02/x", ["/x"]),
    (operations.GET_EPHEMERALS, NULL, []),
    (operations.GET_ALL_CHILDREN_NUMBER, b"\0\0\0\x07", 7),
    (operations.WHO_AM_I, b"\0\0\0\x01\0\0\0\x02ip\0\0\0\x03::1", [Identity("ip", "::1")]),
    (operations.WHO_AM_I, NULL, []),
    (operations.PING, b"", None),
    (operations.CLOSE_SESSION, b"", None),
]


@pytest.mark.parametrize(("operation", "body", "value"), READ)
@pytest.mark.parametrize("later", [b"", b"fields of later servers"])
def test_a_reply_is_read(operation, body, value, later):
    assert operation.decode(HEADER + body + later) == value


@pytest.mark.parametrize(("operation", "body", "value"), [row for row in READ if row[1] and row[2]])
def test_a_reply_cut_short_is_malformed(operation, body, value):
    for cut in range(len(body)):
        with pytest.raises(MalformedRecord) as caught:
            operation.decode(HEADER + body[:cut])
        assert 16 <= caught.value.position <= 16 + cut


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (operations.CREATE, NULL),
        (operations.CREATE2, NULL + STATS),
        (operations.CREATE_CONTAINER, NULL + STATS),
        (operations.CREATE_TTL, NULL + STATS),
    ],
)
def test_a_created_path_cannot_be_null(operation, body):
    with pytest.raises(MalformedRecord, match=r"path is null \(at byte 16\)"):
        operation.decode(HEADER + body)


@pytest.mark.parametrize("operation", ALL.values(), ids=ALL.keys())
def test_every_operation_was_tried(operation):
    if operation in {operations.MULTI, operations.MULTI_READ}:
        return  # only the request knows how many results there are, and for which paths
    assert any(operation is tried for tried, *_ in READ), "add a row to READ"


@pytest.mark.parametrize("operation", ALL.values(), ids=ALL.keys())
def test_an_operation_is_one_of_a_clients_and_is_shown_by_its_name(operation):
    assert operation.opcode in OpCode
    assert operation.opcode not in {-10, 20}, "the servers' own"
    assert repr(operation) == f"<operation {operation.opcode.name.lower()}>"


def test_what_belongs_into_a_multi_cannot_be_sent_alone():
    """Alone, a check is never answered by older servers, and costs newer ones' connections."""
    assert OpCode.CHECK not in {operation.opcode for operation in ALL.values()}
    assert {operation.opcode for operation in ALL.values()} == set(OpCode) - {OpCode.CHECK}


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (operations.GET_CHILDREN, b"\0\0\0\x01" + NULL),
        (operations.GET_CHILDREN2, b"\0\0\0\x01" + NULL + STATS),
        (operations.GET_EPHEMERALS, b"\0\0\0\x01" + NULL),
    ],
)
def test_a_name_in_a_list_cannot_be_null(operation, body):
    with pytest.raises(MalformedRecord, match="null"):
        operation.decode(HEADER + body)
