"""Locks, from one end to the other: exclusion, order, loss, and what is left behind."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

import zkwire
from coordinator import LeaseLost
from lock_rig import TICK, Counted, at, clients, cuttable, one_server, onlooker, waits_in_line
from stepping import cancel_at_each_step
from zkwire import OpCode
from zkwire.testing import open_memory_zookeeper


async def line(coordinator, path="/x"):
    try:
        return await coordinator.get_children(path)
    except zkwire.NoNode:
        return []


# --- while all is well ---------------------------------------------------------------------------


async def test_a_lock_is_held_by_one_at_a_time_in_the_order_in_which_they_came(
    autojump_clock, nursery
):
    async with one_server(4) as (_, *contenders):
        held_by, order = [], []

        async def contend(number):
            async with contenders[number].lock("x") as held:
                assert not held_by
                held_by.append(number)
                assert held.valid()
                await trio.sleep(3)
                held_by.remove(number)
                order.append((number, held.fencing_token))

        for number in range(4):
            nursery.start_soon(contend, number)
            await waits_in_line(lambda: line(contenders[0]), number + 1)
        while len(order) < 4:  # noqa: ASYNC110  # nothing else tells
            await trio.sleep(1)
        assert [number for number, _ in order] == [0, 1, 2, 3]
        tokens = [token for _, token in order]
        assert tokens == sorted(set(tokens))
        assert await line(contenders[0]) == []


async def test_one_client_contends_with_itself(autojump_clock, nursery):
    async with one_server() as (_, coordinator):
        got = []

        async def second():
            async with coordinator.lock("x"):
                got.append("second")

        async with coordinator.lock("x"):
            nursery.start_soon(second)
            await trio.sleep(10)
            assert not got
        await trio.sleep(1)
        assert got == ["second"]


async def test_others_see_who_is_in_line(autojump_clock):
    async with one_server(2) as (_, coordinator, other):
        async with coordinator.lock("/a/b/lock", identifier=b"host 1") as held:
            [name] = await other.get_children("/a/b/lock")
            assert held.path == f"/a/b/lock/{name}"
            data, stat = await other.get(held.path)
        assert data == b"host 1"
        assert stat.ephemeral_owner == held.session.id
        assert stat.czxid == held.fencing_token


async def test_tokens_grow_when_the_parent_is_made_anew_too(autojump_clock):
    async with one_server() as (_, coordinator):
        tokens, names = [], set()
        for _ in range(5):
            async with coordinator.lock("x") as held:
                tokens.append(held.fencing_token)
                names.add(held.path[-10:])
            await coordinator.delete("/x")
        assert names == {"0000000000"}
        assert tokens == sorted(set(tokens))


@pytest.mark.parametrize("path", ["/", "", "/a/", "a//b", "/a/../b"])
async def test_a_path_that_no_lock_can_have_is_refused(autojump_clock, path):
    async with one_server() as (_, coordinator):
        with pytest.raises(zkwire.InvalidArgument):
            async with coordinator.lock(path):
                pytest.fail("held")


async def test_a_refusal_to_be_let_in_line_comes_out(autojump_clock):
    nothing = [zkwire.Acl(zkwire.Perms.READ, zkwire.Identity("world", "anyone"))]
    async with one_server() as (_, coordinator):
        await coordinator.create("/x", acl=nothing)
        with pytest.raises(zkwire.NoAuth):
            async with coordinator.lock("x"):
                pytest.fail("held")


async def test_a_node_that_cannot_be_confirmed_is_an_error_and_no_endless_loop(autojump_clock):
    acl = [zkwire.Acl(zkwire.Perms.READ, zkwire.Identity("world", "anyone"))]
    async with one_server() as (_, coordinator):
        with trio.fail_after(60), pytest.raises(zkwire.NoAuth):
            async with coordinator.lock("x", acl=acl):
                pytest.fail("held")
        assert await line(coordinator) == []


async def test_what_the_block_raises_comes_out_as_it_is(autojump_clock):
    error = ValueError("mine")
    async with one_server() as (_, coordinator):
        with pytest.raises(ValueError, match="mine") as caught:
            async with coordinator.lock("x"):
                raise error
        assert caught.value is error
        assert await line(coordinator) == []


async def test_one_release_wakes_one_of_three_hundred(autojump_clock):
    async with (
        open_memory_zookeeper(tick_time=TICK) as server,
        at(server) as first,
        onlooker(server) as other,
    ):
        counted = Counted(server)
        async with clients(counted, 1, timeout=40.0) as [crowd], trio.open_nursery() as nursery:
            got = []

            async def contend():
                async with crowd.lock("x"):
                    got.append(True)
                    await trio.sleep_forever()

            async with first.lock("x"):
                for _ in range(300):
                    nursery.start_soon(contend)
                await waits_in_line(lambda: other.get_children("/app/x"), 301)
                await trio.sleep(1)
                events, listed = counted.events, counted.requests[OpCode.GET_CHILDREN]
            await trio.sleep(1)
            assert counted.events - events == 1
            assert counted.requests[OpCode.GET_CHILDREN] - listed == 1
            assert got == [True]
            nursery.cancel_scope.cancel()


async def test_waiting_a_little_again_and_again_leaves_no_watch_behind(autojump_clock):
    async with one_server(2) as (_, holder, other), holder.lock("x"):
        for _ in range(10):
            with trio.move_on_after(1) as scope:
                async with other.lock("x"):
                    pytest.fail("held")
            assert scope.cancelled_caught
        assert len(other.session.watches) == 0
        assert len(await line(other)) == 1


# --- loss ----------------------------------------------------------------------------------------


async def test_a_block_is_cancelled_when_its_session_is_gone_and_says_so(autojump_clock):
    async with one_server() as (server, coordinator):
        with pytest.raises(LeaseLost, match="before its block was done"):  # noqa: PT012  # the block is what raises
            async with coordinator.lock("x") as held:
                await server.expire(held.session.id)
                await trio.sleep_forever()
        assert held.lost.is_set()
        assert not held.valid()
        async with coordinator.lock("x") as anew:
            assert anew.session is not held.session
            assert anew.fencing_token > held.fencing_token


async def test_a_block_is_cancelled_when_somebody_removes_its_node(autojump_clock):
    async with one_server(2) as (_, coordinator, other):
        with pytest.raises(LeaseLost):  # noqa: PT012  # the block is what raises
            async with coordinator.lock("x") as held:
                await other.delete(held.path)
                await trio.sleep_forever()


async def test_a_block_that_never_looked_does_not_pass_for_one_that_was_protected(autojump_clock):
    async with one_server() as (server, coordinator):
        with pytest.raises(LeaseLost):  # noqa: PT012  # the block is what raises
            async with coordinator.lock("x"):
                with trio.CancelScope(shield=True):
                    await server.members[0].freeze()
                    await trio.sleep(20)
                    await server.members[0].resume()


async def test_nobody_else_holds_it_before_the_block_is_cancelled(autojump_clock, nursery):
    async with open_memory_zookeeper(3, TICK) as ensemble:
        leader = await ensemble.leader()
        mine = next(each for each in ensemble.members if each is not leader)
        for timeout in (4.0, 6.0, 10.0):
            times = {}
            async with (
                at(ensemble, mine.address, timeout=timeout) as first,
                at(ensemble, leader.address, timeout=40.0) as second,
            ):

                async def follow(second=second, times=times):
                    async with second.lock("x"):
                        times["second holds it"] = trio.current_time()

                async def hold(first=first, times=times):
                    with pytest.raises(LeaseLost):  # noqa: PT012  # the block is what raises
                        async with first.lock("x"):
                            try:
                                await trio.sleep_forever()
                            finally:
                                times["first is cancelled"] = trio.current_time()

                async with trio.open_nursery() as both:
                    both.start_soon(hold)
                    await waits_in_line(lambda second=second: line(second), 1)
                    both.start_soon(follow)
                    await waits_in_line(lambda second=second: line(second), 2)
                    await trio.sleep(timeout)
                    async with mine.partition():
                        while len(times) < 2:  # noqa: ASYNC110  # nothing else tells
                            await trio.sleep(0.1)
                        await trio.sleep(1)
                    await ensemble.wait_ready()
            assert times["first is cancelled"] < times["second holds it"]


async def test_whoever_waits_waits_again_in_the_next_session(autojump_clock, nursery):
    async with one_server(2) as (server, holder, waiter):
        got = []

        async def wait():
            async with waiter.lock("x") as held:
                got.append(held.session)

        async with holder.lock("x"):
            nursery.start_soon(wait)
            await waits_in_line(lambda: line(holder), 2)
            first = waiter.session
            await server.expire(first.id)
            await waits_in_line(lambda: line(holder), 1)
            await waits_in_line(lambda: line(holder), 2)
        await trio.sleep(1)
        assert len(got) == 1
        assert got[0] is not first


async def test_leaving_the_coordinator_ends_the_waiting(autojump_clock):
    async with one_server() as (server, holder), holder.lock("x"):
        caught = []

        async def wait(coordinator):
            try:
                async with coordinator.lock("x"):
                    pytest.fail("held")
            except zkwire.ConnectionClosed as error:
                caught.append(error)

        async with trio.open_nursery() as nursery, at(server) as other:
            nursery.start_soon(wait, other)
            await waits_in_line(lambda: line(holder), 2)
        assert len(caught) == 1
        assert len(await line(holder)) == 1


# --- what is left behind -------------------------------------------------------------------------


async def left_in_order(coordinator, tasks):
    """Nobody in line, no task more, and the stream of answers where it should be."""
    assert await line(coordinator) == []
    await coordinator.create("/probe", b"1")
    assert (await coordinator.get("/probe"))[0] == b"1"
    await coordinator.delete("/probe")
    assert trio.lowlevel.current_statistics().tasks_living == tasks


async def test_cancelled_at_each_step_of_acquiring_holding_and_releasing_it_leaves_nobody(
    autojump_clock,
):
    async with one_server() as (_, coordinator):
        await coordinator.create("/x")
        tasks = trio.lowlevel.current_statistics().tasks_living

        async def operation():
            async with coordinator.lock("x"):
                await trio.sleep(2)
                await coordinator.exists("/x")

        async def after(_was_cancelled):
            await left_in_order(coordinator, tasks)

        was_cancelled = await cancel_at_each_step(operation, after_each=after)
        assert len(was_cancelled) > 10
        assert was_cancelled[0]
        assert not was_cancelled[-1]


async def test_cancelled_at_each_step_of_waiting_it_leaves_nobody(autojump_clock):
    async with one_server(2) as (_, holder, coordinator), holder.lock("x"):

        async def operation():
            with trio.move_on_after(5):
                async with coordinator.lock("x"):
                    pytest.fail("held")

        async def after(_was_cancelled):
            assert len(await line(holder)) == 1
            assert len(coordinator.session.watches) == 0

        assert len(await cancel_at_each_step(operation, after_each=after)) > 5


@pytest.mark.parametrize("opcode", [OpCode.CREATE, OpCode.CREATE2, OpCode.SET_DATA, OpCode.DELETE])
async def test_cancelled_at_each_step_with_a_cut_in_between_it_leaves_nobody(
    autojump_clock, opcode
):
    async with cuttable() as (faults, _, coordinator):
        await coordinator.create("/x")

        async def operation():
            async with faults.cut_before_reply(opcode), coordinator.lock("x"):
                await trio.sleep(2)

        async def after(_was_cancelled):
            with trio.fail_after(30):
                await waits_in_line(lambda: line(coordinator), 0)
            await coordinator.create("/probe", b"1")
            await coordinator.delete("/probe")

        assert len(await cancel_at_each_step(operation, after_each=after)) > 10


async def test_a_coordinator_cancelled_as_a_whole_gives_its_locks_away_at_once(autojump_clock):
    async with one_server() as (server, other):
        with trio.CancelScope() as scope:
            async with at(server) as coordinator, coordinator.lock("x"):
                scope.cancel()
                try:
                    await trio.sleep_forever()
                finally:
                    with trio.CancelScope(shield=True):
                        await trio.sleep(3)
                        assert len(await line(other)) == 1
        assert await line(other) == []


async def test_a_cancelled_block_has_the_lock_for_its_clean_up(autojump_clock):
    async with one_server() as (_, coordinator):
        with trio.CancelScope() as scope:
            async with coordinator.lock("x") as held:
                scope.cancel()
                try:
                    await trio.sleep_forever()
                finally:
                    with trio.move_on_after(60, shield=True):
                        await trio.sleep(30)
                        assert held.valid()


async def test_once_released_it_is_not_valid_and_not_lost(autojump_clock):
    async with one_server() as (_, coordinator):
        async with coordinator.lock("x") as held:
            pass
        assert not held.valid()
        assert held.remaining() == 0
        assert not held.lost.is_set()
        with pytest.raises(LeaseLost, match="given back"):
            held.check()
        await wait_all_tasks_blocked()


# --- a lease without a lock ----------------------------------------------------------------------


async def test_leases_exclude_nobody_and_lie_under_a_node_of_their_own(autojump_clock):
    async with one_server(2) as (_, first, second):
        async with first.lease(b"me") as one, second.lease() as other:
            assert one.valid()
            assert other.valid()
            assert len(await first.get_children("/leases")) == 2
            assert (await second.get(one.path))[0] == b"me"
            await one.multi([zkwire.Create("/done", b"")])
        assert await first.get_children("/leases") == []


async def test_a_lease_ends_its_block_with_the_session(autojump_clock):
    async with one_server() as (server, coordinator):
        with pytest.raises(LeaseLost):  # noqa: PT012  # the block is what raises
            async with coordinator.lease() as lease:
                await server.expire(lease.session.id)
                await trio.sleep_forever()
