import trio
from trio.testing import assert_checkpoints, wait_all_tasks_blocked

from coordinator._cell import Cell


async def test_a_value_that_is_there_is_returned_and_the_wait_is_a_checkpoint():
    cell = Cell(3)
    with assert_checkpoints():
        assert await cell.wait_until(lambda value: value > 2) == 3
    assert cell.value == 3


async def test_waits_until_the_value_is_wanted(nursery):
    cell = Cell(0)
    found = []

    async def wait():
        found.append(await cell.wait_until(lambda value: value >= 2))

    nursery.start_soon(wait)
    nursery.start_soon(wait)
    for value in (1, 2):
        await wait_all_tasks_blocked()
        assert found == []
        cell.set(value)
    await wait_all_tasks_blocked()
    assert found == [2, 2]


async def test_tells_what_is_and_not_what_was(nursery):
    cell = Cell("start")
    found = []

    async def wait():
        found.append(await cell.wait_until(lambda value: value != "start"))

    nursery.start_soon(wait)
    await wait_all_tasks_blocked()
    cell.set("passing")
    cell.set("start")
    await wait_all_tasks_blocked()
    assert found == []
    cell.set("passing")
    cell.set("last")
    await wait_all_tasks_blocked()
    assert found == ["last"]


async def test_a_cancelled_waiter_has_no_effect(nursery):
    cell = Cell(0)
    found = []

    async def wait():
        found.append(await cell.wait_until(bool))

    nursery.start_soon(wait)
    with trio.CancelScope() as scope:
        scope.cancel()
        await cell.wait_until(bool)
    assert scope.cancelled_caught
    cell.set(1)
    await wait_all_tasks_blocked()
    assert found == [1]
