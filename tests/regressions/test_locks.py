"""Locks and elections: who has one, who stands in line, and who must not."""

from __future__ import annotations

import time

import pytest
import trio
import trio.testing

import zkwire
from coordinator import LeaseLost, State
from coordinator_steps import told
from regression_steps import coordinate, hold_until_lost, holding, look_into, told_of
from zkwire import CreateMode
from zkwire.testing import open_faults, open_memory_zookeeper

EPHEMERAL_SEQUENTIAL = CreateMode.EPHEMERAL_SEQUENTIAL
LEAVE_GRACE = 1.0
LONGEST_DELAY = 5.0


@pytest.fixture
async def ensemble():
    async with open_memory_zookeeper() as ensemble:
        yield ensemble


# --- a lock that is over -------------------------------------------------------------------------


async def test_a_lock_whose_session_has_expired_is_over_and_can_be_had_again(
    autojump_clock, ensemble
):
    async with coordinate(ensemble) as one, coordinate(ensemble) as two:
        async with trio.open_nursery() as nursery:
            held = await nursery.start(hold_until_lost, one, "/l")
            await ensemble.expire(held.session.id)
        assert not held.valid()
        assert held.lost.is_set()
        async with two.lock("/l") as other:
            assert other.valid()
            assert other.fencing_token > held.fencing_token
            assert not held.valid()
        with trio.fail_after(10):
            async with one.lock("/l") as again:
                assert again.valid()
        assert not held.valid()
        with pytest.raises(LeaseLost):
            held.check()


async def test_a_lock_whose_node_somebody_has_removed_is_over_and_can_be_had_again(
    autojump_clock, ensemble
):
    async with coordinate(ensemble) as coord, look_into(ensemble) as other:
        # Sooner than its lease would have run out: the next heartbeat tells.
        with trio.fail_after(2):
            async with trio.open_nursery() as nursery:
                held = await nursery.start(hold_until_lost, coord, "/l")
                await other.delete(held.path)
        assert not held.valid()
        with trio.fail_after(10):
            async with coord.lock("/l") as again:
                assert again.valid()
                assert again.path != held.path
        assert not held.valid()


async def test_a_holder_that_is_cut_off_is_stopped_before_the_next_one_starts(
    autojump_clock, ensemble
):
    async def follow():
        async with two.lock("/l"):
            began_at.append(trio.current_time())

    began_at = []
    async with (
        open_faults(ensemble) as faults,
        coordinate(faults, session_timeout=4.0) as one,
        coordinate(ensemble) as two,
        trio.open_nursery() as nursery,
        one.contend("/l") as contender,
    ):
        held = await contender.acquire()
        transitions = one.transitions()
        async with faults.down():
            nursery.start_soon(follow)
            async with held.scope() as scope:
                await trio.sleep_forever()
            over_at = trio.current_time()
            assert scope.cancelled_caught
            with pytest.raises(LeaseLost):
                held.check()
            await trio.sleep(9)
            assert over_at < began_at[0]
            assert one.state is State.LOST
            assert not held.valid()
        connected, seen = await told_of(transitions, State.CONNECTED)
        # Nor is the next session a silent one, and the lock comes back with it.
        assert seen[-4:] == [State.LOST, State.EXPIRED, State.CONNECTING, State.CONNECTED]
        assert connected.session_id != held.session.id
        assert not held.valid()


async def test_that_a_lock_is_lost_is_raised_by_a_block_that_never_looked(autojump_clock, ensemble):
    async def hold():
        async with coord.lock("/l") as held:
            with trio.CancelScope(shield=True):
                await other.delete(held.path)
                await held.lost.wait()

    async with coordinate(ensemble) as coord, look_into(ensemble) as other:
        with pytest.raises(LeaseLost):
            await hold()


async def test_an_elected_leader_is_told_that_it_is_none_any_more(autojump_clock, ensemble):
    async def lead():
        async with election.campaign() as held:
            assert (await election.leader()).data == b"me"
            await ensemble.expire(held.session.id)
            await trio.sleep_forever()

    async with coordinate(ensemble) as coord:
        election = coord.election("/e", b"me")
        with pytest.raises(LeaseLost):
            await lead()
        assert await election.leader() is None


async def test_a_lock_does_not_go_by_the_wall_clock(autojump_clock, ensemble, monkeypatch):
    real, steps = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + steps[0])
    async with coordinate(ensemble) as coord, coord.lock("/l") as held:
        for steps[0] in (86_400.0, -86_400.0):
            assert held.valid()
            await trio.sleep(20)
        assert held.valid()


