"""Locks: who holds one, in which order, and who is told that it is over."""

from __future__ import annotations

from contextlib import AsyncExitStack

import trio

from coordinator import LeaseLost, State
from scenarios._coordinating import told
from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of
from zkwire import SetData


async def _in_line(zk, path: str, count: int) -> None:
    """Wait until so many contenders stand in line."""
    while True:
        children, _, watch = await zk.get_children_and_watch(path)
        if len(children) == count:
            return
        await watch.wait()


@scenario()
async def it_goes_round_in_the_order_of_coming(stage: Stage) -> object:
    order, tokens = [], []
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(stage.coordinate()) for _ in range(4)]

        async def work(number: int) -> None:
            async with clients[number].lock("/lock") as held:
                order.append(number)
                tokens.append(held.fencing_token)
                assert held.valid()

        async with trio.open_nursery() as nursery, clients[0].lock("/lock") as held:
            tokens.append(held.fencing_token)
            for place, number in enumerate((2, 0, 3, 1), 2):
                nursery.start_soon(work, number)
                await _in_line(clients[0], "/lock", place)
            assert order == []
        left = await clients[0].get_children("/lock")
    assert order == [2, 0, 3, 1]
    assert tokens == sorted(set(tokens)), "each is higher than those before"
    return order, left


@scenario()
async def whoever_gives_up_waiting_leaves_the_line(stage: Stage) -> object:
    async with stage.coordinate() as one, stage.coordinate() as two:
        async with one.lock("/lock"):
            with trio.move_on_after(0.3) as waiting:
                async with two.lock("/lock"):
                    raise AssertionError("two hold it")
            assert waiting.cancelled_caught
            await one.sync("/lock")
            in_line = len(await one.get_children("/lock"))
            assert in_line == 1
        async with two.lock("/lock") as held:
            return in_line, held.valid(), len(await two.get_children("/lock"))


@scenario()
async def it_passes_on_when_the_session_is_over(stage: Stage) -> object:
    second = trio.Event()

    async def wait_for_it() -> None:
        async with two.lock("/lock") as held:
            assert held.valid()
            second.set()

    async def hold() -> None:
        async with one.lock("/lock") as held:
            nursery.start_soon(wait_for_it)
            await _in_line(one, "/lock", 2)
            await stage.expire(held.session.id)
            await trio.sleep_forever()

    async with (
        stage.coordinate() as one,
        stage.coordinate() as two,
        trio.open_nursery() as nursery,
    ):
        error = await error_of(hold())
        assert isinstance(error, LeaseLost)
        await second.wait()
        return error


@scenario()
async def it_is_over_before_another_has_it(stage: Stage) -> object:
    times, second = {}, trio.Event()

    async def wait_for_it() -> None:
        async with two.lock("/lock"):
            times["second begins"] = trio.current_time()
            second.set()

    async def hold() -> None:
        async with one.lock("/lock") as held:
            nursery.start_soon(wait_for_it)
            await _in_line(two, "/lock", 2)
            async with faults.timeout():
                try:
                    await trio.sleep_forever()
                finally:
                    times["first ends"] = trio.current_time()
                    assert not held.valid()
                    with trio.CancelScope(deadline=trio.current_time() + 10, shield=True):
                        await second.wait()

    async with (
        stage.faults() as faults,
        stage.coordinate(via=faults, session_timeout=1.0) as one,
        stage.coordinate() as two,
        trio.open_nursery() as nursery,
    ):
        await one.wait_connected()
        transitions = one.transitions()
        error = await error_of(hold())
        assert isinstance(error, LeaseLost)
        await told(transitions, State.SUSPENDED)
    assert times["first ends"] < times["second begins"]
    return error, list(times)


@scenario()
async def a_cut_costs_nothing_but_time(stage: Stage) -> object:
    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        await coordinator.wait_connected()
        transitions = coordinator.transitions()
        async with coordinator.lock("/lock") as held:
            async with faults.reset_peer():
                pass
            await told(transitions, State.SUSPENDED, State.CONNECTED)
            results = await held.multi([SetData("/", b"by the holder")])
            assert held.valid()
        return results, await coordinator.get_children("/lock"), held.valid()
