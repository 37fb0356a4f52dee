import logging

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from coordinator import State
from coordinator._status import Status

C, S, L, X, G, Z = (
    State.CONNECTED,
    State.SUSPENDED,
    State.LOST,
    State.EXPIRED,
    State.CONNECTING,
    State.CLOSED,
)
EVENTS = ["connected", "suspended", "lost", "expired", "reconnected"]


def moved(*states):
    status = Status()
    for state in states:
        status.move(state)
    return status


def set_events(status):
    return {name for name in EVENTS if getattr(status.epochs, name).event.is_set()}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], set()),
        ([C], {"connected"}),
        ([C, S], {"suspended"}),
        ([C, S, C], {"connected", "reconnected"}),
        ([C, S, L], {"suspended", "lost"}),
        ([C, S, L, C], {"connected", "reconnected"}),
        ([C, S, C, S], {"suspended"}),
        # What is gone is lost, whether or not its time had come.
        ([C, S, X], {"suspended", "lost", "expired"}),
        ([C, S, L, X, G], {"suspended", "lost", "expired"}),
        ([C, S, L, X, G, C], {"connected"}),
        ([C, S, C, S, X, G, C], {"connected"}),
        ([State.READ_ONLY], {"connected"}),
        ([C, Z], set()),
    ],
)
def test_events_that_are_set(states, expected):
    async def main():
        return set_events(moved(*states))

    assert trio.run(main) == expected


# From every point of a life, each event as it was then: the next time that its thing
# happens, whoever waits on it wakes.
LIFE = [C, S, C, S, L, C, S, X, G, C, S, L, X, G, C]
HAPPENS = {
    "connected": lambda _before, after: after is C,
    "suspended": lambda _before, after: after is S,
    "lost": lambda before, after: after is L or (after is X and before is S),
    "expired": lambda _before, after: after is X,
    "reconnected": lambda before, after: after is C and before in (S, L),
}


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("start", range(len(LIFE)))
async def test_no_wake_up_is_lost(name, start):
    status = moved(*LIFE[:start])
    captured = getattr(status.epochs, name).event
    if captured.is_set():
        return
    for state in LIFE[start:]:
        before = status.state
        status.move(state)
        happened = HAPPENS[name](before, state)
        assert captured.is_set() is happened
        if happened:
            return


async def test_a_captured_event_stays_set_and_a_new_one_takes_its_place():
    status = moved(C, S)
    captured = status.epochs.suspended.event
    status.move(C)
    assert captured.is_set()
    assert status.epochs.suspended.event is not captured
    assert not status.epochs.suspended.event.is_set()


async def test_a_task_that_the_state_wakes_finds_the_events_turned(nursery):
    status = moved(C)
    seen = []

    async def wait():
        await status.cell.wait_until(lambda state: state is S)
        seen.append(set_events(status))

    nursery.start_soon(wait)
    await wait_all_tasks_blocked()
    status.move(S)
    await wait_all_tasks_blocked()
    assert seen == [{"suspended"}]


async def test_a_transition_says_what_when_why_and_of_which_session(autojump_clock):
    status = Status()
    reader = status.log.read()
    cause = OSError("cut")
    status.move(C, session_id=7)
    await trio.sleep(3)
    now = trio.current_time()
    status.move(S, cause=cause, session_id=7)
    first, second = await anext(reader), await anext(reader)
    assert (first.previous, first.state, first.cause, first.session_id) == (G, C, None, 7)
    assert (second.previous, second.state, second.session_id) == (C, S, 7)
    assert second.cause is cause
    assert (first.at, second.at) == (now - 3, now)


async def test_times_never_go_back(monkeypatch):
    times = iter([5.0, 4.0, 6.0])
    monkeypatch.setattr(trio, "current_time", lambda: next(times))
    status = Status()
    reader = status.log.read()
    for state in (C, S, C):
        status.move(state)
    monkeypatch.undo()
    assert [(await anext(reader)).at for _ in range(3)] == [5.0, 5.0, 6.0]


async def test_each_change_is_one_line_of_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    moved(C).move(S, cause=OSError("cut"))
    assert [record.getMessage() for record in caplog.records] == [
        "connecting -> connected",
        "connected -> suspended: cut",
    ]
