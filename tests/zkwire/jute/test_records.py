"""The declarations against ZooKeeper's schema, their own type arguments, and known bytes."""

from __future__ import annotations

import inspect
import typing
from types import ModuleType
from typing import Any

import pytest

from record_values import RECORDS
from zkwire._jute import Record, records
from zkwire._jute._primitives import Bool, Buffer, Int, Long, UString, vector
from zkwire._jute._shape import Fields, Fixed, Many, Node, Sized
from zkwire._models import Acl, Identity, Stat

# ZooKeeper's zookeeper.jute, the client's part of it, with the records that carry it about.
SCHEMA = """
Id                          ustring ustring
ACL                         int Id
Stat                        long long long long int int int long int int long
ClientInfo                  ustring ustring
RequestHeader               int int
ReplyHeader                 int long int
MultiHeader                 int boolean int
ConnectRequest              int long int long buffer boolean
ConnectResponse             int int long buffer
ConnectResponseReadOnly     boolean
CreateRequest               ustring buffer vector<ACL> int
CreateTTLRequest            ustring buffer vector<ACL> int long
DeleteRequest               ustring int
ExistsRequest               ustring boolean
GetDataRequest              ustring boolean
SetDataRequest              ustring buffer int
GetACLRequest               ustring
SetACLRequest               ustring vector<ACL> int
GetChildrenRequest          ustring boolean
SyncRequest                 ustring
GetChildren2Request         ustring boolean
CheckVersionRequest         ustring int
ReconfigRequest             ustring ustring ustring long
CheckWatchesRequest         ustring int
RemoveWatchesRequest        ustring int
AuthPacket                  int ustring buffer
SetWatches                  long vector<ustring> vector<ustring> vector<ustring>
GetSASLRequest              buffer
GetEphemeralsRequest        ustring
GetAllChildrenNumberRequest ustring
SetWatches2                 long vector<ustring> vector<ustring> vector<ustring> vector<ustring> \
                            vector<ustring>
AddWatchRequest             ustring int
CreateResponse              ustring
Create2Response             ustring Stat
ExistsResponse              Stat
SetDataResponse             Stat
SetACLResponse              Stat
GetDataResponse             buffer Stat
GetACLResponse              vector<ACL> Stat
GetChildrenResponse         vector<ustring>
GetChildren2Response        vector<ustring> Stat
SyncResponse                ustring
GetEphemeralsResponse       vector<ustring>
GetAllChildrenNumberResponse int
WhoAmIResponse              vector<ClientInfo>
ErrorResponse               int
SetSASLResponse             buffer
WatcherEvent                int int ustring
FrameLength                 int
RequestPrefix               int int int
Empty
"""
TYPES_BY_RECORD = {
    name: tuple(types)
    for name, *types in (line.split() for line in SCHEMA.replace("\\\n", " ").strip().splitlines())
}


def jute_types(fields: Fields) -> tuple[str, ...]:
    """A shape, in the schema's words."""
    return tuple(_jute_type(node) for _, node in fields.fields)


def _jute_type(node: Node) -> str:
    match node:
        case Fixed(fmt):
            return {"l": "int", "q": "long", "?": "boolean"}[fmt]
        case Sized(is_text):
            return "ustring" if is_text else "buffer"
        case Many(element):
            return f"vector<{_jute_type(element)}>"
        case _:
            return _SAME[jute_types(node)]


def _as_declared(schema_type: str) -> str:
    """Id and ClientInfo have the same two strings: a shape cannot tell them apart."""
    return schema_type.replace("ClientInfo", "Id")


_SAME = {types: name for name, types in reversed(TYPES_BY_RECORD.items())}  # the first of each


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())
def test_fields_are_those_of_the_schema_in_its_order(record):
    assert record.name in TYPES_BY_RECORD, "add its line to SCHEMA, from zookeeper.jute"
    expected = tuple(map(_as_declared, TYPES_BY_RECORD[record.name]))
    assert jute_types(record.shape) == expected


def test_a_field_out_of_order_is_seen():
    swapped = Record("DeleteRequest", "version" / Int, "path" / UString)
    assert jute_types(swapped.shape) != TYPES_BY_RECORD["DeleteRequest"]


def test_no_record_is_declared_twice():
    names = [record.name for record in RECORDS.values()]
    assert len(names) == len(set(names))


# --- type arguments ---------------------------------------------------------------------------


