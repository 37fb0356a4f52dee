from __future__ import annotations

import itertools

import pytest

from zkwire._errors import LocalProtocolError
from zkwire._proto import _state
from zkwire._proto._state import TRANSITIONS, Input, State, after

LEGAL = {
    (State.CONNECTING, Input.OPENED): State.ACTIVE,
    (State.CONNECTING, Input.REFUSED): State.DEAD,
    (State.CONNECTING, Input.FAILED): State.DEAD,
    (State.ACTIVE, Input.AUTHENTICATE): State.AUTHENTICATING,
    (State.AUTHENTICATING, Input.AUTHENTICATED): State.ACTIVE,
    (State.AUTHENTICATING, Input.FAILED): State.DEAD,
    (State.ACTIVE, Input.CLOSE): State.CLOSING,
    (State.ACTIVE, Input.FAILED): State.DEAD,
    (State.CLOSING, Input.CLOSE_REPLIED): State.CLOSED,
    (State.CLOSING, Input.FAILED): State.DEAD,
    (State.CLOSED, Input.FAILED): State.CLOSED,
    (State.DEAD, Input.FAILED): State.DEAD,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Input)))
def test_every_pair_is_legal_or_refused(state, event):
    expected = LEGAL.get((state, event))
    if expected is not None:
        assert after(state, event) is expected
        return
    with pytest.raises(LocalProtocolError) as caught:
        after(state, event)
    message = f"{event.value!r} cannot happen to a connection that is {state.value}"
    assert str(caught.value) == message


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        TRANSITIONS[State.DEAD, Input.OPENED] = State.ACTIVE


def test_every_state_is_reached_and_every_input_moves_something():
    assert {State.CONNECTING, *TRANSITIONS.values()} == set(State)
    assert {event for _, event in TRANSITIONS} == set(Input)


def test_whatever_fails_ends_and_stays_at_its_end():
    for state in State:
        end = after(state, Input.FAILED)
        assert end in {State.DEAD, State.CLOSED}
        assert after(end, Input.FAILED) is end


def test_the_documented_table_has_a_row_for_each_input():
    lines = _state.__doc__.splitlines()
    first, last = [index for index, line in enumerate(lines) if line.startswith("====")]
    documented = [line.split()[0] for line in lines[first + 1 : last]]
    assert documented == [event.name for event in Input]
