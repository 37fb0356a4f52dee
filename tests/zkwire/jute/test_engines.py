"""Both engines agree on every record: the derived one, and construct's interpretation.

The records are found by looking into the module, so a new one is tested as soon as it is there.
"""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record_values import RECORDS, arguments
from zkwire._jute import MalformedRecord, Record, records
from zkwire._jute._primitives import Bool, Buffer, Int, Long, UString, vector
from zkwire._jute._shape import Many, Sized

every_record = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())

# What a length or count, read from four bytes at any place, is replaced by.
_ODD_NUMBERS = [-(2**31), -2, -1, 0, 1, 4, 2**16, 2**31 - 1]
ODD_NUMBERS = [number.to_bytes(4, "big", signed=True) for number in _ODD_NUMBERS]


def derived(record: Record, data: bytes) -> object:
    try:
        found, end = record.decode_from(data, 0, len(data))
    except MalformedRecord as error:
        found, end = "malformed", error.position
    assert 0 <= end <= len(data)
    return found


def interpreted(record: Record, data: bytes) -> object:
    try:
        return record.parse(data)
    except MalformedRecord:
        return "malformed"


def assert_engines_agree(record: Record, data: bytes) -> None:
    found = derived(record, data)
    assert found == interpreted(record, data), f"{record.name} of {data.hex()}"


def test_the_module_is_looked_into():
    assert RECORDS["GET_DATA_RESPONSE"] is records.GET_DATA_RESPONSE
    assert len(RECORDS) >= 27


@every_record
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_valid_values_make_the_same_bytes_and_come_back(record, data):
    given_values = data.draw(arguments(record))
    encoded = record.encode(*given_values)
    assert encoded == record.build(*given_values)
    assert record.decode_from(encoded, 0, len(encoded)) == (given_values, len(encoded))
    assert record.parse(encoded) == given_values


@every_record
@settings(deadline=None, max_examples=5)
@given(data=st.data())
def test_every_truncation_is_refused(record, data):
    encoded = record.build(*data.draw(arguments(record)))
    for cut in range(len(encoded)):
        assert derived(record, encoded[:cut]) == "malformed", cut
        assert interpreted(record, encoded[:cut]) == "malformed", cut


@every_record
@settings(deadline=None, max_examples=10)
@given(data=st.data(), before=st.binary(max_size=5), behind=st.binary(max_size=9))
def test_nothing_outside_the_window_is_read(record, data, before, behind):
    given_values = data.draw(arguments(record))
    encoded = record.build(*given_values)
    whole = before + encoded + behind
    end = len(before) + len(encoded)
    # Trailing bytes inside the window are left over: newer servers may append fields.
    assert record.decode_from(whole, len(before), len(whole)) == (given_values, end)
    assert record.decode_from(whole, len(before), end) == (given_values, end)
    assert record.parse(encoded + behind) == given_values
    if encoded:
        with pytest.raises(MalformedRecord):  # though the missing byte is there, behind the end
            record.decode_from(whole, len(before), end - 1)


@every_record
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_damaged_bytes_are_read_alike(record, data):
    encoded = bytearray(record.build(*data.draw(arguments(record))))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(encoded)))
        put = data.draw(st.sampled_from(ODD_NUMBERS) | st.binary(max_size=4))
        encoded[at : at + data.draw(st.sampled_from([0, len(put)]))] = put
    assert_engines_agree(record, bytes(encoded))


@every_record
@settings(deadline=None, max_examples=25)
@given(data=st.binary(max_size=120))
def test_random_bytes_are_read_alike(record, data):
    assert_engines_agree(record, data)


def _bytes_before(record: Record, index: int) -> bytes:
    """The record's smallest bytes up to one field."""
    return bytes(sum(node.least for _, node in record.shape.fields[:index]))


_COUNTED = [
    pytest.param(record, index, id=f"{record.name}.{name}")
    for record in RECORDS.values()
    for index, (name, node) in enumerate(record.shape.fields)
    if isinstance(node, Many | Sized)
]


@pytest.mark.parametrize(("record", "index"), _COUNTED)
@pytest.mark.parametrize("count", [-2, -(2**31), 2**31 - 1, 2**30])
def test_an_impossible_count_is_refused_and_allocates_nothing(record, index, count):
    frame = _bytes_before(record, index) + count.to_bytes(4, "big", signed=True) + bytes(40)
    field = record.shape.fields[index][0]
    tracemalloc.start()
    try:
        with pytest.raises(MalformedRecord, match=field) as caught:
            record.decode_from(frame, 0, len(frame))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024
    at = len(frame) - 44
    assert caught.value.position == (at if count < 0 else at + 4)
    assert interpreted(record, frame) == "malformed"


def test_a_count_is_held_to_the_bytes_at_hand_before_a_list_is_made():
    # One element too many for the bytes behind it: refused at the count, not at the last element.
    record = records.GET_CHILDREN_RESPONSE
    frame = (1001).to_bytes(4, "big") + bytes(4 * 1000)
    with pytest.raises(MalformedRecord, match="needs 4004 bytes where 4000 are left"):
        record.decode_from(frame, 0, len(frame))
    fits = (1000).to_bytes(4, "big") + bytes(4 * 1000)
    assert record.decode_from(fits, 0, len(fits))[0] == ([""] * 1000,)