def python_type(node: Node) -> Any:
    """What a value of this node is to a caller."""
    match node:
        case Fixed(fmt):
            return bool if fmt == "?" else int
        case Sized(is_text):
            return (str if is_text else bytes) | None
        case Many(element):
            # The nulls that a vector's elements could be are not in its type.
            inner = python_type(element)
            return list[_without_null(inner)] | None
        case _:
            return node.model


def _without_null(of: Any) -> Any:
    left = [member for member in typing.get_args(of) if member is not type(None)]
    return left[0] if left else of


def annotation_faults(module: Any) -> list[str]:
    """Where a ``Record[...]`` annotation says other than the declaration beside it."""
    faults = []
    hints = inspect.get_annotations(module, eval_str=True)
    for name, record in vars(module).items():
        if not isinstance(record, Record):
            continue
        if name not in hints:
            faults.append(f"{name}: has no annotation")
            continue
        (annotated,) = typing.get_args(hints[name])  # within Final[...]
        said = typing.get_args(annotated)
        made = tuple(python_type(node) for _, node in record.shape.fields)
        if typing.get_origin(annotated) is not Record or said != made:
            faults.append(f"{name}: annotated {said}, declared {made}")
    return faults


def test_type_arguments_agree_with_the_declarations():
    assert annotation_faults(records) == []


@pytest.mark.parametrize(
    "annotation",
    [
        "Final[Record[str | None, int]]",
        "Final[Record[int, str | None]]",
        "Final[Record[str | None, bool, int]]",
        "Final[Record[str, bool]]",
        None,
    ],
)
def test_a_wrong_type_argument_is_seen(annotation):
    planted = ModuleType("planted")
    planted.Final, planted.Record = typing.Final, Record
    planted.EXISTS_REQUEST = records.EXISTS_REQUEST
    planted.__annotations__ = {} if annotation is None else {"EXISTS_REQUEST": annotation}
    assert [fault.partition(":")[0] for fault in annotation_faults(planted)] == ["EXISTS_REQUEST"]


@pytest.mark.parametrize(
    ("declared", "cls"), [(records.STAT, Stat), (records.ACL, Acl), (records.ID, Identity)]
)
def test_nested_models_have_the_declared_fields(declared, cls):
    fields = Record(cls.__name__, "it" / declared).shape.fields[0][1].fields
    assert tuple(name for name, _ in fields) == cls._fields
    hints = typing.get_type_hints(cls)
    for name, node in fields:
        said = getattr(hints[name], "__supertype__", hints[name])
        assert said == _without_null(python_type(node)), name


# --- known bytes ------------------------------------------------------------------------------

ZEROS = Stat(*(0,) * 11)
STAT_OFFSETS = {
    "czxid": (0, 8),
    "mzxid": (8, 8),
    "ctime": (16, 8),
    "mtime": (24, 8),
    "version": (32, 4),
    "cversion": (36, 4),
    "aversion": (40, 4),
    "ephemeral_owner": (44, 8),
    "data_length": (52, 4),
    "num_children": (56, 4),
    "pzxid": (60, 8),
}


@pytest.mark.parametrize(("field", "place"), STAT_OFFSETS.items())
def test_stat_is_68_bytes_with_each_field_in_its_place(field, place):
    offset, size = place
    pattern = bytes(range(0x81, 0x81 + size))
    expected = bytes(offset) + pattern + bytes(68 - offset - size)
    stat = ZEROS._replace(**{field: int.from_bytes(pattern, "big", signed=True)})
    assert records.EXISTS_RESPONSE.encode(stat) == expected
    assert records.EXISTS_RESPONSE.decode_from(expected, 0, 68) == ((stat,), 68)