async def test_every_expiry_is_followed_by_another_session_and_lock(autojump_clock, ensemble):
    async with coordinate(ensemble) as coord:
        tokens, transitions = [], coord.transitions()
        for _ in range(10):
            async with trio.open_nursery() as nursery:
                held = await nursery.start(hold_until_lost, coord, "/l")
                tokens.append(held.fencing_token)
                await ensemble.expire(held.session.id)
            await told_of(transitions, State.EXPIRED)
            await told(transitions, State.CONNECTING, State.CONNECTED)
        assert tokens == sorted(set(tokens))
        assert await coord.get_children("/l") == []


async def test_a_write_under_a_lock_that_is_gone_is_refused_and_raises(autojump_clock, ensemble):
    async with coordinate(ensemble) as coord, look_into(ensemble) as other:
        await other.create("/guarded", b"0")
        async with coord.contend("/l") as contender:
            held = await contender.acquire()
            await held.multi([zkwire.SetData("/guarded", b"1")])
            await other.delete(held.path)
            with pytest.raises(LeaseLost):
                await held.multi([zkwire.SetData("/guarded", b"2")])
            assert not held.valid()
        assert (await other.get("/guarded"))[0] == b"1"


# --- waiting for one -----------------------------------------------------------------------------


async def test_waiting_is_bounded_by_the_callers_scope_alone(autojump_clock, ensemble):
    # One kind of failure, and no limit that begins anew with each change in the line.
    async with coordinate(ensemble) as coord, look_into(ensemble) as other:
        await other.create("/l")
        before = [
            await other.create(f"/l/x-lock-{n}-", mode=EPHEMERAL_SEQUENTIAL) for n in range(9)
        ]
        began_at = trio.current_time()
        async with trio.open_nursery() as nursery:

            async def go_one_by_one():
                for path in reversed(before[1:]):
                    await trio.sleep(1)
                    await other.delete(path)

            nursery.start_soon(go_one_by_one)
            with trio.move_on_after(5) as limit:
                async with coord.lock("/l"):
                    pytest.fail("somebody stands before it")
            took = trio.current_time() - began_at
            nursery.cancel_scope.cancel()
        assert limit.cancelled_caught
        assert took <= 5 + LEAVE_GRACE
        children = await other.get_children("/l")
        assert f"/l/{children[0]}" in before
        assert not [name for name in children if name.startswith("_c_")]


async def test_a_wait_that_was_cancelled_leaves_nobody_in_line_and_the_next_one_works(
    autojump_clock, ensemble
):
    async with (
        coordinate(ensemble) as one,
        coordinate(ensemble) as two,
        look_into(ensemble) as other,
    ):
        async with holding(one, "/l") as release, two.contend("/l") as contender:
            with trio.move_on_after(3) as limit:
                await contender.acquire()
            assert limit.cancelled_caught
            assert len(await other.get_children("/l")) == 1
            release()
            with trio.fail_after(5):
                held = await contender.acquire()
            assert held.valid()
        assert await other.get_children("/l") == []


async def test_a_cancellation_before_the_wait_poisons_no_later_one(autojump_clock, ensemble):
    async with coordinate(ensemble) as coord, coord.contend("/l") as contender:
        with trio.CancelScope() as scope:
            scope.cancel()
            await contender.acquire()
        assert scope.cancelled_caught
        with trio.fail_after(5):
            assert (await contender.acquire()).valid()
            await contender.release()
            async with coord.lock("/l") as held:
                assert held.valid()


@pytest.mark.parametrize("released", ["while away", "afterwards"])
async def test_who_waits_is_woken_over_the_next_connection(autojump_clock, ensemble, released):
    got = trio.Event()

    async def wait():
        async with two.lock("/l"):
            got.set()

    async with (
        coordinate(ensemble) as one,
        open_faults(ensemble) as faults,
        coordinate(faults) as two,
        trio.open_nursery() as nursery,
        holding(one, "/l") as release,
    ):
        nursery.start_soon(wait)
        await trio.sleep(3)
        session = two.session
        async with faults.down():
            await two.suspended.wait()
            if released == "while away":
                release()
                await trio.sleep(1)
        await two.wait_connected()
        release()
        with trio.fail_after(5):
            await got.wait()
        assert two.session is session


async def test_the_block_of_a_lock_is_entered_with_a_lock_in_hand(autojump_clock, ensemble):
    async with coordinate(ensemble) as coord, look_into(ensemble) as other:
        async with coord.lock("/l", identifier=b"\x00ident'") as held:
            assert held.valid()
            assert await other.get(held.path) == (b"\x00ident'", await other.exists(held.path))
        assert not held.valid()
