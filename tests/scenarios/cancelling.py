"""Callers that are cancelled, and the stream that stays intact."""

from __future__ import annotations

import trio
from trio.testing import wait_all_tasks_blocked

from scenarios._registry import scenario
from scenarios._stage import Stage
from zkwire import CreateMode


@scenario()
async def replies_stay_with_their_own_requests(stage: Stage) -> object:
    home, got = stage.home, {}
    async with stage.faults() as faults, stage.connect(via=faults) as zk:
        for number in range(40):
            await zk.create(f"{home}/{number}", b"%d" % number)

        async def read(number: int, scope: trio.CancelScope) -> None:
            with scope:
                got[number] = (await zk.get(f"{home}/{number}"))[0]

        scopes = [trio.CancelScope() for _ in range(40)]
        async with trio.open_nursery() as nursery, faults.timeout(direction="downstream"):
            for number, scope in enumerate(scopes):
                nursery.start_soon(read, number, scope)
            await wait_all_tasks_blocked()
            assert zk.statistics().requests_in_flight >= 40
            for scope in scopes[::2]:
                scope.cancel()
        assert got == {number: b"%d" % number for number in range(1, 40, 2)}
        got[7] = (await zk.get(f"{home}/7"))[0]
        return got


@scenario()
async def a_cancelled_write_may_have_been_made(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.faults() as faults, stage.connect(via=faults) as zk:
        async with faults.timeout(direction="downstream"), trio.open_nursery() as nursery:
            nursery.start_soon(zk.create, path)
            await wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        stat = await zk.exists(path)
        assert stat is not None, "it was sent, and requests keep their order"
        return stat, zk.statistics().requests_in_flight


@scenario()
async def one_cancelled_in_the_line_is_never_made(stage: Stage) -> object:
    home = stage.home
    async with stage.faults() as faults, stage.connect(via=faults, max_in_flight=1) as zk:
        async with faults.timeout(direction="downstream"), trio.open_nursery() as nursery:
            for number in range(3):
                nursery.start_soon(zk.create, f"{home}/{number}")
            await wait_all_tasks_blocked()
            assert zk.statistics().tasks_waiting_for_room == 2
            nursery.cancel_scope.cancel()
        names = await zk.get_children(home)
        assert len(names) == 1
        return len(names)


@scenario()
async def a_watch_stays_when_its_waiter_goes(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.connect() as zk:
        _, watch = await zk.exists_and_watch(path)
        for _ in range(3):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(watch.wait)
                await wait_all_tasks_blocked()
                nursery.cancel_scope.cancel()
        await zk.create(path)
        return await watch.wait()


@scenario()
async def a_cancelled_block_still_ends_its_session(stage: Stage) -> object:
    path = f"{stage.home}/e"
    async with stage.connect() as observer:
        with trio.CancelScope() as scope:
            async with stage.connect() as zk:
                await zk.create(path, mode=CreateMode.EPHEMERAL)
                scope.cancel()
                await trio.sleep_forever()
        assert scope.cancelled_caught
        assert await observer.exists(path) is None
        return zk.is_alive, zk.failure
