"""Where a caller waits: woken once, by one outcome, or by nobody."""

from __future__ import annotations

import gc
import weakref
from contextlib import suppress

import pytest
import trio
import trio.testing

from zkwire._trio._slot import Slot
from zkwire._trio._watch import Watch


class MineError(Exception):
    pass


async def test_a_waiter_gets_the_value():
    slot, got = Slot(), []

    async def wait():
        with trio.testing.assert_checkpoints():
            got.append(await slot.wait())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        slot.succeed("value")
        assert got == [], "woken, not run"
    assert got == ["value"]


async def test_a_waiter_gets_the_error():
    slot, error = Slot(), MineError()

    async def wait():
        with pytest.raises(MineError) as caught:
            await slot.wait()
        assert caught.value is error

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        slot.fail(error)


async def test_what_is_there_already_takes_no_wait():
    slot = Slot()
    slot.succeed(5)
    assert await slot.wait() == 5
    slot = Slot()
    slot.fail(MineError())
    with pytest.raises(MineError):
        await slot.wait()


@pytest.mark.parametrize("outcome", ["succeed", "fail"])
async def test_a_slot_whose_waiter_was_cancelled_takes_its_outcome_and_wakes_nobody(outcome):
    slot = Slot(Watch("/a"))
    with trio.CancelScope() as scope:
        scope.cancel()
        await slot.wait()
    assert scope.cancelled_caught
    assert slot.watch is None, "and the late reply registers no watch"
    if outcome == "succeed":
        slot.succeed(5)
    else:
        slot.fail(MineError())
    with trio.testing.assert_checkpoints():
        await trio.lowlevel.checkpoint()


async def test_a_reply_that_has_come_beats_a_cancellation_in_the_same_step():
    slot, got = Slot(), []

    async def wait():
        got.append(await slot.wait())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        slot.succeed("value")
        nursery.cancel_scope.cancel()
    assert got == ["value"]


async def test_an_error_is_freed_with_its_last_reference():
    slot, error = Slot(), MineError()
    alive = weakref.ref(error)
    slot.fail(error)
    del error
    gc.collect()
    gc.disable()
    try:
        with suppress(MineError):
            await slot.wait()
        assert alive() is None
    finally:
        gc.enable()
