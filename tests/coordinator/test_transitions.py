import gc
import weakref

import pytest
import trio
from trio.testing import assert_checkpoints, wait_all_tasks_blocked

from coordinator import State, Transition, Transitions
from coordinator._transitions import TransitionLog

CHANGES = 1000


def change(number, state=State.SUSPENDED, cause=None):
    return Transition(
        previous=State.CONNECTED, state=state, at=float(number), cause=cause, session_id=None
    )


def write(log, count):
    for number in range(count):
        log.append(change(number))
    log.append(change(count, State.CLOSED))


async def test_a_reader_that_sleeps_through_a_thousand_changes_gets_each_once_in_order():
    log = TransitionLog()
    reader = log.read()
    write(log, CHANGES)
    assert [each.at async for each in reader] == list(range(CHANGES + 1))


async def test_every_reader_gets_everything_at_its_own_speed(nursery):
    log = TransitionLog()
    prompt, found = log.read(), []

    async def follow():
        found.extend([each.at async for each in prompt])

    nursery.start_soon(follow)
    late = log.read()
    for number in range(10):
        log.append(change(number))
        await wait_all_tasks_blocked()
    later = log.read()
    log.append(change(10, State.CLOSED))
    assert [each.at async for each in late] == list(range(11))
    assert [each.at async for each in later] == [10]
    await wait_all_tasks_blocked()
    assert found == list(range(11))


@pytest.mark.parametrize("state", [State.CLOSED, State.AUTH_FAILED])
async def test_ends_behind_a_terminal_state_and_stays_ended(state):
    log = TransitionLog()
    reader = log.read()
    log.append(change(0, state))
    assert [each.state async for each in reader] == [state]
    with assert_checkpoints(), pytest.raises(StopAsyncIteration):
        await anext(reader)


async def test_each_step_is_a_checkpoint_even_if_the_change_is_there():
    log = TransitionLog()
    reader = log.read()
    log.append(change(0))
    with assert_checkpoints():
        await anext(reader)


async def test_a_cancelled_reader_loses_nothing():
    log = TransitionLog()
    reader = log.read()
    for number in range(3):
        with trio.CancelScope() as scope:
            scope.cancel()
            await anext(reader)
        assert scope.cancelled_caught
        log.append(change(number))
        with trio.CancelScope() as scope:
            scope.cancel()
            await anext(reader)
        assert scope.cancelled_caught
    write(log, 0)
    assert [each.at async for each in reader] == [0, 1, 2, 0]


async def test_tasks_that_share_a_reader_get_each_change_once(nursery):
    log = TransitionLog()
    reader, found = log.read(), []

    async def follow():
        async for each in reader:
            found.append(each.at)  # noqa: PERF401 - the tasks take turns

    for _ in range(3):
        nursery.start_soon(follow)
    for number in range(20):
        if number % 3 == 0:
            await wait_all_tasks_blocked()
        log.append(change(number))
    await wait_all_tasks_blocked()
    assert len(nursery.child_tasks) == 3, "a task was told that this is the end"
    log.append(change(20, State.CLOSED))
    await wait_all_tasks_blocked()
    assert sorted(found) == list(range(21))
    assert not nursery.child_tasks


async def test_nothing_is_kept_without_a_reader():
    class Cause(Exception):
        pass

    log = TransitionLog()
    cause = Cause()
    forgotten = weakref.ref(cause)
    reader = log.read()
    log.append(change(0, cause=cause))
    log.append(change(1))
    del cause
    gc.collect()
    assert forgotten() is not None
    del reader
    gc.collect()
    assert forgotten() is None


async def test_a_long_backlog_is_let_go_of_without_recursion():
    log = TransitionLog()
    reader = log.read()
    write(log, 50_000)
    del reader
    gc.collect()
    assert [each async for each in Transitions(None)] == []
