"""Elections: who leads, and how others find out."""

import pytest
import trio

import zkwire
from coordinator import LeaseLost
from lock_rig import at, one_server, waits_in_line
from stepping import cancel_at_each_step


async def test_nobody_leads_where_there_is_no_candidate(autojump_clock):
    async with one_server() as (_, coordinator):
        election = coordinator.election("top")
        assert await election.leader() is None
        await coordinator.create("/top")
        assert await election.leader() is None
        assert repr(election) == "<Election at /top>"


async def test_the_first_candidate_leads_and_everybody_can_see_it(autojump_clock):
    async with one_server(3) as (_, first, second, third):
        async with first.election("top", b"first").campaign() as held:
            leader = await third.election("top").leader()
            assert leader.data == b"first"
            assert leader.path == held.path
            assert leader.fencing_token == held.fencing_token
            with trio.move_on_after(10) as scope:
                async with second.election("top", b"second").campaign():
                    pytest.fail("two leaders")
            assert scope.cancelled_caught
        async with second.election("top", b"second").campaign() as held_next:
            assert (await third.election("top").leader()).data == b"second"
            assert held_next.fencing_token > held.fencing_token


async def test_a_lock_on_the_same_path_and_an_election_are_one_line(autojump_clock):
    async with one_server(2) as (_, first, second), first.lock("top"):
        with trio.move_on_after(5) as scope:
            async with second.election("top").campaign():
                pytest.fail("both")
        assert scope.cancelled_caught


async def test_who_steps_down_between_two_looks_is_passed_over(autojump_clock, nursery):
    async with one_server(2) as (_, first, second):
        election = second.election("top")

        async def come_and_go():
            for number in range(50):
                async with first.election("top", b"%d" % number).campaign():
                    pass

        nursery.start_soon(come_and_go)
        for _ in range(200):
            leader = await election.leader()
            assert leader is None or leader.data.isdigit()


async def test_cancelled_at_each_step_a_campaign_leaves_no_candidate(autojump_clock):
    async with one_server() as (_, coordinator):
        await coordinator.create("/top")
        election = coordinator.election("top", b"me")

        async def operation():
            async with election.campaign():
                await trio.sleep(1)

        async def after(_was_cancelled):
            assert await coordinator.get_children("/top") == []
            assert await election.leader() is None

        assert len(await cancel_at_each_step(operation, after_each=after)) > 5


@pytest.mark.parametrize("path", ["/", "", "top/"])
async def test_a_path_that_no_election_can_have_is_refused(autojump_clock, path):
    async with one_server() as (_, coordinator):
        with pytest.raises(zkwire.InvalidArgument):
            coordinator.election(path)


async def test_with_the_leader_s_session_the_next_one_leads(autojump_clock, nursery):
    async with one_server(1) as (server, follower):
        elected = trio.Event()

        async def run():
            async with follower.election("top", b"next").campaign():
                elected.set()
                await trio.sleep_forever()

        async with at(server, timeout=4.0) as leader:
            with pytest.raises(LeaseLost):  # noqa: PT012  # the block is what raises
                async with leader.election("top", b"first").campaign() as held:
                    nursery.start_soon(run)
                    await waits_in_line(lambda: follower.get_children("/top"), 2)
                    await server.expire(held.session.id)
                    await elected.wait()
                    assert (await follower.election("top").leader()).data == b"next"
        nursery.cancel_scope.cancel()
