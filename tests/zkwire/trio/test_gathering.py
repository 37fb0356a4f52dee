"""Replies are let to gather where that cannot be felt, and nowhere else."""

from __future__ import annotations

import pytest

from zkwire._trio._gathering import MANY, PATIENCE, PAUSE, SPAN, Gathering


def paced(pace: float, in_flight: int, *, seconds: float = 0.05) -> bool:
    """What it says in the end of a server with this many answers a second."""
    gathering, says, start = Gathering(), False, 100.0
    for step in range(round(seconds / 0.001)):
        elapsed = step * 0.001
        answered = round(pace * elapsed)
        says = gathering.pause(start + elapsed, answered=answered, in_flight=in_flight)
    return says


def test_a_slow_server_with_much_to_do_is_given_time():
    assert paced(20_000, in_flight=1_024)


def test_a_quick_server_is_read_at_once():
    assert not paced(200_000, in_flight=1_024)


@pytest.mark.parametrize("in_flight", [1, MANY - 1])
def test_few_requests_are_never_kept_waiting(in_flight):
    assert not paced(1, in_flight=in_flight)


def test_the_wait_is_a_small_part_of_what_all_takes():
    in_flight = 1_000
    limit = in_flight / (PAUSE * PATIENCE)
    assert paced(limit * 0.9, in_flight)
    assert not paced(limit * 1.1, in_flight)


def test_nothing_is_assumed_before_it_was_measured():
    gathering = Gathering()
    assert not gathering.pause(5.0, answered=3, in_flight=1_000)
    assert not gathering.pause(5.0 + SPAN / 2, answered=3, in_flight=1_000)


def test_a_rest_is_not_taken_for_slowness():
    gathering = Gathering()
    gathering.pause(0.0, answered=0, in_flight=1_000)
    assert gathering.pause(SPAN, answered=10, in_flight=1_000)
    assert not gathering.pause(60.0, answered=20, in_flight=1_000)
    assert not gathering.pause(60.0 + SPAN / 2, answered=20, in_flight=1_000)
