"""A right that ends by itself."""

import time

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

import zkwire
from coordinator import LeaseLost
from coordinator._lease import CLOCK_RATES, MARGIN, Lease
from coordinator._lease_clock import LeaseClock

T = 10.0
LENGTH = T / (1 + CLOCK_RATES) - MARGIN


class Suspended:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def begun(suspended=None) -> Lease:
    lease = Lease(None if suspended is None else LeaseClock(suspended))
    lease.confirm(trio.current_time(), T)
    return lease


# --- its length ----------------------------------------------------------------------------------


async def test_it_has_not_begun_before_it_is_confirmed():
    lease = Lease()
    assert not lease.valid()
    assert not lease.is_over
    assert lease.remaining() == 0
    assert repr(lease) == "<Lease: has not begun>"
    with pytest.raises(LeaseLost, match="has not begun"):
        lease.check()


async def test_it_ends_by_itself_a_little_before_the_timeout(mock_clock: MockClock):
    lease = begun()
    assert LENGTH < T
    assert lease.remaining() == pytest.approx(LENGTH)
    mock_clock.jump(LENGTH - 0.001)
    assert lease.valid()
    lease.check()
    mock_clock.jump(0.002)
    assert not lease.valid()
    assert lease.remaining() == 0
    with pytest.raises(LeaseLost, match="has run out"):
        lease.check()


async def test_what_is_old_when_it_is_confirmed_counts_from_when_it_was(mock_clock: MockClock):
    lease = Lease()
    mock_clock.jump(100)
    lease.confirm(mock_clock.current_time() - 4, T)
    assert lease.remaining() == pytest.approx(LENGTH - 4)


async def test_too_old_a_confirmation_begins_nothing(mock_clock: MockClock):
    lease = Lease()
    mock_clock.jump(100)
    lease.confirm(mock_clock.current_time() - T, T)
    assert not lease.valid()
    assert not lease.is_over
    lease.confirm(mock_clock.current_time(), T)
    assert lease.valid()


async def test_a_later_confirmation_of_something_older_takes_nothing_away(mock_clock: MockClock):
    lease = begun()
    lease.confirm(mock_clock.current_time() - 5, T)
    assert lease.remaining() == pytest.approx(LENGTH)


async def test_it_is_as_short_as_the_server_that_the_session_has_moved_to_makes_it(
    mock_clock: MockClock,
):
    lease = begun()
    lease.shorten(mock_clock.current_time(), 4.0)
    assert lease.remaining() == pytest.approx(4 / (1 + CLOCK_RATES) - MARGIN)
    lease.shorten(mock_clock.current_time(), 40.0)
    assert lease.remaining() < 4


async def test_valid_may_be_asked_from_another_thread():
    lease = begun()
    assert await trio.to_thread.run_sync(lease.valid)


# --- sleep and stalls ----------------------------------------------------------------------------


async def test_it_counts_the_time_for_which_the_machine_was_suspended(mock_clock: MockClock):
    suspended = Suspended()
    lease = begun(suspended)
    suspended.seconds += T
    assert not lease.valid()
    assert lease.remaining() == 0


async def test_a_short_sleep_takes_that_much_from_it(mock_clock: MockClock):
    suspended = Suspended()
    lease = begun(suspended)
    suspended.seconds += 3
    assert lease.remaining() == pytest.approx(LENGTH - 3)


async def test_what_was_sent_before_a_sleep_does_not_confirm_beyond_it(mock_clock: MockClock):
    suspended = Suspended()
    lease = begun(suspended)
    mock_clock.jump(1)
    sent = mock_clock.current_time()
    suspended.seconds += 5
    lease.confirm(sent, T)
    assert lease.remaining() == pytest.approx(LENGTH - 5)


async def test_after_a_sleep_a_scope_is_cancelled_and_lost_is_set_soon(autojump_clock, nursery):
    suspended = Suspended()
    lease = begun(suspended)
    nursery.start_soon(lease.run_out)
    async with lease.scope() as scope:
        await trio.sleep(1)
        suspended.seconds += T
        awake_at = trio.current_time()
        await trio.sleep_forever()
    assert scope.cancelled_caught
    assert trio.current_time() - awake_at <= T / 20
    assert lease.lost.is_set()


async def test_a_blocked_event_loop_does_not_make_it_last_longer():
    lease = Lease()
    lease.confirm(trio.current_time(), 0.05)
    done = []
    async with lease.scope() as scope:
        time.sleep(0.06)  # noqa: ASYNC251  # that is what is tested
        assert not lease.valid()
        await trio.lowlevel.checkpoint()
        done.append("went on")
    assert scope.cancelled_caught
    assert not done


# --- scopes --------------------------------------------------------------------------------------


async def test_a_scope_is_cancelled_at_the_deadline_without_any_task(autojump_clock):
    lease = begun()
    began = trio.current_time()
    async with lease.scope() as scope:
        await trio.sleep_forever()
    assert scope.cancelled_caught
    assert trio.current_time() - began == pytest.approx(LENGTH)


