"""One connection, without I/O and without a clock."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_frames import (
    PASSWORD,
    SESSION_ID,
    STAT,
    active,
    connect_reply,
    framed,
    frames_of,
    notification,
    pong,
    reply,
)
from zkwire._errors import (
    BadVersion,
    InvalidArgument,
    LocalProtocolError,
    NoNode,
    Outcome,
    RemoteProtocolError,
    ServerUnusable,
    SessionExpired,
    Throttled,
    UnknownReplyError,
)
from zkwire._jute import records
from zkwire._models import Acl, Identity, SessionCredentials, WatchEvent
from zkwire._proto import _requests as requests
from zkwire._proto._events import (
    HandshakeFailed,
    PeerFailed,
    ReplyReceived,
    SessionClosed,
    SessionOpened,
    WatchFired,
)
from zkwire._proto._protocol import MAX_XID, ZkProtocol
from zkwire._proto._state import State
from zkwire._types import CreateMode, EventType, WatchKind

DATA_BODY = records.GET_DATA_RESPONSE.build(b"x", STAT)
STAT_BODY = records.EXISTS_RESPONSE.build(STAT)
PING_FRAME = framed(bytes.fromhex("fffffffe0000000b"))


def get(path: str = "/a") -> requests.Request:
    return requests.get_data(path)


def submitted(protocol: ZkProtocol, *paths: str, now: float = 0.0) -> ZkProtocol:
    """A protocol with a request in flight for each path, which is its ticket too."""
    for path in paths:
        protocol.submit(get(path), path)
    protocol.data_to_send(now)
    return protocol


def fault_in(events: list) -> RemoteProtocolError:
    assert isinstance(events[-1], PeerFailed)
    return events[-1].error


# --- handshake ------------------------------------------------------------------------------


def test_the_first_write_is_the_handshake_and_nothing_can_follow_it():
    protocol = ZkProtocol(session_timeout=10.0, now=0.0)
    assert protocol.state is State.CONNECTING
    with pytest.raises(LocalProtocolError, match="connection is connecting"):
        protocol.submit(get(), None)
    (body,) = frames_of(protocol.data_to_send(0.0))
    assert len(body) == 45
    assert protocol.data_to_send(0.0) == b""
    assert protocol.in_flight == 0


def test_a_session_opens():
    protocol = active()
    assert protocol.state is State.ACTIVE
    assert protocol.session.negotiated_timeout == 6.0
    assert protocol.session.credentials.id == SESSION_ID
    assert not protocol.is_dead


def test_all_that_a_resumed_session_knows_is_sent():
    known = SessionCredentials(id=SESSION_ID, password=PASSWORD)
    protocol = ZkProtocol(
        session_timeout=10.0, now=0.0, credentials=known, last_zxid=77, read_only=True
    )
    (body,) = frames_of(protocol.data_to_send(0.0))
    values, _ = records.CONNECT_REQUEST.decode_from(body, 0, len(body))
    assert values == (0, 77, 10000, SESSION_ID, PASSWORD, True)
    assert protocol.last_zxid == 77


@pytest.mark.parametrize(
    ("known", "body", "error"),
    [
        (True, connect_reply(timeout_ms=0, session_id=0), SessionExpired),
        (False, connect_reply(timeout_ms=0, session_id=0), ServerUnusable),
        (True, records.REPLY_HEADER.build(0, 5, -119), ServerUnusable),
    ],
)
def test_a_refused_handshake_ends_the_connection(known, body, error):
    credentials = SessionCredentials(id=SESSION_ID, password=PASSWORD) if known else None
    protocol = ZkProtocol(session_timeout=10.0, now=0.0, credentials=credentials)
    protocol.data_to_send(0.0)
    events = protocol.receive_data(framed(body) + reply(1), 0.1)
    assert [type(event) for event in events] == [HandshakeFailed]
    assert type(events[0].error) is error
    assert protocol.is_dead
    assert protocol.session is None
    assert protocol.receive_data(reply(1), 0.2) == []


def test_a_malformed_handshake_is_the_peers_fault():
    protocol = ZkProtocol(session_timeout=10.0, now=0.0)
    body = connect_reply()[:16] + b"\xff\xff\xff\xfe" + bytes(17)
    error = fault_in(protocol.receive_data(framed(body), 0.1))
    assert error.offset == 20
    assert protocol.is_dead


def test_something_else_than_a_zookeeper_is_noticed_at_four_bytes():
    protocol = ZkProtocol(session_timeout=10.0, now=0.0)
    error = fault_in(protocol.receive_data(b"HTTP", 0.1))
    assert "frame of 1213486160 bytes" in str(error)
    assert error.offset == 0


# --- requests and replies -------------------------------------------------------------------


def test_replies_answer_requests_in_order():
    protocol = submitted(active(), "/a", "/b")
    assert protocol.in_flight == 2
    events = protocol.receive_data(reply(1, 5, 0, DATA_BODY) + reply(2, 6, -101), 0.1)
    assert [event.ticket for event in events] == ["/a", "/b"]
    first, second = events
    assert first == ReplyReceived(first.request, "/a", (b"x", STAT), None, 5)
    assert second.value is None
    assert type(second.error) is NoNode
    assert second.error.path == "/b"
    assert second.zxid == 6
    assert protocol.in_flight == 0


def test_requests_are_numbered_and_written_in_the_order_of_the_calls():
    protocol = active()
    for path in ("/a", "/b", "/c"):
        protocol.submit(get(path), None)
    sent = frames_of(protocol.data_to_send(0.0))
    assert [body[:4] for body in sent] == [bytes([0, 0, 0, xid]) for xid in (1, 2, 3)]
    assert [body[12:14] for body in sent] == [b"/a", b"/b", b"/c"]
    assert protocol.data_to_send(0.0) == b""


def test_numbers_start_again_at_one():
    protocol = active(first_xid=MAX_XID)
    protocol.submit(get("/a"), "a")
    protocol.submit(get("/b"), "b")
    sent = frames_of(protocol.data_to_send(0.0))
    assert [body[:4].hex() for body in sent] == ["7fffffff", "00000001"]
    events = protocol.receive_data(reply(MAX_XID, 1, -101) + reply(1, 1, -101), 0.1)
    assert [event.ticket for event in events] == ["a", "b"]


@pytest.mark.parametrize(
    ("xid", "complaint"),
    [
        (1, "a reply to request 1, where that to 2 is due"),  # old, or answered twice
        (3, "a reply to request 3, where that to 2 is due"),  # overtakes
        (4, "a reply to request 4, where that to 2 is due"),  # not even made
        (MAX_XID, f"a reply to request {MAX_XID}, where that to 2 is due"),
    ],
)
def test_a_reply_to_another_request_than_the_next_is_a_fault(xid, complaint):
    protocol = submitted(active(), "/a", "/b", "/c")
    offset = 4 + 37 + len(reply(1, 1, -101))
    events = protocol.receive_data(reply(1, 1, -101) + reply(xid, 1, -101), 0.1)
    assert [event.ticket for event in events[:-1]] == ["/a"]
    assert fault_in(events).reason == complaint
    assert fault_in(events).offset == offset
    assert protocol.is_dead
    assert protocol.receive_data(reply(2, 1, -101), 0.1) == []
    assert protocol.give_up() == [("/b", Outcome.UNKNOWN), ("/c", Outcome.UNKNOWN)]


def test_a_reply_with_nothing_open_is_a_fault():
    error = fault_in(active().receive_data(reply(1), 0.1))
    assert error.reason == "a reply to request 1, where none is open"
    assert error.offset == 41


def test_a_reply_to_a_request_that_was_not_written_is_a_fault():
    protocol = submitted(active(), "/a")
    protocol.submit(get("/b"), "/b")
    events = protocol.receive_data(reply(1, 1, -101) + reply(2, 1, -101), 0.1)
    assert [event.ticket for event in events[:-1]] == ["/a"]
    assert fault_in(events).reason == "a reply to request 2, which has not been sent"
    assert protocol.give_up() == [("/b", Outcome.NOT_SENT)]


@pytest.mark.parametrize("length", [0, 1, 15])
def test_a_reply_without_a_whole_header_is_a_fault(length):
    error = fault_in(active().receive_data(framed(bytes(length)), 0.1))
    assert error.reason == f"a reply of {length} bytes is too short for its header"


@pytest.mark.parametrize("cut", [1, 68, 72, 73])
def test_a_reply_that_cannot_be_read_leaves_its_caller_among_the_abandoned(cut):
    protocol = submitted(active(), "/a", "/b")
    events = protocol.receive_data(reply(1, 1, 0, DATA_BODY[:-cut]), 0.1)
    assert len(events) == 1
    assert fault_in(events).reason.startswith("GetDataResponse.")
    assert 41 + 4 + 16 <= fault_in(events).offset <= 41 + 4 + 16 + len(DATA_BODY)
    assert protocol.give_up() == [("/a", Outcome.UNKNOWN), ("/b", Outcome.UNKNOWN)]


def test_a_null_where_a_path_must_be_is_a_fault():
    protocol = active()
    protocol.submit(requests.create("/a", b"", CreateMode.PERSISTENT, _ACL, None), "a")
    protocol.data_to_send(0.0)
    error = fault_in(protocol.receive_data(reply(1, 1, 0, b"\xff\xff\xff\xff"), 0.1))
    assert error.reason == "CreateResponse.path is null"
    assert error.offset == 41 + 4 + 16


def test_bytes_behind_a_reply_are_ignored():
    protocol = submitted(active(), "/a", "/b")
    events = protocol.receive_data(
        reply(1, 1, 0, DATA_BODY + b"new fields") + reply(2, 1, 0, DATA_BODY), 0.1
    )
    assert [event.value for event in events] == [(b"x", STAT)] * 2


@pytest.mark.parametrize("body", [b"\xff", b"\xff\xff\xff\xfe", DATA_BODY])
def test_the_body_of_an_error_is_not_read(body):
    (event,) = submitted(active(), "/a").receive_data(reply(1, 1, -103, body), 0.1)
    assert type(event.error) is BadVersion
    assert event.value is None


def test_an_error_code_nobody_knows_is_an_error_like_others():
    (event,) = submitted(active(), "/a").receive_data(reply(1, 1, -4711), 0.1)
    assert type(event.error) is UnknownReplyError
    assert event.error.code == -4711


def test_absence_is_an_answer_to_exists_and_an_error_to_others():
    protocol = active()
    protocol.submit(requests.exists("/a", watch=True), "e")
    protocol.submit(get("/a"), "g")
    protocol.data_to_send(0.0)
    asked, got = protocol.receive_data(reply(1, 1, -101) + reply(2, 1, -101), 0.1)
    assert (asked.value, asked.error) == (None, None)
    assert asked.request.watch is WatchKind.DATA
    assert type(got.error) is NoNode


# --- zxid -----------------------------------------------------------------------------------


def test_the_zxid_follows_ordinary_replies_and_errors():
    protocol = submitted(active(), "/a", "/b")
    protocol.receive_data(reply(1, 7, 0, DATA_BODY), 0.1)
    assert protocol.last_zxid == 7
    protocol.receive_data(reply(2, 9, -101), 0.1)
    assert protocol.last_zxid == 9


@pytest.mark.parametrize("zxid", [0, -1])
def test_a_reply_without_a_zxid_leaves_it(zxid):
    protocol = submitted(active(last_zxid=5), "/a")
    (event,) = protocol.receive_data(reply(1, zxid, -124), 0.1)
    assert event.zxid == zxid
    assert protocol.last_zxid == 5


def test_notifications_pongs_and_watches_set_again_leave_the_zxid():
    protocol = active(last_zxid=5)
    assert protocol.handle_timer(1.0)
    protocol.submit(requests.set_watches(5, {WatchKind.DATA: ["/a"]}), "again")
    protocol.data_to_send(1.0)
    events = protocol.receive_data(notification(3, "/a", 99) + pong(99) + reply(-8, 99), 1.1)
    assert [type(event) for event in events] == [WatchFired, ReplyReceived]
    assert protocol.last_zxid == 5
    # and a smaller one in them is no fault
    assert isinstance(protocol.receive_data(notification(3, "/a", 2), 1.2)[0], WatchFired)


def test_a_zxid_that_goes_back_is_a_fault():
    protocol = submitted(active(last_zxid=0x10), "/a", "/b")
    events = protocol.receive_data(reply(1, 0x10, -101) + reply(2, 0xF, -101), 0.1)
    assert [event.ticket for event in events[:-1]] == ["/a"]
    assert fault_in(events).reason == "zxid went back from 0x10 to 0xf"
    assert protocol.give_up() == [("/b", Outcome.UNKNOWN)]


# --- what comes between replies ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected"), [*((int(kind), kind) for kind in EventType), (5, 5), (-1, -1), (99, 99)]
)
def test_a_notification_is_an_event(kind, expected):
    (event,) = active().receive_data(notification(kind, "/a", 12), 0.1)
    assert event == WatchFired(WatchEvent(expected, "/a", 12))
    assert type(event.event.type) is type(expected)


def test_the_event_of_an_own_write_comes_before_its_reply():
    protocol = active()
    protocol.submit(requests.set_data("/a", b"", -1), "set")
    protocol.data_to_send(0.0)
    events = protocol.receive_data(notification(3, "/a") + reply(1, 3, 0, STAT_BODY), 0.1)
    assert [type(event) for event in events] == [WatchFired, ReplyReceived]


def test_a_notification_without_a_path_is_a_fault():
    assert "path is null" in fault_in(active().receive_data(notification(3, None), 0.1)).reason


def test_a_notification_cut_short_is_a_fault():
    body = records.REPLY_HEADER.build(-1, -1, 0) + bytes(11)
    error = fault_in(active().receive_data(framed(body), 0.1))
    assert error.reason.startswith("WatcherEvent.")
    assert error.offset == 41 + 4 + 16


def test_a_pong_may_overtake_and_be_overtaken():
    protocol = active()
    for order in ([pong(), reply(1, 1, -101)], [reply(2, 1, -101), pong()]):
        now = protocol.next_deadline()
        protocol.submit(get("/a"), "a")
        assert protocol.handle_timer(now)
        assert frames_of(protocol.data_to_send(now))[1] == PING_FRAME[4:]
        events = protocol.receive_data(b"".join(order), now)
        assert [event.ticket for event in events] == ["a"]


def test_a_pong_that_nobody_asked_for_is_a_fault():
    protocol = active()
    assert protocol.handle_timer(1.0)  # queued, not sent
    assert fault_in(protocol.receive_data(pong(), 1.0)).reason.endswith("where none is open")


def test_watches_set_again_are_answered_outside_the_order():
    protocol = submitted(active(), "/a")
    protocol.submit(requests.set_watches(5, {WatchKind.DATA: ["/w"]}), "first")
    protocol.submit(requests.set_watches(5, {WatchKind.DATA: ["/x"]}), "second")
    assert [body[:4].hex() for body in frames_of(protocol.data_to_send(0.0))] == ["fffffff8"] * 2
    events = protocol.receive_data(reply(-8) + reply(-8, 1, -5) + reply(1, 1, -101), 0.1)
    assert [event.ticket for event in events] == ["first", "second", "/a"]
    assert events[0].error is None
    assert events[1].error.code == -5


@pytest.mark.parametrize("xid", [0, -3, -4, -8, -(2**31)])
def test_a_special_number_under_which_nothing_is_open_is_a_fault(xid):
    protocol = submitted(active(), "/a")
    error = fault_in(protocol.receive_data(reply(xid), 0.1))
    assert error.reason == f"a reply with xid {xid}, under which nothing is open"


# --- refused here -----------------------------------------------------------------------------

_ACL = [Acl(31, Identity("world", "anyone"))]


def _untouched(protocol: ZkProtocol) -> None:
    assert protocol.data_to_send(0.0) == b""
    assert protocol.in_flight == 0
    protocol.submit(get(), None)
    (body,) = frames_of(protocol.data_to_send(0.0))
    assert body[:4] == b"\0\0\0\x01", "no number was used up"


def test_a_request_over_the_servers_limit_is_refused_and_the_largest_is_not():
    protocol = active(max_outbound_frame=1000)
    overhead = 8 + 4 + 2 + 4 + 4
    with pytest.raises(InvalidArgument) as caught:
        protocol.submit(requests.set_data("/a", bytes(1000 - overhead + 1), -1), None)
    assert str(caught.value) == (
        "set_data /a: the request takes 1001 bytes, where servers accept 1000 (jute.maxbuffer)"
    )
    _untouched(protocol)
    protocol.submit(requests.set_data("/a", bytes(1000 - overhead), -1), None)
    (body,) = frames_of(protocol.data_to_send(0.0))
    assert len(body) == 1000


def test_text_that_has_no_utf8_is_refused():
    protocol = active()
    with pytest.raises(InvalidArgument, match="get_ephemerals: 'utf-8' codec can't encode"):
        protocol.submit(requests.get_ephemerals("/\ud800"), None)
    _untouched(protocol)


# --- the end ----------------------------------------------------------------------------------


def test_a_session_is_closed_in_order():
    protocol = submitted(active(), "/a")
    protocol.close("bye")
    assert protocol.state is State.CLOSING
    with pytest.raises(LocalProtocolError, match="connection is closing"):
        protocol.submit(get(), None)
    with pytest.raises(LocalProtocolError, match="'close' cannot happen"):
        protocol.close("again")
    assert frames_of(protocol.data_to_send(0.2)) == [bytes.fromhex("00000002fffffff5")]
    events = protocol.receive_data(reply(1, 1, -101) + notification(2, "/e") + reply(2, 4), 0.3)
    assert [type(event) for event in events] == [ReplyReceived, WatchFired, SessionClosed]
    assert protocol.state is State.CLOSED
    assert protocol.last_zxid == 4
    assert protocol.give_up() == []
    assert protocol.state is State.CLOSED


def test_a_close_that_the_server_refuses_is_a_reply_like_others():
    protocol = active()
    protocol.close("bye")
    protocol.data_to_send(0.2)
    (event,) = protocol.receive_data(reply(1, 1, -127), 0.3)
    assert (event.ticket, type(event.error)) == ("bye", Throttled)
    assert protocol.state is State.CLOSING


def test_what_becomes_of_each_abandoned_request():
    protocol = submitted(active(), "/answered", "/written")
    protocol.submit(requests.set_watches(1, {WatchKind.DATA: ["/w"]}), "watches")
    protocol.data_to_send(0.0)
    protocol.submit(get(), "queued")
    protocol.receive_data(reply(1, 1, -101), 0.1)
    assert protocol.give_up() == [
        ("/written", Outcome.UNKNOWN),
        ("queued", Outcome.NOT_SENT),
        ("watches", Outcome.UNKNOWN),
    ]
    assert protocol.is_dead
    assert protocol.give_up() == [], "nobody is told twice"
    assert protocol.data_to_send(0.2) == b"", "nothing goes out any more"
    assert protocol.in_flight == 0
    with pytest.raises(LocalProtocolError, match="connection is dead"):
        protocol.submit(get(), None)


@settings(deadline=None)
@given(steps=st.lists(st.sampled_from("swr"), max_size=30))
def test_every_request_has_one_fate(steps):
    protocol = active()
    made, written, answered = 0, 0, []
    for step in steps:
        if step == "s":
            made += 1
            protocol.submit(get(), made)
        elif step == "w":
            protocol.data_to_send(0.0)
            written = made
        elif len(answered) < written:
            (event,) = protocol.receive_data(reply(len(answered) + 1, 1, -101), 0.0)
            answered.append(event.ticket)
    assert answered == list(range(1, len(answered) + 1))
    assert protocol.give_up() == [
        (ticket, Outcome.UNKNOWN if ticket <= written else Outcome.NOT_SENT)
        for ticket in range(len(answered) + 1, made + 1)
    ]


def test_the_end_of_the_stream_between_frames_is_no_fault_and_inside_one_is():
    protocol = active()
    assert protocol.receive_eof() is None
    protocol.receive_data(b"\x00\x00", 0.1)
    error = protocol.receive_eof()
    assert str(error) == "the stream ends inside a frame (at byte 41)"


# --- time -------------------------------------------------------------------------------------


def test_a_ping_goes_out_whenever_a_sixth_of_the_timeout_passed_without_a_write():
    protocol = active()
    assert protocol.next_deadline() == 1.0
    assert protocol.handle_timer(0.9)
    assert protocol.data_to_send(0.9) == b""
    assert protocol.handle_timer(1.0)
    assert protocol.data_to_send(1.0) == PING_FRAME
    assert protocol.next_deadline() == 2.0
    assert protocol.handle_timer(2.0)
    assert protocol.data_to_send(2.0) == PING_FRAME, "whether or not the first is answered"
    assert protocol.receive_data(pong() + pong(), 2.1) == []
    assert protocol.liveness.last_contact == 2.0
    submitted(protocol, "/a", now=2.5)
    assert protocol.next_deadline() == 3.5, "a request will do as well"


def test_a_server_is_silent_however_much_is_sent():
    protocol = active()
    for step in range(1, 27):
        submitted(protocol, "/a", now=step / 10)
        assert protocol.handle_timer(step / 10)
    assert not protocol.handle_timer(2.7)


def test_half_a_frame_is_no_sign_of_life():
    protocol = submitted(active(), "/a")
    answer = reply(1, 1, -101)
    for at, byte in enumerate(answer[:-1]):
        protocol.receive_data(bytes([byte]), 1.0 + at / 100)
    assert protocol.liveness.last_received == 0.0
    protocol.receive_data(answer[-1:], 1.5)
    assert protocol.liveness.last_received == 1.5


def test_a_notification_is_a_sign_of_life_and_no_answer():
    protocol = submitted(active(), "/a", now=0.5)
    protocol.receive_data(notification(3, "/b"), 1.0)
    assert protocol.liveness.last_received == 1.0
    assert protocol.liveness.last_contact == 0.0


def test_frames_before_a_fault_are_a_sign_of_life():
    protocol = submitted(active(), "/a", now=0.5)
    protocol.receive_data(reply(1, 1, -101) + reply(7), 1.0)
    assert (protocol.liveness.last_received, protocol.liveness.last_contact) == (1.0, 0.5)


def test_no_ping_falls_due_while_closing():
    protocol = active()
    protocol.close("bye")
    protocol.data_to_send(0.1)
    # A deadline in the past would make its sleeper spin, and never read the reply.
    assert protocol.next_deadline() == pytest.approx(2.7)
    assert protocol.handle_timer(1.5)
    assert protocol.next_deadline() == pytest.approx(2.7)
    assert protocol.data_to_send(1.5) == b""
    assert not protocol.handle_timer(2.7)


@settings(deadline=None)
@given(steps=st.lists(st.tuples(st.floats(0, 0.4), st.sampled_from(["submit", "write", "read"]))))
def test_last_contact_is_when_the_last_answered_request_was_written(steps):
    protocol = active(timeout_ms=60_000)
    now, unsent, sent_at, answered = 0.0, 0, [], 0
    for elapsed, step in steps:
        now += elapsed
        if step == "submit":
            protocol.submit(get(), None)
            unsent += 1
        elif step == "write":
            protocol.data_to_send(now)
            sent_at += [now] * unsent
            unsent = 0
        elif answered < len(sent_at):
            answered += 1
            protocol.receive_data(reply(answered, 1, -101), now)
        expected = sent_at[answered - 1] if answered else 0.0
        assert protocol.liveness.last_contact == expected


# --- any bytes at all -------------------------------------------------------------------------

SESSION = [
    framed(connect_reply()),
    reply(1, 3, 0, DATA_BODY),
    notification(1, "/a"),
    reply(2, 3, -101),
    notification(4, "/"),
    reply(3, 4, 0, DATA_BODY + b"later"),
    reply(4, 5, 0),
]


def _replayed(chunks: list[bytes]) -> list[str]:
    protocol = ZkProtocol(session_timeout=6.0, now=0.0)
    protocol.data_to_send(0.0)
    texts = []
    for chunk in chunks:
        for event in protocol.receive_data(chunk, 0.0):
            texts.append(f"{event!r} {getattr(event, 'error', None)!r}")
            if isinstance(event, SessionOpened):
                for path in ("/a", "/b", "/c"):
                    protocol.submit(get(path), path)
                protocol.close("bye")
                protocol.data_to_send(0.0)
    texts.append(protocol.state.value)
    return texts


@settings(deadline=None)
@given(
    cuts=st.lists(st.integers(0, 600), max_size=12),
    damage=st.none() | st.tuples(st.integers(0, 600), st.integers(0, 255)),
)
def test_events_do_not_depend_on_chunking(cuts, damage):
    handshake, *others = SESSION  # requests go out only when it is answered
    stream = bytearray(b"".join(others))
    if damage is not None:
        stream[damage[0] % len(stream)] = damage[1]
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    chunks = [bytes(stream[i:j]) for i, j in pairwise(edges)]
    assert _replayed([handshake, *chunks]) == _replayed([handshake, bytes(stream)])


def test_the_session_that_is_replayed_is_a_good_one():
    texts = _replayed(SESSION)
    assert len(texts) == 8
    assert texts[-1] == "closed"
    assert not any("PeerFailed" in text for text in texts)


FRAMES = st.one_of(
    st.binary(max_size=60),
    st.binary(max_size=60).map(framed),
    st.sampled_from(SESSION),
    st.builds(
        reply,
        st.sampled_from([-(2**31), -8, -4, -2, -1, 0, 1, 2, 3, 4, 5, 2**31 - 1]),
        st.sampled_from([-1, 0, 1, 2, 2**62]),
        st.sampled_from([0, 0, 0, -101, -5, 1, -(2**31)]),
        st.binary(max_size=90) | st.just(DATA_BODY),
    ),
)


@settings(deadline=None, max_examples=300)
@given(start=st.sampled_from(State), chunks=st.lists(FRAMES, max_size=6))
def test_garbage_never_raises(start, chunks):
    """``receive_data`` returns events whatever comes; after a fault it returns none."""
    protocol = ZkProtocol(session_timeout=6.0, now=0.0)
    protocol.data_to_send(0.0)
    if start is not State.CONNECTING:
        protocol = submitted(active(), "/a", "/b")
        protocol.submit(requests.set_watches(1, {WatchKind.DATA: ["/w"]}), "watches")
        protocol.data_to_send(0.0)
    if start is State.AUTHENTICATING:
        protocol = active(authenticates=True)
        protocol.submit(requests.sasl(b"token"), "sasl")
        protocol.data_to_send(0.0)
    if start in {State.CLOSING, State.CLOSED}:
        protocol.close("bye")
        protocol.data_to_send(0.0)
    if start is State.CLOSED:
        protocol.receive_data(reply(1, 1, -101) + reply(2, 1, -101) + reply(3), 0.0)
    if start is State.DEAD:
        protocol.give_up()
    assert protocol.state is start
    received = 0
    for chunk in chunks:
        was_dead = protocol.is_dead
        events = protocol.receive_data(chunk, 0.0)
        received += len(chunk)
        assert not (was_dead and events)
        for event in events[:-1]:
            assert not isinstance(event, PeerFailed | HandshakeFailed)
        if events and isinstance(events[-1], PeerFailed):
            assert protocol.state in {State.DEAD, State.CLOSED}
            if start not in {State.CLOSED, State.CLOSING}:
                assert 0 <= events[-1].error.offset <= received + 41
    protocol.receive_eof()
    protocol.give_up()
