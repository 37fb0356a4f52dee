"""Invariant: whatever bytes come in, events come out, and every ticket has one outcome, in order.

Input: how the connection is opened, then a list of what the client and the server do
(see ``ACTIONS``).  Besides: no reply is matched to a request that was not sent, a good
reply to the oldest request is always taken, ``last_zxid`` never falls, nothing follows
a fault, times only move forward, and what is written is what was submitted.
"""

from __future__ import annotations

from collections.abc import Callable

from fuzz.harness import Reader, fuzz, instrument_derived, instrumented

with instrumented(__name__, ["zkwire._jute._malformed", "zkwire._proto"]):
    from fuzz.exchanges import (
        REQUESTS,
        SESSION,
        SPECIAL,
        connect_reply,
        framed,
        reply,
    )
    from fuzz.observed import Observed
    from zkwire._errors import (
        InvalidArgument,
        InvalidArgumentType,
        LocalProtocolError,
        RemoteProtocolError,
    )
    from zkwire._jute import records
    from zkwire._models import Acl, Identity
    from zkwire._proto import _multi as multi
    from zkwire._proto import _requests as build
    from zkwire._proto._events import (
        PeerFailed,
        ReplyReceived,
    )
    from zkwire._proto._operations import SASL
    from zkwire._proto._protocol import MAX_XID
    from zkwire._proto._request import Request
    from zkwire._proto._state import State
    from zkwire._types import CreateMode


class Conversation(Observed):
    """What a client and a server can do."""

    def __init__(self, choices: Reader) -> None:
        how = choices.byte()
        super().__init__(choices, how)
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
