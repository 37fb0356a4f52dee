from itertools import pairwise
from random import Random

import pytest

from coordinator._pace import (
    BASE_DELAY,
    ELECTION_DELAYS,
    LEAST_AT_THE_CAP,
    LONGEST_PAUSE,
    MAX_DELAY,
    STEADY_AFTER,
    Pace,
)


class Largest(Random):
    """Draws the largest number, so that a delay is its own ceiling."""

    def uniform(self, a, b):
        assert 0 <= a <= b
        return b


def failed(times):
    pace = Pace(Largest())
    for _ in range(times):
        pace.failed()
    return pace


@pytest.mark.parametrize(
    ("failures", "ceiling"),
    [(0, 0), (1, 0), (2, 0.3), (3, 0.65), (4, 1.6), (5, 3.2), (6, 5.0), (7, 5.0), (99, 5.0)],
)
def test_ceilings(failures, ceiling):
    assert failed(failures).delay() == pytest.approx(ceiling)


def test_asking_changes_nothing():
    pace = failed(4)
    assert pace.delay() == pace.delay()


def test_no_outage_is_too_long():
    assert failed(100_000).delay() == MAX_DELAY


def test_delays_are_spread_from_none_to_the_ceiling():
    pace = Pace(Random(1))
    for _ in range(4):
        pace.failed()
    delays = [pace.delay() for _ in range(1000)]
    ceiling = 4 * BASE_DELAY
    assert 0 <= min(delays) < ceiling / 10
    assert ceiling * 0.9 < max(delays) <= ceiling


def test_a_connection_that_lasted_resets_the_back_off():
    pace = failed(10)
    pace.ended(lived=STEADY_AFTER)
    assert pace.delay() == 0
    pace.failed()
    assert pace.delay() == pytest.approx(0.3)


def test_a_connection_that_did_not_last_counts_as_a_failure():
    pace = failed(2)
    pace.ended(lived=STEADY_AFTER / 2)
    assert pace.delay() == pytest.approx(0.65)


def test_the_third_attempt_of_a_second_awaits_an_election():
    for seed in range(500):
        pace, now, attempts = Pace(Random(seed)), 100.0, []
        pace.ended(lived=STEADY_AFTER)
        for _ in range(4):
            now = pace.attempt_at(now)
            attempts.append(now - 100.0)
            pace.failed()
        first, second, third, fourth = attempts
        assert first == 0
        assert second <= 0.3
        assert 0.5 <= third < 1.0
        assert fourth >= 1.0


def test_a_session_that_is_gone_is_replaced_at_once_but_the_back_off_is_kept():
    pace = failed(4)
    before = pace.delay()
    pace.refused()
    assert pace.delay() == 0
    assert pace.delay() == before


class Smallest(Random):
    """Draws the smallest number."""

    def uniform(self, a, b):
        return a


def test_no_second_has_more_than_three_attempts_and_hardly_a_minute_more_than_thirty():
    pace = Pace(Smallest())
    now, attempts = 100.0, []
    for _ in range(200):
        now = pace.attempt_at(now)
        attempts.append(now)
        pace.failed()
    assert attempts[:3] == [100.0] * 3
    assert all(
        later - earlier >= 1.0 for earlier, later in zip(attempts, attempts[3:], strict=False)
    )
    # The pause that the thirty would ask for is cut short: a server may be back.
    pauses = [later - earlier for earlier, later in pairwise(attempts)]
    assert max(pauses) == LONGEST_PAUSE
    assert all(attempts[n + 34] - attempts[n] >= 60.0 for n in range(len(attempts) - 34))


def test_few_clients_ever_come_to_thirty_attempts_in_a_minute():
    crowded = 0
    for seed in range(500):
        pace = Pace(Random(seed))
        now, attempts = 0.0, []
        while now < 300.0:
            now = pace.attempt_at(now)
            attempts.append(now)
            pace.failed()
        crowded += any(b - a < 60.0 for a, b in zip(attempts, attempts[30:], strict=False))
    assert crowded <= 5


def test_a_connection_that_lasted_opens_the_windows():
    # A server that is there and a line that keeps breaking must not cost the session.
    pace = failed(0)
    assert [pace.attempt_at(now) for now in (5.0, 5.1, 5.2)] == [5.0, 5.1, 5.2]
    pace.ended(lived=STEADY_AFTER / 2)
    assert pace.attempt_at(5.3) == 6.0
    pace.ended(lived=STEADY_AFTER)
    assert pace.attempt_at(6.1) == 6.1


def test_a_shorter_limit_holds_for_the_dice_alone():
    pace = failed(9)
    assert pace.delay() == MAX_DELAY
    assert pace.delay(0.75) == 0.75
    # Neither an election nor the windows are hurried by it.
    assert failed(3).delay(0.1) == ELECTION_DELAYS[3][1]
    for now in (1.0, 1.0, 1.0):
        pace.attempt_at(now, 0.0)
    assert pace.attempt_at(1.0, 0.0) == 2.0


def test_at_a_shorter_limit_the_thirty_of_a_minute_last_half_as_long_as_they_can_at_least():
    pace = Pace(Smallest())
    for _ in range(9):
        pace.failed()
    assert pace.delay(0.75) == 0.75 / 2
    assert pace.delay(MAX_DELAY) == LEAST_AT_THE_CAP


def test_what_a_servers_word_calls_for_waits_for_no_minute():
    pace = Pace(Smallest())
    now = 0.0
    for _ in range(30):
        now = pace.attempt_at(now)
        pace.failed()
    pace.refused()
    assert pace.attempt_at(now) <= now + 1.0
    pace.failed()
    assert pace.attempt_at(now + 1.0) > now + 5.0
