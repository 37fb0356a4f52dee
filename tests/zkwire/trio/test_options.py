"""What is refused before a connection is tried."""

from __future__ import annotations

import pytest
import trio.testing

import zkwire


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"session_timeout": 0}, "session_timeout: must be above 0"),
        ({"session_timeout": float("nan")}, "session_timeout: "),
        ({"session_timeout": 2**31 / 1000}, "session_timeout: "),
        ({"session_timeout": "6"}, "session_timeout: must be a number of seconds, not str"),
        ({"close_grace": 0}, "close_grace: must be above 0"),
        ({"max_in_flight": 0}, "max_in_flight: must be at least 1, not 0"),
        ({"max_in_flight": 1.5}, "max_in_flight: must be an int, not float"),
        ({"max_inbound_frame": 1023}, "max_inbound_frame: must be 1024 to 2147483647, not 1023"),
        ({"max_outbound_frame": 2**31}, "max_outbound_frame: must be 1024 to"),
        ({"first_xid": 0}, "first_xid: must be 1 to"),
        ({"first_xid": 2**31}, "first_xid: must be 1 to"),
        ({"last_zxid": -1}, "last_zxid: must be 0 to"),
        ({"last_zxid": 2**63}, "last_zxid: must be 0 to"),
        ({"credentials": (1, b"")}, "credentials: must be a SessionCredentials, not tuple"),
        (
            {"credentials": zkwire.SessionCredentials(id=zkwire.SessionId(2**63), password=b"")},
            "credentials.id: must be -",
        ),
        ({"watches": {}}, "watches: must be a SessionWatches, not dict"),
        ({"read_only": 1}, "read_only: must be a bool, not int"),
    ],
)
async def test_an_argument_out_of_range_is_refused_before_anything_is_sent(options, words):
    near, far = trio.testing.memory_stream_pair()
    errors = (zkwire.InvalidArgument, zkwire.InvalidArgumentType)
    with pytest.raises(errors, match=words):
        async with zkwire.open_connection_over(near, **options):
            pytest.fail("opened")
    await near.send_all(b"still the caller's")
    assert await far.receive_some() == b"still the caller's"


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("127.0.0.1", 0, "port: must be 1 to 65535, not 0"),
        ("127.0.0.1", 65536, "port: must be 1 to 65535, not 65536"),
        ("127.0.0.1", "2181", "port: must be an int, not str"),
        (b"127.0.0.1", 2181, "host: must be a str, not bytes"),
    ],
)
async def test_an_address_that_is_none(host, port, words):
    with pytest.raises((zkwire.InvalidArgument, zkwire.InvalidArgumentType), match=words):
        async with zkwire.open_connection(host, port):
            pytest.fail("opened")


async def test_what_is_no_stream():
    with pytest.raises(zkwire.InvalidArgumentType, match="stream: must be a Stream, not int"):
        async with zkwire.open_connection_over(5):
            pytest.fail("opened")
