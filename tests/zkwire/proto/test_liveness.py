from __future__ import annotations

import math
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkwire._proto._liveness import PING_FRACTION, SILENCE_FRACTION, Liveness

T = 6.0
PING = T * PING_FRACTION
SILENCE = T * SILENCE_FRACTION
NOW = 1000.0


def opened(now: float = 0.0) -> Liveness:
    live = Liveness(handshake_limit=T, now=now)
    live.sent(now, requests_before=0)
    live.received(now, requests_answered=0)
    live.opened(T)
    return live


def test_the_fractions():
    assert PING == 1.0
    assert pytest.approx(2.7) == SILENCE


def test_before_the_session_there_is_only_the_limit_of_the_handshake():
    live = Liveness(handshake_limit=3.0, now=10.0)
    assert live.next_deadline() == 13.0
    assert not live.ping_is_due(12.9)
    assert not live.is_silent(12.9, owes_answers=True)
    assert live.is_silent(13.0, owes_answers=True)


def test_a_ping_is_due_a_sixth_of_the_timeout_after_the_last_write():
    live = opened()
    assert live.next_deadline() == 1.0
    assert not live.ping_is_due(0.999)
    live.sent(0.5, requests_before=0)
    assert live.next_deadline() == 1.5
    assert not live.ping_is_due(1.499)
    assert live.ping_is_due(1.5)


@given(st.floats(0.01, 100.0), st.floats(0.0, 1e6))
def test_a_ping_is_due_at_an_instant_that_others_share_and_never_late(timeout, now):
    live = Liveness(handshake_limit=timeout, now=now)
    live.opened(timeout)
    live.sent(now, requests_before=0)
    live.received(now, requests_answered=0)
    due = live.next_deadline()
    assert timeout * (1 / 6 - 1 / 384) <= due - now + 1e-9 <= timeout / 6 + 2e-9
    assert live.ping_is_due(due)


def test_connections_ping_at_instants_that_they_share():
    instants = set()
    for began in range(1000):
        live = opened(began / 1000)
        instants.add(live.next_deadline())
    assert len(instants) <= 65


def test_one_ping_is_queued_at_a_time():
    live = opened()
    assert live.ping_is_due(1.0)
    assert live.next_deadline() == 2.0
    assert not live.ping_is_due(2.0), "the writer is stuck, and the ping with it"
    assert live.next_deadline() == SILENCE
    live.sent(2.2, requests_before=0)
    assert live.ponged(NOW)
    assert not live.ponged(NOW)


def test_pings_do_not_wait_for_their_answers():
    """A lease relies on the gap between writes; a slow server must not widen it."""
    live = opened()
    assert live.ping_is_due(1.0)
    live.sent(1.1, requests_before=0)
    assert not live.ping_is_due(2.0)
    assert live.ping_is_due(1.1 + PING)
    live.sent(2.2, requests_before=0)
    assert live.ponged(NOW)
    assert live.last_contact == 1.1, "the oldest is answered first"
    assert live.ponged(NOW)
    assert live.last_contact == 2.2
    assert not live.ponged(NOW)


def test_a_pong_needs_a_ping_that_was_sent():
    live = opened()
    assert not live.ponged(NOW)
    assert live.ping_is_due(1.0)
    assert not live.ponged(NOW), "queued, but not sent"
    live.sent(1.1, requests_before=0)
    assert live.ponged(NOW)
    assert not live.ponged(NOW), "answered already"


def test_silence_is_counted_from_what_comes_in_and_from_nothing_else():
    live = opened()
    for step in range(1, 28):
        live.sent(step / 10, requests_before=step)
        live.ping_is_due(step / 10)
    assert live.silence_deadline == SILENCE
    assert not live.is_silent(math.nextafter(SILENCE, 0), owes_answers=True)
    assert live.is_silent(SILENCE, owes_answers=True)
    live.received(2.6, requests_answered=1)
    assert live.last_received == 2.6
    assert not live.is_silent(2.6 + SILENCE - 0.001, owes_answers=True)
    assert live.is_silent(2.6 + SILENCE, owes_answers=True)


def test_last_contact_is_the_send_time_of_the_last_answered_request():
    live = opened()
    live.sent(1.0, requests_before=0)  # requests 1 and 2
    live.sent(2.0, requests_before=2)  # request 3
    live.sent(3.0, requests_before=3)  # request 4
    assert live.last_contact == 0.0
    live.received(5.0, requests_answered=1)
    assert live.last_contact == 1.0
    live.received(5.1, requests_answered=2)
    assert live.last_contact == 1.0
    live.received(5.2, requests_answered=4)
    assert live.last_contact == 3.0


def test_last_contact_counts_a_ping_from_its_sending():
    live = opened()
    assert live.ping_is_due(1.0)
    live.sent(1.5, requests_before=0)
    live.received(2.5, requests_answered=0)
    assert live.last_contact == 0.0
    assert live.ponged(NOW)
    assert live.last_contact == 1.5


def test_last_contact_never_goes_back():
    live = opened()
    assert live.ping_is_due(1.0)
    live.sent(1.0, requests_before=0)
    live.sent(2.0, requests_before=0)  # request 1
    live.received(3.0, requests_answered=1)
    assert live.ponged(NOW), "the ping's answer comes late"
    assert live.last_contact == 2.0


