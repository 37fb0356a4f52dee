"""One record's face: encoders behind a head, layouts, and what is refused at import."""

from __future__ import annotations

import construct
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record_values import RECORDS, arguments
from zkwire._jute import MalformedRecord, Record, records
from zkwire._jute._primitives import Bool, Buffer, Int, Long, UString, vector

every_record = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())
INT32 = st.integers(-(2**31), 2**31 - 1)


@every_record
@settings(deadline=None, max_examples=20)
@given(data=st.data(), xid=INT32)
def test_an_encoder_behind_a_head_makes_what_construct_makes(record, data, xid):
    encode = record.encoder_behind(records.REQUEST_PREFIX, length=..., type=101)
    given_values = data.draw(arguments(record))
    body = records.REQUEST_HEADER.build(xid, 101) + record.build(*given_values)
    assert encode(xid, *given_values) == records.FRAME_LENGTH.build(len(body)) + body


@every_record
@settings(deadline=None, max_examples=10)
@given(data=st.data(), zxid=st.integers(-(2**63), 2**63 - 1))
def test_a_head_without_constants_or_a_length(record, data, zxid):
    encode = record.encoder_behind(records.REPLY_HEADER)
    given_values = data.draw(arguments(record))
    expected = records.REPLY_HEADER.build(7, zxid, -101) + record.build(*given_values)
    assert encode(7, zxid, -101, *given_values) == expected


def test_a_length_counts_only_what_is_behind_it():
    head = Record("Head", "before" / Long, "length" / Int, "behind" / Bool)
    encode = records.CREATE_RESPONSE.encoder_behind(head, length=...)
    assert encode(1, True, "/a") == bytes.fromhex("0000000000000001 00000007 01 00000002 2f61")


def test_a_head_of_no_fixed_size_is_refused():
    with pytest.raises(TypeError, match="path: a head has fixed-size fields only"):
        records.EMPTY.encoder_behind(records.CREATE_RESPONSE)


def test_layout_is_the_struct_of_a_fixed_record():
    assert (records.REPLY_HEADER.layout.format, records.REPLY_HEADER.layout.size) == (">lql", 16)
    with pytest.raises(TypeError, match="CreateResponse has no fixed size"):
        _ = records.CREATE_RESPONSE.layout


def test_repr_names_the_record():
    assert repr(records.GET_DATA_RESPONSE) == "<jute record GetDataResponse>"


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param(construct.GreedyBytes, id="all the rest"),
        pytest.param(construct.Int32sl, id="little endian"),
        pytest.param(vector(construct.CString("utf8")), id="inside a vector"),
    ],
)
def test_a_declaration_that_nothing_can_be_derived_from_is_refused(declared):
    with pytest.raises(TypeError, match="no fast codec can be derived"):
        Record("Odd", "field" / declared)


@pytest.mark.parametrize(
    ("record", "frame", "message", "position"),
    [
        (records.REPLY_HEADER, b"\x00" * 15, "ReplyHeader.xid needs 16 bytes where 15 are left", 0),
        (records.CREATE_RESPONSE, b"\x00", "CreateResponse.path needs 4 bytes where 1 are left", 0),
        (
            records.CREATE_RESPONSE,
            b"\x00\x00\x00\x05/abc",
            "CreateResponse.path needs 5 bytes where 4 are left",
            4,
        ),
        (
            records.CREATE_RESPONSE,
            b"\xff\xff\xff\xfe",
            "CreateResponse.path has length -2",
            0,
        ),
        (
            records.EXISTS_RESPONSE,
            b"\x00" * 67,
            "ExistsResponse.stat needs 68 bytes where 67 are left",
            0,
        ),
        (
            records.SET_WATCHES,
            bytes(8) + bytes(4) + b"\x00\x00\x00\x01\x00\x00\x00\x09",
            "SetWatches.exist_watches needs 9 bytes where 0 are left",
            20,
        ),
    ],
)
def test_a_fault_is_named_with_its_field_and_place(record, frame, message, position):
    with pytest.raises(MalformedRecord) as caught:
        record.decode_from(frame, 0, len(frame))
    assert caught.value.reason == message
    assert caught.value.position == position
    assert str(caught.value) == f"{message} (at byte {position})"


def test_positions_count_from_the_start_of_the_bytes_not_of_the_record():
    frame = bytes(16) + b"\x00\x00\x00\x09/a"
    with pytest.raises(MalformedRecord) as caught:
        records.CREATE_RESPONSE.decode_from(frame, 16, len(frame))
    assert caught.value.position == 20


@pytest.mark.parametrize(
    "record", [Record("R", "a" / Int), Record("R", "a" / Buffer, "b" / UString)]
)
def test_a_wrong_number_of_values_is_refused(record):
    with pytest.raises(TypeError):
        record.encode()
    with pytest.raises(ValueError, match=r"shorter|longer"):
        record.build(*(None,) * 9)
