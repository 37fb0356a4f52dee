"""Following who leads."""

import trio
from trio.testing import wait_all_tasks_blocked

from lock_rig import TICK, Counted, at, clients, cuttable, one_server, waits_in_line
from zkwire import OpCode
from zkwire.testing import open_memory_zookeeper


class Follower:
    """What an iteration over leaders has yielded: the data of each."""

    def __init__(self, coordinator, path="top"):
        self.seen = []
        self.is_over = False
        self._leaders = coordinator.election(path).leaders()

    async def run(self):
        async for leader in self._leaders:
            self.seen.append(None if leader is None else leader.data)
        self.is_over = True

    async def until(self, seen):
        with trio.fail_after(60):
            while self.seen != seen:  # noqa: ASYNC110  # nothing else tells
                await trio.sleep(0.1)
        await wait_all_tasks_blocked()
        assert self.seen == seen


async def test_each_change_is_told_once(autojump_clock, nursery):
    async with one_server(2) as (_, coordinator, watcher):
        follower = Follower(watcher)
        nursery.start_soon(follower.run)
        await follower.until([None])
        await coordinator.create("/top")
        await trio.sleep(1)
        async with coordinator.election("top", b"1").campaign() as held:
            await follower.until([None, b"1"])
            await coordinator.set(held.path, b"1, elsewhere")
            await follower.until([None, b"1", b"1, elsewhere"])
        await follower.until([None, b"1", b"1, elsewhere", None])
        async with coordinator.election("top", b"2").campaign():
            await follower.until([None, b"1", b"1, elsewhere", None, b"2"])
            nursery.cancel_scope.cancel()


async def test_leaders_who_come_and_go_unseen_are_passed_over(autojump_clock):
    async with one_server(2) as (_, coordinator, watcher):
        leaders = watcher.election("top").leaders()
        assert await anext(leaders) is None
        for number in range(5):
            async with coordinator.election("top", b"%d" % number).campaign():
                pass
        async with coordinator.election("top", b"last").campaign():
            assert (await anext(leaders)).data == b"last"


async def test_cancelling_a_step_loses_nothing_and_adds_no_watch(autojump_clock):
    async with one_server(2) as (_, coordinator, watcher):
        leaders = watcher.election("top").leaders()
        async with coordinator.election("top", b"1").campaign():
            assert (await anext(leaders)).data == b"1"
            for _ in range(5):
                with trio.move_on_after(1) as scope:
                    await anext(leaders)
                assert scope.cancelled_caught
            assert len(watcher.session.watches) == 1
        assert await anext(leaders) is None


async def test_candidates_behind_the_leader_wake_nobody(autojump_clock, nursery):
    async with open_memory_zookeeper(tick_time=TICK) as server, at(server) as coordinator:
        counted = Counted(server)
        async with clients(counted, 1) as [watcher]:

            async def campaign():
                async with coordinator.election("top", b"1").campaign():
                    await trio.sleep_forever()

            nursery.start_soon(campaign)
            follower = Follower(watcher)
            nursery.start_soon(follower.run)
            while b"1" not in follower.seen:  # noqa: ASYNC110  # nothing else tells
                await trio.sleep(0.1)
            events, listed = counted.events, counted.requests[OpCode.GET_CHILDREN]
            for _ in range(5):
                with trio.move_on_after(1):
                    await campaign()
            # One at most: of a watch from before there was a leader.
            assert counted.events <= events + 1
            assert counted.requests[OpCode.GET_CHILDREN] == listed
            nursery.cancel_scope.cancel()


async def test_it_goes_on_over_a_reconnect_and_into_the_next_session(autojump_clock, nursery):
    async with cuttable(1) as (faults, server, watcher), at(server) as coordinator:
        follower = Follower(watcher)
        nursery.start_soon(follower.run)
        await follower.until([None])
        async with faults.down():
            await trio.sleep(1)
            async with coordinator.election("top", b"unseen").campaign():
                pass
            candidate = trio.Event()

            async def campaign():
                async with coordinator.election("top", b"1").campaign():
                    await candidate.wait()

            nursery.start_soon(campaign)
            await trio.sleep(1)
        await follower.until([None, b"1"])
        await server.expire(watcher.session.id)
        await waits_in_line(lambda: coordinator.get_children("/top"), 1)
        candidate.set()
        await follower.until([None, b"1", None])
        nursery.cancel_scope.cancel()


async def test_it_ends_when_the_coordinator_is_left(autojump_clock, nursery):
    async with one_server() as (server, _):
        async with at(server) as coordinator:
            follower = Follower(coordinator)
            nursery.start_soon(follower.run)
            await follower.until([None])
        await wait_all_tasks_blocked()
        assert follower.is_over