def test_a_write_without_a_request_is_not_taken_for_the_one_that_had_it():
    live = opened()
    live.sent(1.0, requests_before=0)  # request 1
    live.sent(2.0, requests_before=1)  # a ping alone
    live.received(3.0, requests_answered=1)
    assert live.last_contact == 1.0
    live.sent(4.0, requests_before=1)  # request 2
    live.received(5.0, requests_answered=2)
    assert live.last_contact == 4.0


def test_weeks_of_pings_take_no_memory():
    live = opened()

    def idle(rounds: int, now: float) -> float:
        for _ in range(rounds):
            now += PING
            assert live.ping_is_due(now)
            live.sent(now, requests_before=0)
            live.received(now, requests_answered=0)
            assert live.ponged(NOW)
        return now

    now = idle(10, 0.0)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        now = idle(5000, now)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 16 * 1024
    assert live.last_contact == now


STEPS = st.lists(
    st.tuples(
        st.floats(0, 2, allow_nan=False),
        st.sampled_from(["look", "sent", "received", "ponged", "request"]),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(steps=STEPS)
def test_a_deadline_is_never_earlier_than_the_one_promised_before(steps):
    live = opened()
    now = 0.0
    promised = live.next_deadline()
    requests = answered = 0
    for elapsed, step in steps:
        now += elapsed
        match step:
            case "look":
                live.ping_is_due(now)
            case "sent":
                live.sent(now, requests_before=requests)
            case "request":
                live.sent(now, requests_before=requests)
                requests += 1
            case "received":
                answered = min(requests, answered + 1)
                live.received(now, requests_answered=answered)
            case _:
                live.ponged(NOW)
        assert live.next_deadline() >= promised
        promised = live.next_deadline()
        assert promised <= live.silence_deadline
        if step == "look" and not live.is_silent(now, owes_answers=True):
            assert promised > now, "a sleeper that has just looked would spin"


@settings(deadline=None)
@given(steps=STEPS)
def test_no_ping_is_later_than_promised(steps):
    """Whoever looks at each deadline never leaves a sixth without a write."""
    live = opened()
    now = last_sent = 0.0
    for elapsed, step in steps:
        upto = now + elapsed
        while live.next_deadline() <= upto:
            now = max(now, live.next_deadline())
            live.received(now, requests_answered=0)  # a healthy server
            if live.ping_is_due(now):
                assert now - last_sent <= PING + 1e-9
                live.sent(now, requests_before=0)
                live.ponged(NOW)
                last_sent = now
        now = upto
        if step in {"sent", "request"}:
            live.sent(now, requests_before=0)
            last_sent = now


# --- what the server is known to have received, and by when ---------------------------------------


def test_a_contact_counts_from_the_instant_at_which_its_answer_had_come():
    live = opened(now=10.0)
    assert live.handshake_sent == 10.0
    live.sent(11.0, requests_before=0)
    live.received(11.5, requests_answered=1)
    live.sent(12.0, requests_before=1)
    live.received(12.75, requests_answered=2)
    assert live.contacts.known_by(9.0) == -math.inf
    assert live.contacts.known_by(11.4) == 10.0
    assert live.contacts.known_by(11.5) == 11.0
    assert live.contacts.known_by(12.7) == 11.0
    assert live.contacts.known_by(99.0) == 12.0


def test_a_ping_is_a_contact_once_it_is_answered():
    live = opened()
    live.received(0.5, requests_answered=0)
    assert live.ping_is_due(1.0)
    live.sent(1.0, requests_before=0)
    assert live.contacts.known_by(1.0) == 0.0
    live.ponged(NOW)
    live.received(1.2, requests_answered=0)
    assert live.contacts.known_by(1.2) == 1.0


def test_the_contacts_of_a_busy_connection_reach_back_for_a_timeout():
    live = opened()
    for step in range(1, 100_000):
        now = step / 1000
        live.sent(now, requests_before=step - 1)
        live.received(now, requests_answered=step)
    asked = now - T
    assert asked - T / 24 - 0.002 <= live.contacts.known_by(asked) <= asked


def test_the_round_trip_of_a_ping_is_measured_from_its_sending():
    live = opened()
    assert live.ping_is_due(PING)
    live.sent(PING + 0.5, requests_before=0)
    assert live.ponged(PING + 0.75)
    assert (live.pings_answered, live.last_ping_seconds) == (1, 0.25)


# --- a client that has slept -----------------------------------------------------------------


def test_a_server_that_owes_no_answer_is_asked_before_it_is_called_silent():
    live = opened()
    now = 0.9 * T  # nothing ran since the last answer, not even the ping
    assert not live.is_silent(now, owes_answers=False)
    assert live.ping_is_due(now)
    live.sent(now, requests_before=0)
    deadline = now + SILENCE - PING
    assert live.silence_deadline == pytest.approx(deadline)
    assert not live.is_silent(deadline - 0.01, owes_answers=False)
    assert live.is_silent(deadline + 0.01, owes_answers=False)


@pytest.mark.parametrize("owing", ["request", "ping", "queued ping"])
def test_a_server_that_owes_an_answer_has_no_such_excuse(owing):
    live = opened()
    if owing != "request":
        assert live.ping_is_due(PING)
    if owing == "ping":
        live.sent(PING, requests_before=0)
    assert live.is_silent(0.9 * T, owes_answers=owing == "request")


def test_before_the_session_the_server_owes_the_handshake():
    live = Liveness(handshake_limit=T, now=0.0)
    assert live.is_silent(T, owes_answers=False)
