from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_frames import PASSWORD, SESSION_ID, connect_reply, frames_of
from zkwire._errors import RemoteProtocolError, ServerUnusable, SessionExpired
from zkwire._jute import records
from zkwire._models import SessionCredentials, SessionInfo
from zkwire._proto._handshake import connect_frame, read_connect_reply

KNOWN = SessionCredentials(id=SESSION_ID, password=PASSWORD)


def granted(**changed) -> SessionInfo:
    given_values = {"credentials": KNOWN, "negotiated_timeout": 6.0, "read_only": False}
    return SessionInfo(**{**given_values, **changed})


def frame(**options) -> bytes:
    options = {"credentials": None, "last_zxid": 0, "read_only": False, **options}
    return connect_frame(session_timeout=10.0, **options)


# --- what is sent ---------------------------------------------------------------------------


def test_a_new_session_is_asked_for_with_zeros():
    (body,) = frames_of(frame())
    assert len(body) == 45
    assert body == bytes(12) + (10000).to_bytes(4, "big") + bytes(8) + b"\0\0\0\x10" + bytes(17)


def test_attaching_sends_all_there_is_to_know():
    (body,) = frames_of(frame(credentials=KNOWN, last_zxid=0x0102, read_only=True))
    values, end = records.CONNECT_REQUEST.decode_from(body, 0, len(body))
    assert values == (0, 0x0102, 10000, SESSION_ID, PASSWORD, True)
    assert end == len(body) == 45


@pytest.mark.parametrize(
    ("seconds", "milliseconds"), [(0.0001, 1), (0.0015, 2), (4, 4000), (2147483.647, 2**31 - 1)]
)
def test_the_timeout_is_in_milliseconds_and_never_zero(seconds, milliseconds):
    sent = connect_frame(session_timeout=seconds, credentials=None, last_zxid=0, read_only=False)
    assert int.from_bytes(sent[16:20], "big") == milliseconds


# --- what is answered -----------------------------------------------------------------------


@pytest.mark.parametrize("asked_for", [None, KNOWN])
@pytest.mark.parametrize(
    ("tail", "read_only"),
    [
        pytest.param(b"\x00", False, id="37 bytes"),
        pytest.param(b"\x01", True, id="37 bytes, read only"),
        pytest.param(b"\x7f", True, id="37 bytes, another true"),
        pytest.param(b"", False, id="36 bytes"),
        pytest.param(b"\x01later fields", True, id="more than 37 bytes"),
    ],
)
def test_a_session_is_granted(asked_for, tail, read_only):
    reply = connect_reply(tail=tail)
    assert read_connect_reply(reply, asked_for=asked_for) == granted(read_only=read_only)


@pytest.mark.parametrize(("ms", "seconds"), [(1, 0.001), (4000, 4.0), (2**31 - 1, 2147483.647)])
def test_the_timeout_is_the_servers_in_seconds(ms, seconds):
    info = read_connect_reply(connect_reply(timeout_ms=ms), asked_for=None)
    assert info.negotiated_timeout == seconds


def test_a_session_id_may_be_negative():
    info = read_connect_reply(connect_reply(session_id=-(2**56)), asked_for=None)
    assert info.credentials.id == -(2**56)
    assert str(info.credentials) == "0xff00000000000000"


REFUSED = {"timeout_ms": 0, "session_id": 0, "password": bytes(16)}


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(REFUSED, id="as servers say it"),
        pytest.param({**REFUSED, "tail": b""}, id="without readOnly"),
        pytest.param({"timeout_ms": 0}, id="by the timeout alone"),
        pytest.param({"timeout_ms": -1}, id="by a negative timeout"),
        pytest.param({"session_id": 0}, id="by id 0"),
        pytest.param({"session_id": SESSION_ID + 1}, id="by another session's id"),
    ],
)
def test_a_known_session_is_refused(shape):
    with pytest.raises(SessionExpired):
        read_connect_reply(connect_reply(**shape), asked_for=KNOWN)


@pytest.mark.parametrize("shape", [REFUSED, {"timeout_ms": 0}, {"timeout_ms": -1}])
def test_a_new_session_is_refused(shape):
    with pytest.raises(ServerUnusable, match="refused to open a session"):
        read_connect_reply(connect_reply(**shape), asked_for=None)


@pytest.mark.parametrize(
    ("password", "kept"),
    [
        pytest.param(b"p" * 17, b"p" * 17, id="17 bytes"),
        pytest.param(b"p" * 40, b"p" * 40, id="40 bytes"),
    ],
)
def test_a_password_of_another_length_is_kept(password, kept):
    info = read_connect_reply(connect_reply(password=password), asked_for=None)
    assert info.credentials.password == kept


@pytest.mark.parametrize("password", [None, b"", b"p"])
def test_a_null_or_short_password_is_read_where_the_frame_is_long_enough(password):
    info = read_connect_reply(connect_reply(password=password, tail=bytes(17)), asked_for=None)
    assert info.credentials.password == (password or b"")
    with pytest.raises(ServerUnusable, match="answered the handshake with 2"):
        read_connect_reply(connect_reply(password=password), asked_for=None)


@pytest.mark.parametrize("asked_for", [None, KNOWN])
def test_a_reply_header_in_its_place_makes_the_server_unusable(asked_for):
    answer = records.REPLY_HEADER.build(0, 0x77, -119)
    with pytest.raises(ServerUnusable, match=r"with an error: A read-only server .*code -119"):
        read_connect_reply(answer, asked_for=asked_for)
    answer = records.REPLY_HEADER.build(0, 0x77, 0)
    with pytest.raises(ServerUnusable, match="with 16 bytes"):
        read_connect_reply(answer, asked_for=asked_for)


@pytest.mark.parametrize("length", [0, 1, 15, 17, 35])
def test_anything_too_short_makes_the_server_unusable(length):
    with pytest.raises(ServerUnusable, match=f"with {length} bytes"):
        read_connect_reply(b"\xff" * length, asked_for=KNOWN)


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        (-2, "ConnectResponse.passwd has length -2"),
        (17, "ConnectResponse.passwd needs 17 bytes where 16 are left"),
        (2**31 - 1, "ConnectResponse.passwd needs 2147483647 bytes where 16 are left"),
    ],
)
def test_a_malformed_answer_is_the_peers_fault_with_its_offset(length, reason):
    answer = bytes(16) + length.to_bytes(4, "big", signed=True) + bytes(16)
    with pytest.raises(RemoteProtocolError) as caught:
        read_connect_reply(answer, asked_for=None)
    assert caught.value.reason == reason
    assert caught.value.offset == 4 + (16 if length < 0 else 20)


@settings(deadline=None)
@given(
    answer=st.binary(max_size=60) | st.binary(min_size=36, max_size=40),
    asked_for=st.sampled_from([None, KNOWN]),
)
def test_garbage_is_read_or_refused(answer, asked_for):
    try:
        info = read_connect_reply(answer, asked_for=asked_for)
    except (SessionExpired, ServerUnusable, RemoteProtocolError):
        return
    assert info.negotiated_timeout > 0
    assert asked_for is None or info.credentials.id == asked_for.id


def test_no_text_form_shows_the_password():
    info = read_connect_reply(connect_reply(password=b"secret-password!"), asked_for=None)
    for text in (repr(info), str(info), repr(info.credentials), str(info.credentials)):
        assert "secret" not in text
