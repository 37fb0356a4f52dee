"""The clock of a lease: trio's, and the machine's sleep."""

import math

import pytest
from trio.testing import MockClock

from coordinator._lease_clock import STEPS_KEPT, LeaseClock, seconds_suspended


class Suspended:
    """How long the machine has slept, set by hand."""

    def __init__(self, seconds=1000.0):
        self.seconds = seconds

    def __call__(self):
        return self.seconds


@pytest.fixture
def suspended():
    return Suspended()


async def test_it_goes_with_trio_s_clock(mock_clock: MockClock, suspended):
    clock = LeaseClock(suspended)
    began = clock.now()
    mock_clock.jump(3)
    assert clock.now() - began == 3
    assert clock.at(began + 1) == began + 1


async def test_sleep_from_before_it_was_made_does_not_count(mock_clock: MockClock, suspended):
    assert LeaseClock(suspended).now() == mock_clock.current_time()


async def test_it_counts_the_sleep_of_the_machine(mock_clock: MockClock, suspended):
    clock = LeaseClock(suspended)
    began = clock.now()
    suspended.seconds += 7
    assert clock.now() - began == 7
    mock_clock.jump(1)
    assert clock.now() - began == 8


async def test_the_clocks_are_not_read_at_one_instant_and_the_difference_is_no_sleep(suspended):
    clock = LeaseClock(suspended)
    began = clock.now()
    suspended.seconds += 0.009
    assert clock.now() - began < 0.009
    suspended.seconds -= 0.018
    assert clock.now() >= began


async def test_an_instant_before_the_sleep_was_noticed_counts_as_before_it(
    mock_clock: MockClock, suspended
):
    clock = LeaseClock(suspended)
    before = mock_clock.current_time()
    mock_clock.jump(1)
    suspended.seconds += 5
    unnoticed = mock_clock.current_time()
    mock_clock.jump(1)
    assert clock.at(before) == before
    assert clock.at(unnoticed) == unnoticed
    mock_clock.jump(1)
    assert clock.at(mock_clock.current_time()) == mock_clock.current_time() + 5


async def test_each_of_many_sleeps_counts_from_where_it_was(mock_clock: MockClock, suspended):
    clock = LeaseClock(suspended)
    expected = [(mock_clock.current_time(), 0)]
    for number in range(1, STEPS_KEPT):
        mock_clock.jump(1)
        suspended.seconds += 1
        clock.now()
        expected.append((mock_clock.current_time() + 0.5, number))
    assert [clock.at(instant) - instant for instant, _ in expected] == [n for _, n in expected]


async def test_what_lies_before_all_sleeps_that_it_remembers_is_older_than_any_lease(
    mock_clock: MockClock, suspended
):
    clock = LeaseClock(suspended)
    began = clock.now()
    for _ in range(STEPS_KEPT):
        mock_clock.jump(1)
        suspended.seconds += 1
        clock.now()
    assert clock.at(began) == -math.inf
    assert clock.now() == began + 2 * STEPS_KEPT


def test_this_machine_s_own_sleep_is_a_number_that_never_falls():
    first = seconds_suspended()
    assert first > -0.1
    assert seconds_suspended() >= first - 0.1
