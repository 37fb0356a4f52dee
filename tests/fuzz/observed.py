"""A connection under observation: whatever the server sends is checked against what is known."""

from __future__ import annotations

from collections import deque

from fuzz.exchanges import KNOWN, MAX_FRAME, SPECIAL_OPERATIONS
from fuzz.harness import Reader
from zkwire._errors import Outcome, RemoteProtocolError
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


class Observed:
    """One connection, and beside it what must be true of it."""

    def __init__(self, choices: Reader, how: int) -> None:
        self.choices = choices
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

    @property
    def is_open(self) -> bool:
        return self.protocol.state in (State.AUTHENTICATING, State.ACTIVE, State.CLOSING)

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
