"""The check of fail-overs, on histories that were made up."""

from __future__ import annotations

from bench.soak._moves_history import Move, judge, judge_rolling, table
from bench.soak._verdict import Verdict


def move(seconds, *, leader=False, same=True):
    return Move(seconds=seconds, was_leader=leader, is_same_session=same)


def verdicts(moves, least=1):
    return [claim.verdict for claim in judge(moves, least=least)]


def test_sessions_that_are_kept_and_go_on_soon_pass():
    assert verdicts([move(0.05), move(0.06), move(0.99)]) == [Verdict.PASS] * 3


def test_one_other_session_fails():
    assert verdicts([move(0.05)] * 49 + [move(0.05, same=False)])[0] is Verdict.FAIL


def test_a_median_of_the_limit_fails():
    assert verdicts([move(0.05), move(0.1), move(0.2)])[1] is Verdict.FAIL


def test_one_move_of_a_second_fails():
    assert verdicts([move(0.05), move(0.05), move(1.0)])[2] is Verdict.FAIL


def test_too_few_kills_are_invalid():
    assert verdicts([move(0.05)], least=2) == [Verdict.INVALID] * 3
    assert verdicts([]) == [Verdict.INVALID] * 3


def test_leaders_and_followers_have_rows_of_their_own():
    rows = table([move(0.05), move(0.07), move(0.9, leader=True)])
    assert rows[1:] == [["follower", "2", "60 ms", "70 ms"], ["leader", "1", "900 ms", "900 ms"]]


def test_a_rolling_restart_must_move_everybody_and_lose_nobody():
    assert judge_rolling(kept=10, sessions=10, moved=10).verdict is Verdict.PASS
    assert judge_rolling(kept=9, sessions=10, moved=10).verdict is Verdict.FAIL
    assert judge_rolling(kept=10, sessions=10, moved=9).verdict is Verdict.INVALID
    assert judge_rolling(kept=0, sessions=0, moved=0).verdict is Verdict.INVALID