KNOWN = [
    (records.FRAME_LENGTH, (0x01020304,), "01020304"),
    (records.REQUEST_HEADER, (1, -11), "00000001 fffffff5"),
    (records.REPLY_HEADER, (-2, 0x1122334455667788, -101), "fffffffe 1122334455667788 ffffff9b"),
    (records.REQUEST_PREFIX, (8, -2, 11), "00000008 fffffffe 0000000b"),
    (records.EMPTY, (), ""),
    (
        records.CONNECT_REQUEST,
        (0, 5, 10000, -1, bytes(range(16)), True),
        "00000000 0000000000000005 00002710 ffffffffffffffff "
        "00000010 000102030405060708090a0b0c0d0e0f 01",
    ),
    (
        records.CONNECT_RESPONSE,
        (0, 4000, 0x0100000D6AA50610, bytes(16)),
        "00000000 00000fa0 0100000d6aa50610 00000010" + "00" * 16,
    ),
    (records.CONNECT_RESPONSE_READ_ONLY, (False,), "00"),
    (
        records.SET_WATCHES,
        (0x0102, ["/a", "/b"], [], ["/c"]),
        "0000000000000102 00000002 00000002 2f61 00000002 2f62 00000000 00000001 00000002 2f63",
    ),
    (records.GET_DATA_REQUEST, ("/é", True), "00000003 2fc3a9 01"),
    (records.SET_DATA_REQUEST, ("/a", None, -1), "00000002 2f61 ffffffff ffffffff"),
    (records.SET_DATA_REQUEST, ("/a", b"", 3), "00000002 2f61 00000000 00000003"),
    (
        records.CREATE_REQUEST,
        ("/a", b"xyz", [Acl(31, Identity("world", "anyone"))], 3),
        "00000002 2f61 00000003 78797a 00000001 0000001f "
        "00000005 776f726c64 00000006 616e796f6e65 00000003",
    ),
    (
        records.CREATE_TTL_REQUEST,
        ("/a", None, None, 5, 60000),
        "00000002 2f61 ffffffff ffffffff 00000005 000000000000ea60",
    ),
    (records.DELETE_REQUEST, ("/a", 7), "00000002 2f61 00000007"),
    (records.GET_CHILDREN_REQUEST, ("/a", False), "00000002 2f61 00"),
    (records.GET_CHILDREN2_REQUEST, ("/a", True), "00000002 2f61 01"),
    (records.SYNC_REQUEST, ("/a",), "00000002 2f61"),
    (records.EXISTS_REQUEST, (None, False), "ffffffff 00"),
    (records.SYNC_RESPONSE, ("",), "00000000"),
    (records.SET_DATA_RESPONSE, (ZEROS,), "00" * 68),
    (records.WATCHER_EVENT, (3, 3, "/v"), "00000003 00000003 00000002 2f76"),
    (records.CREATE_RESPONSE, ("/v",), "00000002 2f76"),
    (records.CREATE2_RESPONSE, ("/v", ZEROS), "00000002 2f76" + "00" * 68),
    (records.EXISTS_RESPONSE, (ZEROS,), "00" * 68),
    (records.GET_DATA_RESPONSE, (None, ZEROS), "ffffffff" + "00" * 68),
    (records.GET_DATA_RESPONSE, (b"", ZEROS), "00000000" + "00" * 68),
    (records.GET_CHILDREN_RESPONSE, (["a", ""],), "00000002 00000001 61 00000000"),
    (records.GET_CHILDREN2_RESPONSE, ([], ZEROS), "00000000" + "00" * 68),
]


@pytest.mark.parametrize(
    ("record", "given", "hexed"), [pytest.param(*known, id=known[0].name) for known in KNOWN]
)
def test_known_bytes(record, given, hexed):
    wire = bytes.fromhex(hexed)
    assert record.encode(*given) == wire
    assert record.build(*given) == wire
    assert record.decode_from(wire, 0, len(wire)) == (given, len(wire))


def test_sizes_of_the_handshake():
    assert len(records.CONNECT_REQUEST.encode(0, 0, 0, 0, bytes(16), False)) == 45
    assert len(records.CONNECT_RESPONSE.encode(0, 0, 0, bytes(16))) == 36
    assert (records.REPLY_HEADER.layout.size, records.REQUEST_HEADER.layout.size) == (16, 8)


def test_decoded_values_are_of_the_types_that_callers_see():
    wire = records.GET_DATA_RESPONSE.encode(b"x", Stat(*range(11)))
    (data, stat), _ = records.GET_DATA_RESPONSE.decode_from(wire, 0, len(wire))
    assert type(data) is bytes
    assert type(stat) is Stat
    assert (stat.version, stat.pzxid) == (4, 10)
    wire = records.CREATE_REQUEST.encode("/a", None, [Acl(1, Identity("ip", "127.0.0.1"))], 0)
    (_, _, acl, _), _ = records.CREATE_REQUEST.decode_from(wire, 0, len(wire))
    assert type(acl[0]) is Acl
    assert type(acl[0].identity) is Identity


def test_text_and_buffer_have_the_same_bytes():
    text, raw = Record("T", "it" / UString), Record("B", "it" / Buffer)
    assert text.encode("日本") == raw.encode("日本".encode())


def test_the_primitives_have_the_sizes_of_jute():
    record = Record("P", "i" / Int, "l" / Long, "b" / Bool, "v" / vector(Int))
    assert len(record.encode(1, 2, True, [])) == 4 + 8 + 1 + 4
