"""What a server can make a client spend, whatever it sends.

The bound is that of a whole process with the default limits: interpreter, frame and values.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

import hostile_streams
import zkwire
from hostile_streams import STREAMS
from server_frames import active, framed, reply
from zkwire._errors import RemoteProtocolError
from zkwire._jute import MalformedRecord, records
from zkwire._proto import _requests as requests
from zkwire._proto._events import PeerFailed
from zkwire._proto._framing import FrameDecoder
from zkwire._proto._multi import Delete

MOST_MB = 200


def run(name: str) -> tuple[int, list[str]]:
    """Peak memory in MB, and the events: in a process of its own, for a peak of its own."""
    found = Path(hostile_streams.__file__), Path(zkwire.__file__).parent
    path = os.pathsep.join(str(file.parent) for file in found)
    done = subprocess.run(
        [sys.executable, hostile_streams.__file__, name],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    peak, *kinds = done.stdout.split()
    return int(peak) // 1024, kinds


@pytest.mark.parametrize("name", STREAMS)
def test_no_reply_costs_more_than_the_bound(name):
    peak, kinds = run(name)
    assert kinds == STREAMS[name][1]
    assert peak < MOST_MB


def test_a_frame_of_a_gigabyte_takes_up_only_what_has_come():
    decoder = FrameDecoder(2**31 - 1)
    tracemalloc.start()
    try:
        for byte in (2**30).to_bytes(4, "big") + bytes(10_000):
            assert list(decoder.feed(bytes([byte]))) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024


def test_a_frame_of_a_gigabyte_is_refused_at_the_fourth_byte():
    decoder = FrameDecoder()
    header = (2**30).to_bytes(4, "big")
    for byte in header[:3]:
        assert list(decoder.feed(bytes([byte]))) == []
    with pytest.raises(RemoteProtocolError, match="frame of 1073741824 bytes"):
        list(decoder.feed(header[3:]))


def test_a_list_of_results_is_refused_where_it_becomes_longer_than_the_request():
    entry = records.MULTI_HEADER.encode(-1, False, 0) + (-101).to_bytes(4, "big", signed=True)
    protocol = active()
    protocol.submit(requests.multi([Delete("/a"), Delete("/b")]), None)
    protocol.data_to_send(0.0)
    stream = reply(1, 1, 0, entry * 100_000)
    tracemalloc.start()
    try:
        (event,) = protocol.receive_data(stream, 0.0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(event, PeerFailed)
    assert "at least 3 results for a multi of 2 operations" in event.error.reason
    assert peak < len(stream) + 64 * 1024  # the frame's own copy


ACL_ENTRY = (31).to_bytes(4, "big") + bytes(8)


@pytest.mark.parametrize(
    ("record", "head", "element"),
    [
        (records.GET_ACL_RESPONSE, b"", ACL_ENTRY),
        (records.WHO_AM_I_RESPONSE, b"", bytes(8)),
        (records.SET_ACL_REQUEST, bytes(4), ACL_ENTRY),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_one_entry_more_than_the_most_is_refused_by_both_engines(record, head, element):
    most = records.MOST_NAMED
    good = head + most.to_bytes(4, "big") + element * most + bytes(68)
    values, _ = record.decode_from(good, 0, len(good))
    assert most in [len(value) for value in values if isinstance(value, list)]
    bad = head + (most + 1).to_bytes(4, "big") + element * (most + 1) + bytes(68)
    with pytest.raises(MalformedRecord, match=f"has {most + 1} elements") as caught:
        record.decode_from(bad, 0, len(bad))
    assert caught.value.position == len(head)
    with pytest.raises(MalformedRecord):
        record.parse(bad)


def test_a_fault_behind_the_end_of_a_session_is_the_last_that_is_heard():
    protocol = active()
    protocol.close(None)
    protocol.data_to_send(0.0)
    (closed, fault) = protocol.receive_data(reply(1) + framed(b"short"), 0.0)
    assert type(closed).__name__ == "SessionClosed"
    assert isinstance(fault, PeerFailed)
    assert protocol.receive_data(reply(7), 0.1) == []