async def test_a_scope_follows_each_confirmation(autojump_clock, nursery):
    lease = begun()
    began = trio.current_time()

    async def confirm():
        await trio.sleep(5)
        lease.confirm(trio.current_time(), T)

    nursery.start_soon(confirm)
    async with lease.scope():
        await trio.sleep_forever()
    assert trio.current_time() - began == pytest.approx(5 + LENGTH)


async def test_a_scope_follows_what_makes_it_shorter(autojump_clock, nursery):
    lease = begun()
    began = trio.current_time()

    async def shorten():
        await trio.sleep(1)
        lease.shorten(trio.current_time(), 2.0)

    nursery.start_soon(shorten)
    async with lease.scope():
        await trio.sleep_forever()
    assert trio.current_time() - began < 3


async def test_a_scope_is_not_let_in_once_it_is_over(mock_clock: MockClock):
    lease = begun()
    mock_clock.jump(T)
    with pytest.raises(LeaseLost):
        async with lease.scope():
            pytest.fail("let in")


async def test_a_guard_that_comes_too_late_ends_at_the_first_checkpoint(mock_clock: MockClock):
    for lease in (Lease(), begun()):
        mock_clock.jump(T)
        with lease.guard() as scope:
            await trio.lowlevel.checkpoint()
            pytest.fail("went on")
        assert scope.cancelled_caught


async def test_what_ends_it_cancels_every_scope(autojump_clock, nursery):
    lease = begun()
    over = []

    async def work():
        async with lease.scope() as scope:
            await trio.sleep_forever()
        over.append(scope.cancelled_caught)

    nursery.start_soon(work)
    nursery.start_soon(work)
    await wait_all_tasks_blocked()
    lease.end("is over")
    await wait_all_tasks_blocked()
    assert over == [True, True]


async def test_leaving_a_scope_unscathed_leaves_nothing_behind(mock_clock: MockClock):
    lease = begun()
    async with lease.scope() as scope:
        pass
    lease.end("is over")
    assert not scope.cancel_called


# --- the end -------------------------------------------------------------------------------------


async def test_one_that_has_run_out_never_comes_back(mock_clock: MockClock):
    lease = begun()
    mock_clock.jump(T)
    lease.confirm(mock_clock.current_time(), T)
    assert not lease.valid()
    assert lease.lost.is_set()
    lease.confirm(mock_clock.current_time(), T)
    assert not lease.valid()
    assert lease.is_over


async def test_the_end_has_one_reason_the_first_and_says_it():
    lease = begun()
    error = zkwire.NoNode("/x")
    lease.end("is over: its node has been removed", error)
    lease.end("is over for another reason")
    lease.confirm(trio.current_time(), T)
    assert not lease.valid()
    assert lease.remaining() == 0
    assert lease.lost.is_set()
    with pytest.raises(LeaseLost, match="its node has been removed") as caught:
        lease.check()
    assert caught.value.__cause__ is error
    assert repr(lease) == "<Lease: is over: its node has been removed>"


async def test_given_back_it_is_over_and_not_lost(mock_clock: MockClock):
    lease = begun()
    with lease.guard() as scope:
        lease.give_back()
        assert scope.cancel_called
    assert not lease.valid()
    assert lease.is_over
    assert not lease.lost.is_set()
    assert repr(lease) == "<Lease: has been given back>"


async def test_given_back_too_late_it_is_lost(mock_clock: MockClock):
    lease = begun()
    mock_clock.jump(T)
    lease.give_back()
    assert lease.lost.is_set()


async def test_its_running_out_is_told(autojump_clock, nursery):
    lease = Lease()
    nursery.start_soon(lease.run_out)
    await trio.sleep(50)
    assert not lease.lost.is_set()
    lease.confirm(trio.current_time(), T)
    began = trio.current_time()
    await lease.lost.wait()
    assert trio.current_time() - began == pytest.approx(LENGTH)
    assert "nothing confirmed it in time" in repr(lease)


# --- waiting for it ------------------------------------------------------------------------------


async def test_it_can_be_waited_for(autojump_clock, nursery):
    lease = Lease()
    came = []

    async def wait():
        await lease.wait_valid()
        came.append(trio.current_time())

    nursery.start_soon(wait)
    await trio.sleep(3)
    assert not came
    lease.confirm(trio.current_time(), T)
    await wait_all_tasks_blocked()
    assert came == [trio.current_time()]


async def test_waiting_ends_when_it_will_never_be(nursery):
    lease = Lease()
    came = []

    async def wait():
        with pytest.raises(LeaseLost):
            await lease.wait_valid()
        came.append(True)

    nursery.start_soon(wait)
    await wait_all_tasks_blocked()
    lease.end("is over with its session")
    await wait_all_tasks_blocked()
    assert came == [True]
