import itertools

import pytest

from coordinator import State
from coordinator._state import LEADS_TO, TERMINAL
from coordinator._status import Epochs, Status

# Written out again, by what the states mean, and not taken from the table under test.
ALLOWED = {
    ("connecting", "connected"),
    ("connecting", "read-only"),
    ("connecting", "authentication failed"),
    ("connecting", "closed"),
    ("connected", "suspended"),
    ("connected", "expired"),
    ("connected", "authentication failed"),
    ("connected", "closed"),
    ("read-only", "suspended"),
    ("read-only", "expired"),
    ("read-only", "authentication failed"),
    ("read-only", "closed"),
    ("suspended", "connected"),
    ("suspended", "read-only"),
    ("suspended", "lost"),
    ("suspended", "expired"),
    ("suspended", "authentication failed"),
    ("suspended", "closed"),
    ("lost", "connected"),
    ("lost", "read-only"),
    ("lost", "expired"),
    ("lost", "authentication failed"),
    ("lost", "closed"),
    ("expired", "connecting"),
    ("expired", "closed"),
}

WAYS = {
    State.CONNECTING: [],
    State.CONNECTED: [State.CONNECTED],
    State.READ_ONLY: [State.READ_ONLY],
    State.SUSPENDED: [State.CONNECTED, State.SUSPENDED],
    State.LOST: [State.CONNECTED, State.SUSPENDED, State.LOST],
    State.EXPIRED: [State.CONNECTED, State.EXPIRED],
    State.AUTH_FAILED: [State.AUTH_FAILED],
    State.CLOSED: [State.CLOSED],
}


@pytest.mark.parametrize(("state", "following"), list(itertools.product(State, State)))
async def test_every_pair(state, following):
    status = Status()
    for step in WAYS[state]:
        status.move(step)
    reader = status.log.read()
    if (state.value, following.value) in ALLOWED:
        status.move(following)
        assert status.state is following
        transition = await anext(reader)
        assert (transition.previous, transition.state) == (state, following)
        return
    epochs = {name: getattr(status.epochs, name).event for name in Epochs.__slots__}
    turned = {name for name, event in epochs.items() if event.is_set()}
    with pytest.raises(RuntimeError, match=f"'{following.value}' cannot follow '{state.value}'"):
        status.move(following)
    assert status.state is state
    assert epochs == {name: getattr(status.epochs, name).event for name in Epochs.__slots__}
    assert turned == {name for name, event in epochs.items() if event.is_set()}


def test_every_state_has_a_row_and_terminal_ones_lead_nowhere():
    assert set(LEADS_TO) == set(State)
    assert {state for state, following in LEADS_TO.items() if not following} == TERMINAL


def test_a_coordinator_can_be_left_in_every_state_that_is_not_terminal():
    assert all(State.CLOSED in LEADS_TO[state] for state in set(State) - TERMINAL)
