"""The nursery that nobody sees: what goes in comes out, and nothing else."""

from __future__ import annotations

import gc
import weakref

import pytest
import trio
import trio.testing

import zkwire
from zkwire import as_service, service_nursery


class MineError(Exception):
    pass


async def _raise_defect():
    raise KeyError("defect")


async def _raise_in_block(error):
    async with service_nursery() as nursery:
        nursery.start_soon(trio.sleep_forever)
        raise error


async def test_a_value_comes_through_and_tasks_are_waited_for():
    done = []

    async def task():
        await trio.lowlevel.checkpoint()
        done.append("task")

    async with service_nursery() as nursery:
        nursery.start_soon(as_service(task))
        done.append("body")
    assert done == ["body", "task"]


async def test_an_error_leaves_as_it_was_raised():
    error, cause, context = MineError(), KeyError(1), KeyError(2)
    error.__cause__, error.__context__, error.__suppress_context__ = cause, context, False
    with pytest.raises(MineError) as caught:
        await _raise_in_block(error)
    assert caught.value is error
    assert (error.__cause__, error.__context__) == (cause, context)
    assert not error.__suppress_context__


async def test_a_subclass_of_group_keeps_its_class():
    class Own(ExceptionGroup):
        pass

    with pytest.raises(Own):
        await _raise_in_block(Own("mine", [ValueError(1)]))


async def test_a_cancelled_part_of_a_group_goes_where_it_belongs():
    """The block's own group has an error of its own and a Cancelled of the nursery's scope."""

    async def meet_both():
        async with service_nursery() as nursery:
            nursery.cancel_scope.cancel()
            async with trio.open_nursery() as inner:
                inner.start_soon(trio.sleep_forever)
                raise MineError

    with pytest.raises(ExceptionGroup) as caught:
        await meet_both()
    assert [type(each) for each in caught.value.exceptions] == [MineError]


async def test_cancellation_from_outside_is_one_cancelled():
    left_as = []
    with trio.CancelScope() as scope:
        try:
            async with service_nursery() as nursery:
                nursery.start_soon(trio.sleep_forever)
                scope.cancel()
                await trio.sleep_forever()
        except BaseException as error:
            left_as.append(type(error))
            raise
    assert left_as == [trio.Cancelled]
    assert scope.cancelled_caught


async def test_cancelling_the_nursery_itself_ends_the_block():
    async with service_nursery() as nursery:
        nursery.start_soon(trio.sleep_forever)
        nursery.cancel_scope.cancel()
        await trio.sleep_forever()


async def test_a_defect_in_a_task_cancels_the_body_and_is_named():
    reached = []

    async def meet_it():
        async with service_nursery() as nursery:
            nursery.start_soon(as_service(_raise_defect))
            try:
                await trio.sleep_forever()
            finally:
                reached.append("clean-up")

    with pytest.raises(zkwire.InternalError, match="KeyError") as caught:
        await meet_it()
    assert isinstance(caught.value.__cause__, KeyError)
    assert reached == ["clean-up"]


async def test_a_defect_beside_an_error_of_the_body_hides_neither():
    async def meet_both():
        async with service_nursery() as nursery:
            nursery.start_soon(as_service(_raise_defect))
            try:
                await trio.sleep_forever()
            finally:
                raise MineError

    with pytest.raises(zkwire.InternalError) as caught:
        await meet_both()
    group = caught.value.__cause__
    assert isinstance(group, BaseExceptionGroup)
    assert {type(each) for each in group.exceptions} == {zkwire.InternalError, MineError}


async def test_an_interrupt_beside_an_error_of_the_body_is_not_taken_for_a_defect():
    async def interrupted():
        raise KeyboardInterrupt

    async def meet_both():
        async with service_nursery() as nursery:
            nursery.start_soon(as_service(interrupted))
            try:
                await trio.sleep_forever()
            finally:
                raise MineError

    with pytest.raises(BaseExceptionGroup) as caught:
        await meet_both()
    assert caught.group_contains(KeyboardInterrupt)
    assert caught.group_contains(MineError)


async def test_an_error_is_freed_with_its_last_reference():
    """A circle of error, traceback and frame would keep alive whatever the frames hold."""

    async def fail():
        async with service_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            raise MineError

    gc.collect()
    gc.disable()
    try:
        try:
            await fail()
        except MineError as error:
            alive = weakref.ref(error)
        assert alive() is None
    finally:
        gc.enable()
