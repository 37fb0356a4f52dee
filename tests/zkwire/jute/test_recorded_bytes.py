"""Both engines on bytes that the official Java client 3.8.0 and its server wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zkwire._jute import Record, records

LINES = (Path(__file__).parent / "data" / "java-3.8.0.jsonl").read_text("utf-8").splitlines()
RECORDED = {line["op"]: line for line in map(json.loads, LINES)}

# By opcode: what a request holds behind its header, and a reply without an error behind its own.
BODIES = {
    1: (records.CREATE_REQUEST, records.CREATE_RESPONSE),
    2: (records.DELETE_REQUEST, records.EMPTY),
    3: (records.EXISTS_REQUEST, records.EXISTS_RESPONSE),
    4: (records.GET_DATA_REQUEST, records.GET_DATA_RESPONSE),
    5: (records.SET_DATA_REQUEST, records.SET_DATA_RESPONSE),
    8: (records.GET_CHILDREN_REQUEST, records.GET_CHILDREN_RESPONSE),
    9: (records.SYNC_REQUEST, records.SYNC_RESPONSE),
    11: (records.EMPTY, records.EMPTY),
    12: (records.GET_CHILDREN2_REQUEST, records.GET_CHILDREN2_RESPONSE),
    15: (records.CREATE_REQUEST, records.CREATE2_RESPONSE),
    19: (records.CREATE_REQUEST, records.CREATE2_RESPONSE),
    21: (records.CREATE_TTL_REQUEST, records.CREATE2_RESPONSE),
    -11: (records.EMPTY, records.EMPTY),
}


def assert_read_and_made_again(record: Record, body: bytes) -> None:
    values, end = record.decode_from(body, 0, len(body))
    assert end == len(body)
    assert record.parse(body) == values
    assert record.encode(*values) == body
    assert record.build(*values) == body


@pytest.mark.parametrize("op", [op for op in RECORDED if not op.startswith("connect")])
def test_requests_and_replies(op):
    request = bytes.fromhex(RECORDED[op]["request"])
    (xid, opcode), _ = records.REQUEST_HEADER.decode_from(request, 0, len(request))
    asked, answered = BODIES[opcode]
    assert_read_and_made_again(asked, request[8:])
    for reply in map(bytes.fromhex, RECORDED[op]["reply"]):
        (to, _, err), _ = records.REPLY_HEADER.decode_from(reply, 0, len(reply))
        if err:
            assert reply[16:] == b""
        elif to == xid:
            assert_read_and_made_again(answered, reply[16:])
        else:
            assert to == -1
            assert_read_and_made_again(records.WATCHER_EVENT, reply[16:])


def test_the_handshake():
    recorded = RECORDED["connect session_timeout=10000"]
    assert_read_and_made_again(records.CONNECT_REQUEST, bytes.fromhex(recorded["request"]))
    (reply,) = map(bytes.fromhex, recorded["reply"])
    assert_read_and_made_again(records.CONNECT_RESPONSE, reply[:36])
    assert_read_and_made_again(records.CONNECT_RESPONSE_READ_ONLY, reply[36:])
