"""Contending step by step."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

import zkwire
from coordinator import LeaseLost
from lock_rig import cuttable, one_server, waits_in_line
from stepping import cancel_at_each_step


async def line(coordinator):
    try:
        return await coordinator.get_children("/x")
    except zkwire.NoNode:
        return []


async def test_a_scope_may_bound_the_waiting_alone(autojump_clock):
    async with one_server(2) as (_, holder, coordinator):
        async with coordinator.contend("x") as contender:
            async with holder.lock("x"):
                with trio.move_on_after(5) as scope:
                    await contender.acquire()
                assert scope.cancelled_caught
                assert len(await line(holder)) == 1
            with trio.move_on_after(5) as scope:
                held = await contender.acquire()
            await trio.sleep(100)
            assert held.valid()
            assert not scope.cancelled_caught
        assert not held.valid()
        assert not held.lost.is_set()
        assert await line(holder) == []


async def test_called_again_it_stands_in_line_anew(autojump_clock):
    async with one_server() as (server, coordinator), coordinator.contend("x") as contender:
        first = await contender.acquire()
        second = await contender.acquire()
        assert not first.valid()
        assert second.fencing_token > first.fencing_token
        await server.expire(second.session.id)
        await second.lost.wait()
        third = await contender.acquire()
        assert third.session is not second.session
        assert len(await line(coordinator)) == 1


async def test_released_it_is_somebody_else_s_turn(autojump_clock):
    async with one_server(2) as (_, coordinator, other), coordinator.contend("x") as contender:
        held = await contender.acquire()
        await contender.release()
        await contender.release()
        assert not held.valid()
        async with other.lock("x"):
            pass


async def test_what_it_has_lost_it_says_and_cancels_no_block_of_its_own(autojump_clock):
    async with one_server(2) as (_, coordinator, other), coordinator.contend("x") as contender:
        held = await contender.acquire()
        async with held.scope() as scope:
            await other.delete(held.path)
            await trio.sleep_forever()
        assert scope.cancelled_caught
        with pytest.raises(LeaseLost, match="its node has been removed"):
            held.check()


async def test_two_tasks_cannot_be_at_it_at_once(autojump_clock, nursery):
    async with (
        one_server(2) as (_, holder, coordinator),
        holder.lock("x"),
        coordinator.contend("x") as contender,
    ):
        nursery.start_soon(contender.acquire)
        await waits_in_line(lambda: line(holder), 2)
        assert "in line" in repr(contender)
        with pytest.raises(trio.BusyResourceError):
            await contender.acquire()
        with pytest.raises(trio.BusyResourceError):
            await contender.release()
        nursery.cancel_scope.cancel()


async def test_once_its_block_is_left_it_is_over(autojump_clock):
    async with one_server() as (_, coordinator):
        async with coordinator.contend("x") as contender:
            assert "idle" in repr(contender)
        with pytest.raises(trio.ClosedResourceError):
            await contender.acquire()


async def test_no_task_of_a_lock_that_is_over_is_left(autojump_clock):
    async with one_server() as (_, coordinator), coordinator.contend("x") as contender:
        before = trio.lowlevel.current_statistics().tasks_living
        for _ in range(5):
            await contender.acquire()
        await contender.release()
        await wait_all_tasks_blocked()
        assert trio.lowlevel.current_statistics().tasks_living == before


async def test_cancelled_at_each_step_it_has_left_the_line(autojump_clock):
    async with cuttable() as (_, _, coordinator), coordinator.contend("x") as contender:
        await coordinator.create("/x")

        async def after(was_cancelled):
            assert len(await line(coordinator)) == (0 if was_cancelled else 1)

        assert len(await cancel_at_each_step(contender.acquire, after_each=after)) > 5
