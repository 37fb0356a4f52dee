"""A connection that goes through a SASL exchange before anything else."""

from __future__ import annotations

import pytest

from server_frames import active, frames_of, reply
from zkwire._errors import LocalProtocolError
from zkwire._jute import records
from zkwire._proto import _requests as requests
from zkwire._proto._state import State
from zkwire._types import OpCode, SpecialXid

TIMEOUT = 6.0
PING_DUE, SILENT = TIMEOUT / 6, TIMEOUT * 0.45


def authenticating():
    protocol = active(timeout_ms=6000, authenticates=True)
    assert protocol.state is State.AUTHENTICATING
    return protocol


def opcodes(sent):
    return [int.from_bytes(frame[4:8], "big", signed=True) for frame in frames_of(sent)]


def answered(protocol, xid, now, token=b"challenge"):
    body = records.SET_SASL_RESPONSE.build(token)
    (event,) = protocol.receive_data(reply(xid, body=body), now)
    return event


def test_without_sasl_it_is_active_at_once():
    assert active().state is State.ACTIVE


def test_tokens_go_out_and_come_back():
    protocol = authenticating()
    protocol.submit(requests.sasl(b"token"), "first")
    assert opcodes(protocol.data_to_send(0.0)) == [OpCode.SASL]
    event = answered(protocol, 1, 0.1)
    assert (event.ticket, event.value, event.error) == ("first", b"challenge", None)
    assert protocol.state is State.AUTHENTICATING


@pytest.mark.parametrize(
    "request_",
    [requests.get_data("/a"), requests.auth("digest", b"a:b"), requests.close_session()],
    ids=lambda each: each.operation.name,
)
def test_nothing_else_is_let_out(request_):
    protocol = authenticating()
    with pytest.raises(LocalProtocolError, match="connection is authenticating"):
        protocol.submit(request_, None)
    with pytest.raises(LocalProtocolError, match="cannot happen"):
        protocol.close(None)
    assert protocol.data_to_send(0.0) == b""


def test_pings_are_held_back_until_it_is_over():
    protocol = authenticating()
    protocol.submit(requests.sasl(b"token"), None)
    protocol.data_to_send(0.0)
    assert protocol.next_deadline() == SILENT
    for now in (PING_DUE, PING_DUE * 2):
        assert protocol.handle_timer(now)
        assert protocol.data_to_send(now) == b""
    answered(protocol, 1, PING_DUE * 2)
    protocol.authenticated()
    assert protocol.next_deadline() == PING_DUE, "the one that was held back is due"
    assert protocol.handle_timer(PING_DUE * 2)
    (ping,) = frames_of(protocol.data_to_send(PING_DUE * 2))
    assert ping == records.REQUEST_HEADER.build(SpecialXid.PING, OpCode.PING)


def test_the_servers_silence_is_noticed_all_the_same():
    protocol = authenticating()
    protocol.submit(requests.sasl(b"token"), None)
    protocol.data_to_send(0.0)
    assert protocol.handle_timer(SILENT - 0.01)
    assert not protocol.handle_timer(SILENT)


def test_afterwards_it_is_a_connection_like_any_other():
    protocol = authenticating()
    protocol.authenticated()
    protocol.submit(requests.get_data("/a"), None)
    assert opcodes(protocol.data_to_send(0.0)) == [OpCode.GET_DATA]
    with pytest.raises(LocalProtocolError):
        protocol.authenticated()


def test_what_is_lost_with_it_is_reported():
    protocol = authenticating()
    protocol.submit(requests.sasl(b"token"), "ticket")
    protocol.data_to_send(0.0)
    assert [ticket for ticket, _ in protocol.give_up()] == ["ticket"]
    assert protocol.is_dead