def test_null_and_empty_are_different():
    record = records.GET_CHILDREN_RESPONSE
    null, empty = b"\xff\xff\xff\xff", b"\x00\x00\x00\x00"
    assert record.decode_from(null, 0, 4)[0] == (None,)
    assert record.decode_from(empty, 0, 4)[0] == ([],)
    assert record.encode(None) == null
    assert record.encode([]) == empty
    text = records.CREATE_RESPONSE
    assert text.decode_from(null, 0, 4)[0] == (None,)
    assert text.decode_from(empty, 0, 4)[0] == ("",)
    assert (text.encode(None), text.encode("")) == (null, empty)


def test_text_that_is_not_utf8_is_replaced_not_refused():
    # A Java process writes U+1F600 as two surrogates of three bytes.
    frame = b"\x00\x00\x00\x06" + "\ud83d\ude00".encode("utf-8", "surrogatepass")
    (text,), _ = records.CREATE_RESPONSE.decode_from(frame, 0, len(frame))
    assert set(text) == {"\ufffd"}
    assert records.CREATE_RESPONSE.parse(frame) == (text,)


@pytest.mark.parametrize("byte", [1, 2, 0x7F, 0x80, 0xFF])
def test_any_byte_but_zero_is_true(byte):
    assert records.CONNECT_RESPONSE_READ_ONLY.decode_from(bytes([byte]), 0, 1)[0] == (True,)
    assert records.CONNECT_RESPONSE_READ_ONLY.parse(bytes([byte])) == (True,)


# --- records that the protocol does not have, and the generators must serve all the same -----

PAIR = Record("Pair", "left" / Int, "right" / UString)
MADE_UP = {
    "vector of records": Record("M1", "pairs" / vector(PAIR.schema), "last" / Bool),
    "vector of vectors": Record("M2", "rows" / vector(vector(Int)), "last" / Long),
    "nested without a model": Record("M3", "a" / Int, "pair" / PAIR.schema, "b" / Buffer),
    "fixed run around a nested one": Record("M4", "a" / Int, "stat" / records.STAT, "b" / Bool),
    "numbers only": Record("M5", "a" / Bool, "b" / Int, "c" / Long),
    "vector of numbers": Record("M6", "numbers" / vector(Long)),
    "models and what is around them": Record(
        "M7", "acl" / records.ACL, "x" / Int, "stat" / records.STAT, "data" / Buffer
    ),
}


@pytest.mark.parametrize("record", MADE_UP.values(), ids=MADE_UP.keys())
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_records_of_any_shape(record, data):
    given_values = data.draw(arguments(record))
    encoded = record.encode(*given_values)
    assert record.decode_from(encoded, 0, len(encoded)) == (given_values, len(encoded))
    for cut in range(len(encoded)):
        assert derived(record, encoded[:cut]) == "malformed", cut
    assert encoded == record.build(*_as_construct_wants(record, given_values))


def _as_construct_wants(record: Record, given_values: tuple) -> list:
    """A nested record without a model is a dict to construct, and a tuple to the generators."""
    if record.name == "M1" and given_values[0] is not None:
        pairs = [{"left": left, "right": right} for left, right in given_values[0]]
        return [pairs, given_values[1]]
    if record.name == "M3":
        a, (left, right), b = given_values
        return [a, {"left": left, "right": right}, b]
    return list(given_values)


# --- planted faults: the comparison above can fail -------------------------------------------


def _swallow_truncation(data, pos, end):
    """A decoder without bounds checks: slices that reach past the end come out short."""
    length = int.from_bytes(data[pos : pos + 4], "big", signed=True)
    text = None if length == -1 else data[pos + 4 : pos + 4 + length].decode("utf-8", "replace")
    return (text,), min(end, pos + 4 + max(length, 0))


def _drop_null(data, pos, end):
    (text,), pos = records.CREATE_RESPONSE.decode_from(data, pos, end)
    return (text or "",), pos


@pytest.mark.parametrize(
    ("fault", "test"),
    [
        (_swallow_truncation, test_every_truncation_is_refused),
        (_swallow_truncation, test_nothing_outside_the_window_is_read),
        (_swallow_truncation, test_random_bytes_are_read_alike),
        (_drop_null, test_valid_values_make_the_same_bytes_and_come_back),
    ],
)
def test_a_faulty_decoder_is_caught(monkeypatch, fault, test):
    record = Record("CreateResponse", "path" / UString)
    monkeypatch.setattr(record, "decode_from", fault)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(record)


def test_a_faulty_encoder_is_caught(monkeypatch):
    record = Record("CreateResponse", "path" / UString)
    encode = record.encode
    monkeypatch.setattr(record, "encode", lambda text: encode(text or ""))  # "" for null
    with pytest.raises(AssertionError):
        test_valid_values_make_the_same_bytes_and_come_back(record)
