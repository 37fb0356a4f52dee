"""Invariant: whatever bytes come in, events come out, and every ticket has one outcome, in order.

Input: how the connection is opened, then a list of what the client and the server do
(see ``ACTIONS``).  Besides: no reply is matched to a request that was not sent, a good
reply to the oldest request is always taken, ``last_zxid`` never falls, nothing follows
a fault, times only move forward, and what is written is what was submitted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from fuzz.harness import Reader, fuzz, instrument_derived, instrumented

with instrumented(__name__, ["zkwire._jute._malformed", "zkwire._proto"]):
    from zkwire._errors import (
        InvalidArgument,
        InvalidArgumentType,
        LocalProtocolError,
        Outcome,
        RemoteProtocolError,
    )
    from zkwire._jute import records
    from zkwire._models import OPEN_ACL_UNSAFE, Acl, Identity, SessionCredentials, Stat
    from zkwire._proto import _multi as multi
    from zkwire._proto import _requests as build
    from zkwire._proto._events import (
        HandshakeFailed,
        PeerFailed,
        ReplyReceived,
        SessionClosed,
        SessionOpened,
        WatchFired,
    )
    from zkwire._proto._operations import AUTH, SASL, SET_WATCHES
    from zkwire._proto._protocol import MAX_XID, ZkProtocol
    from zkwire._proto._request import Request
    from zkwire._proto._state import State
    from zkwire._types import CreateMode, WatcherType, WatchKind

SESSION = 0x0100_0000_0000_0001
KNOWN = SessionCredentials(id=SESSION, password=bytes(16))
STAT = Stat(*range(1, 12))
MAX_FRAME = 1024

_stat = records.EXISTS_RESPONSE.encode(STAT)
_path = records.CREATE_RESPONSE.encode("/a")
_texts = records.GET_CHILDREN_RESPONSE.encode(["a", "b"])
_header = records.MULTI_HEADER.encode
_end = _header(-1, True, -1)
_results = b"".join([_header(2, False, 0), _header(5, False, 0), _stat, _end])

WRITES = [multi.Delete("/a"), multi.SetData("/b", b"x")]
READS = [multi.GetData("/a"), multi.GetChildren("/b")]

# What a client asks for, and the body of a good answer.
REQUESTS: list[tuple[Callable[[], Request], bytes]] = [
    (lambda: build.get_data("/a", watch=True), records.GET_DATA_RESPONSE.encode(b"x", STAT)),
    (lambda: build.exists("/a"), _stat),
    (lambda: build.create("/a", b"", CreateMode.EPHEMERAL, OPEN_ACL_UNSAFE, None), _path),
    (lambda: build.create2("/a", b"", CreateMode.CONTAINER, OPEN_ACL_UNSAFE, None), _path + _stat),
    (lambda: build.set_data("/a", None, -1), _stat),
    (lambda: build.delete("/a", -1), b""),
    (lambda: build.get_children("/a"), _texts),
    (lambda: build.get_children2("/a"), _texts + _stat),
    (lambda: build.get_acl("/a"), records.GET_ACL_RESPONSE.encode(list(OPEN_ACL_UNSAFE), STAT)),
    (lambda: build.set_acl("/a", OPEN_ACL_UNSAFE, -1), _stat),
    (lambda: build.multi(WRITES), _results),
    (
        lambda: build.multi_read(READS),
        _header(-1, False, -101) + b"\xff\xff\xff\x9b" + _header(8, False, 0) + _texts + _end,
    ),
    (lambda: build.sync("/a"), _path),
    (lambda: build.sasl(b"token"), records.SET_SASL_RESPONSE.encode(None)),
    (lambda: build.get_ephemerals("/"), _texts),
    (lambda: build.get_all_children_number("/"), b"\x00\x00\x00\x05"),
    (build.who_am_i, records.WHO_AM_I_RESPONSE.encode([Identity("ip", "::1")])),
    (lambda: build.add_watch("/a", recursive=True), b""),
    (lambda: build.remove_watches("/a", WatcherType.ANY), b""),
    (lambda: build.reconfig(None, ["3"], None, -1), records.GET_DATA_RESPONSE.encode(b"x", STAT)),
]
# Asked for under an xid of their own, which the answer carries.
SPECIAL: list[tuple[int, Callable[[], Request]]] = [
    (-4, lambda: build.auth("digest", b"a:b")),
    (-8, lambda: build.set_watches(0, {WatchKind.DATA: ["/a"]})),
]
SPECIAL_OPERATIONS = {AUTH: -4, SET_WATCHES: -8}


class Conversation:
    """One connection, and beside it what must be true of it."""

    def __init__(self, choices: Reader) -> None:
        self.choices = choices
        how = choices.byte()
        self.protocol = ZkProtocol(
            session_timeout=10.0,
            now=0.0,
            credentials=KNOWN if how & 1 else None,
            read_only=bool(how & 2),
            first_xid=MAX_XID - 1 if how & 4 else 1,
            max_inbound_frame=MAX_FRAME,
            max_outbound_frame=128,
            authenticates=bool(how & 16),
        )
        self.now = 0.0
        self.next_xid = MAX_XID - 1 if how & 4 else 1
        self.tickets = 0
        self.open: deque[tuple[int, int, bytes]] = deque()  # (ticket, xid, good answer)
        self.special: dict[int, deque[int]] = {-4: deque(), -8: deque()}
        self.unsent: list[int] = []  # the xids that wait to be written
        self.close_ticket: int | None = None
        self.is_mid_frame = False
        self.has_peer_failed = False
        self.deadline = 0.0
        if not how & 8:
            self.flush()
            self.receive(connect_reply(4000, SESSION))
            assert self.protocol.state is (State.AUTHENTICATING if how & 16 else State.ACTIVE)

    # --- what the client does ---------------------------------------------------------------

    def submit(self) -> None:
        make, answer = REQUESTS[self.choices.byte() % len(REQUESTS)]
        request = make()
        try:
            self.protocol.submit(request, self.tickets)
        except LocalProtocolError:
            assert not self.may_submit(request)
            return
        assert self.may_submit(request)
        self._ordinary(answer)

    def may_submit(self, request: Request) -> bool:
        state = self.protocol.state
        is_token = state is State.AUTHENTICATING and request.operation is SASL
        return state is State.ACTIVE or is_token

    def _ordinary(self, answer: bytes) -> None:
        self.open.append((self.tickets, self.next_xid, answer))
        self.unsent.append(self.next_xid)
        self.tickets += 1
        self.next_xid = self.next_xid % MAX_XID + 1

    def submit_special(self) -> None:
        xid, make = SPECIAL[self.choices.byte() % len(SPECIAL)]
        try:
            self.protocol.submit(make(), self.tickets)
        except LocalProtocolError:
            assert self.protocol.state is not State.ACTIVE
            return
        self.special[xid].append(self.tickets)
        self.unsent.append(xid)
        self.tickets += 1

    def submit_odd(self) -> None:
        """Text and data of any kind: taken, or refused with an argument error."""
        path, text = self.odd_text(), self.odd_text()
        data = self.choices.bytes(self.choices.byte())
        acl = [Acl(self.choices.byte(), Identity(text, text))]
        kind = self.choices.byte() % 5
        try:
            request: Request
            if kind == 0:
                request = build.multi([multi.Create("/a" + path, data, acl=acl)])
            elif kind == 1:
                mode = CreateMode.PERSISTENT_SEQUENTIAL
                request = build.create("/" + path, data, mode, acl, None)
            elif kind == 2:
                request = build.get_ephemerals(text)
            elif kind == 3:
                request = build.set_acl("/a", acl, -1)
            else:
                request = build.reconfig([text], None, None, -1)
            self.protocol.submit(request, self.tickets)
        except (InvalidArgument, InvalidArgumentType):
            return
        except LocalProtocolError:
            assert self.protocol.state is not State.ACTIVE
            return
        self._ordinary(b"")

    def odd_text(self) -> str:
        units = self.choices.bytes(self.choices.byte() % 16)
        return "".join(chr(0xD800 + unit) if unit >= 0xF0 else chr(unit) for unit in units)

    def flush(self) -> None:
        sent = self.protocol.data_to_send(self.now)
        pos = 0
        xids: list[int] = []
        while pos < len(sent):
            length = int.from_bytes(sent[pos : pos + 4], "big")
            assert 4 <= length <= 128
            xids.append(int.from_bytes(sent[pos + 4 : pos + 8], "big", signed=True))
            pos += 4 + length
        assert pos == len(sent)
        if self.protocol.state is State.CONNECTING:
            assert xids in ([], [0])
            return
        # A ping may be anywhere between them.
        assert [xid for xid in xids if xid not in (-2, 0)] == self.unsent
        self.unsent.clear()

    def authenticated(self) -> None:
        was_authenticating = self.protocol.state is State.AUTHENTICATING
        try:
            self.protocol.authenticated()
        except LocalProtocolError:
            assert not was_authenticating
            return
        assert was_authenticating
        assert self.protocol.state is State.ACTIVE

    def close(self) -> None:
        was_active = self.protocol.state is State.ACTIVE
        try:
            self.protocol.close(self.tickets)
        except LocalProtocolError:
            assert not was_active
            return
        assert was_active
        self.close_ticket = self.tickets
        self._ordinary(b"")

    def wait(self) -> None:
        """Time goes by, and the timer with it."""
        self.now += self.choices.byte() / 64
        is_alive = self.protocol.handle_timer(self.now)
        assert is_alive == (self.now < self.protocol.liveness.silence_deadline)

    # --- what the server does ---------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.protocol.state in (State.AUTHENTICATING, State.ACTIVE, State.CLOSING)

    def answer(self) -> None:
        """A good reply to the oldest request, which is always taken."""
        if not self.open:
            return
        ticket, xid, body = self.open[0]
        zxid = self.protocol.last_zxid + self.choices.byte()
        can_be = self.is_open and not self.is_mid_frame and xid not in self.unsent and bool(body)
        events = self.receive(reply(xid, zxid, 0, body))
        if can_be and ticket != self.close_ticket and zxid < 2**62:
            (event,) = events
            assert isinstance(event, ReplyReceived)
            assert (event.ticket, event.error) == (ticket, None)
            assert self.protocol.last_zxid == zxid

    def answer_anything(self) -> None:
        """A reply to the oldest request with some zxid, error, and body."""
        xid = self.open[0][1] if self.open else 1
        zxid = self.choices.number(1 + self.choices.byte() % 8)
        err = self.choices.number(1 + self.choices.byte() % 4)
        self.receive(reply(xid, zxid, err, self.choices.bytes(self.choices.byte())))

    def answer_wrongly(self) -> None:
        """A reply to any request, mostly to one near the oldest."""
        size = self.choices.byte() % 8
        xid = self.choices.number(4 if size == 4 else 1)
        if size < 4 and self.open:
            xid = min(xid + self.open[0][1], MAX_XID)
        is_wrong = xid > 0 and not (self.open and self.open[0][1] == xid)
        body = self.open[0][2] if self.open else b""
        can_be = self.is_open and not self.is_mid_frame
        events = self.receive(reply(xid, self.protocol.last_zxid, 0, body))
        if can_be and is_wrong:
            assert [type(event) for event in events] == [PeerFailed]

    def answer_special(self) -> None:
        xid = (-4, -8, -2)[self.choices.byte() % 3]
        self.receive(reply(xid, 0, -115 if self.choices.byte() & 1 else 0, b""))

    def notify(self) -> None:
        kind = self.choices.number(1)
        path = self.choices.bytes(self.choices.byte() % 16)
        length = -1 if self.choices.byte() & 1 else len(path)
        body = b"".join(number.to_bytes(4, "big", signed=True) for number in (kind, 3, length))
        self.receive(reply(-1, -1, 0, body + path))

    def handshake(self) -> None:
        timeout = self.choices.number(1 + self.choices.byte() % 4)
        self.receive(connect_reply(timeout, SESSION if self.choices.byte() & 1 else 0))

    def send_frame(self) -> None:
        self.receive(framed(self.choices.bytes(self.choices.byte())))

    def send_bytes(self) -> None:
        self.receive(self.choices.bytes(self.choices.byte()), is_whole=False)

    def hang_up(self) -> None:
        error = self.protocol.receive_eof()
        assert error is None or type(error) is RemoteProtocolError
        self.give_up()

    # --- what must be true ------------------------------------------------------------------

    def receive(self, data: bytes, *, is_whole: bool = True) -> list[object]:
        was_dead = self.protocol.is_dead or self.has_peer_failed
        zxid_before = self.protocol.last_zxid
        contact_before = self.protocol.liveness.last_contact
        cut = self.choices.byte()
        if cut & 1:  # in two parts
            middle = (cut >> 1) % (len(data) + 1)
            events = [
                *self.protocol.receive_data(data[:middle], self.now),
                *self.protocol.receive_data(data[middle:], self.now),
            ]
        else:
            events = list(self.protocol.receive_data(data, self.now))
        assert not (was_dead and events), "something follows a fault"
        for index, event in enumerate(events):
            self._check_event(event, is_last=index == len(events) - 1)
        assert self.protocol.last_zxid >= zxid_before
        assert self.protocol.in_flight == len(self.open)
        assert contact_before <= self.protocol.liveness.last_contact <= self.now
        assert self.protocol.liveness.last_received <= self.now
        if not is_whole:
            self.is_mid_frame = not self.protocol._decoder.is_between_frames
        elif not (self.is_mid_frame or self.has_peer_failed or self.protocol.is_dead):
            assert self.protocol._decoder.is_between_frames
        return events

    def _check_event(self, event: object, *, is_last: bool) -> None:
        match event:
            case ReplyReceived(request, ticket, value, error, _):
                if (xid := SPECIAL_OPERATIONS.get(request.operation)) is not None:
                    assert ticket == self.special[xid].popleft()
                    return
                expected, xid, _ = self.open.popleft()
                assert ticket == expected, "out of order"
                assert xid not in self.unsent, "an answer to what was not asked"
                assert value is None or error is None
            case SessionClosed():
                expected, xid, _ = self.open.popleft()
                assert expected == self.close_ticket
                assert xid not in self.unsent, "an answer to what was not asked"
                assert self.protocol.state is State.CLOSED or self.protocol.is_dead
            case WatchFired(event=fired):
                assert isinstance(fired.path, str)
            case SessionOpened(info=info):
                assert info.negotiated_timeout > 0
                assert self.protocol.session is info
            case HandshakeFailed():
                assert is_last
                assert self.protocol.is_dead
            case PeerFailed(error=error):
                assert is_last
                self.has_peer_failed = True
                assert type(error) is RemoteProtocolError
                assert error.offset is not None
                assert self.protocol.state in (State.DEAD, State.CLOSED)
            case _:
                raise AssertionError(f"not an event: {event!r}")

    def check_deadline(self) -> None:
        if self.protocol.state is State.ACTIVE:
            deadline = self.protocol.next_deadline()
            assert deadline >= self.deadline, "the timer went back"
            self.deadline = deadline

    def give_up(self) -> None:
        outcomes = dict(self.protocol.give_up())
        for ticket, xid, _ in self.open:
            expected = Outcome.NOT_SENT if xid in self.unsent else Outcome.UNKNOWN
            assert outcomes.pop(ticket) is expected
        for waiting in self.special.values():
            for ticket in waiting:
                del outcomes[ticket]
            waiting.clear()
        assert not outcomes, "an outcome of something that has one"
        self.open.clear()
        self.unsent.clear()
        assert self.protocol.give_up() == []
        assert self.protocol.data_to_send(self.now) == b""
        assert self.protocol.state in (State.DEAD, State.CLOSED)


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def reply(xid: int, zxid: int, err: int, body: bytes) -> bytes:
    return framed(records.REPLY_HEADER.encode(xid, zxid, err) + body)


def connect_reply(timeout: int, session: int) -> bytes:
    return framed(records.CONNECT_RESPONSE.encode(0, timeout, session, bytes(16)) + b"\x00")


ACTIONS: list[Callable[[Conversation], None]] = [
    Conversation.submit,
    Conversation.flush,
    Conversation.answer,
    Conversation.answer_anything,
    Conversation.notify,
    Conversation.wait,
    Conversation.submit_special,
    Conversation.answer_special,
    Conversation.send_frame,
    Conversation.send_bytes,
    Conversation.answer_wrongly,
    Conversation.close,
    Conversation.submit_odd,
    Conversation.handshake,
    Conversation.hang_up,
    Conversation.authenticated,
]
MOST_ACTIONS = 64


def check(data: bytes) -> None:
    choices = Reader(data)
    conversation = Conversation(choices)
    for _ in range(MOST_ACTIONS):
        if choices.is_at_end:
            break
        ACTIONS[choices.byte() % len(ACTIONS)](conversation)
        conversation.check_deadline()
    conversation.give_up()


if __name__ == "__main__":
    instrument_derived(
        *(value.decode_from for value in vars(records).values() if hasattr(value, "decode_from"))
    )
    fuzz(check)
