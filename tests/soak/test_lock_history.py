"""The check of locks, on histories that were made up."""

from __future__ import annotations

from bench.soak._lock_history import Hold, handovers, judge, judge_waking, overlaps
from bench.soak._verdict import Verdict


def hold(who, began, ended, token, *, lost=False):
    return Hold(who=who, began=began, ended=ended, token=token, lost=lost)


GOOD = (hold("a", 0, 10, 1), hold("b", 10, 20, 2, lost=True), hold("a", 25, 30, 5))


def verdicts(history, **changed):
    told = {
        "least": 1,
        "least_lost": 1,
        "injected": {"killed": 1},
        "least_of_each_kind": 1,
        "orphans": [],
        **changed,
    }
    return [claim.verdict for claim in judge(history, **told)]


def test_one_after_the_other_passes_in_whatever_order_it_was_told():
    assert verdicts(GOOD) == [Verdict.PASS] * 3
    assert verdicts(GOOD[::-1]) == [Verdict.PASS] * 3


def test_a_nanosecond_of_two_holders_fails():
    history = (*GOOD, hold("c", 29, 40, 6))
    assert verdicts(history)[0] is Verdict.FAIL
    assert overlaps(history) == [(GOOD[2], history[3], 1)]


def test_a_holder_within_another_ones_time_is_found_behind_shorter_ones():
    history = [hold("a", 0, 100, 1), hold("b", 10, 20, 2), hold("c", 50, 60, 3)]
    assert [(one.who, other.who, length) for one, other, length in overlaps(history)] == [
        ("a", "b", 10),
        ("a", "c", 10),
    ]


def test_a_token_that_does_not_grow_fails():
    for token in (4, 5):
        assert verdicts((*GOOD, hold("b", 40, 50, token)))[1] is Verdict.FAIL
    assert verdicts((*GOOD, hold("b", 40, 50, 6)))[1] is Verdict.PASS


def test_a_token_is_held_against_the_highest_before_not_the_last():
    history = (*GOOD, hold("b", 40, 50, 3), hold("c", 60, 70, 4))
    (claim,) = [
        each
        for each in judge(
            history, least=1, least_lost=1, injected={}, least_of_each_kind=0, orphans=[]
        )
        if "tokens" in each.text
    ]
    assert claim.measured == "2 of 5 grants out of order"


def test_a_node_that_is_left_fails():
    assert verdicts(GOOD, orphans=["_c_x-lock-0000000001"])[2] is Verdict.FAIL


def test_what_was_not_put_to_the_test_is_invalid():
    for changed in (
        {"least": 3},
        {"least_lost": 2},
        {"least_of_each_kind": 2},
        {"failures": ["a process of contenders ended with status 1"]},
    ):
        assert verdicts(GOOD, **changed)[:2] == [Verdict.INVALID] * 2


def test_no_history_at_all_is_invalid():
    assert verdicts([]) == [Verdict.INVALID] * 3


def test_taking_it_again_oneself_is_no_hand_over():
    assert handovers([hold("a", 0, 1, 1), hold("a", 2, 3, 2), hold("b", 4, 5, 3)]) == 1


def waking(**changed):
    told = {"releases": 100, "woken": 100, "most_at_once": 1, "others": 0, "least": 100}
    return judge_waking(**{**told, **changed}).verdict


def test_one_woken_for_each_release_passes():
    assert waking() is Verdict.PASS


def test_a_herd_fails_and_so_does_nobody_woken():
    assert waking(woken=4_950, most_at_once=300) is Verdict.FAIL
    assert waking(woken=99) is Verdict.FAIL
    assert waking(others=100) is Verdict.FAIL
    assert waking(most_at_once=2) is Verdict.FAIL


def test_too_few_releases_are_invalid():
    assert waking(releases=99, woken=99) is Verdict.INVALID
