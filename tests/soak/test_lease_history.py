"""The check of leases, on histories that were made up."""

from __future__ import annotations

from bench.soak._lease_history import Watched, judge, judge_availability, table
from bench.soak._verdict import Verdict

CUT, KILLED = "cut", "killed"


def session(*, fault=CUT, gone=10.0, until=9.0, naive=9.5, valid=False):
    return Watched(
        fault=fault,
        timeout=2.0,
        seen_gone=gone,
        was_valid=valid,
        lease_until=until,
        naive_until=naive,
    )


def verdict(history, *, expected=((CUT, 2.0),), least=1, ineffective=None):
    (claim,) = judge(
        history, expected=expected, least_sessions=least, ineffective=ineffective or {}
    )
    return claim


def test_leases_that_end_in_time_pass_where_the_naive_rule_fails():
    claim = verdict([session(), session(naive=11.0)])
    assert claim.verdict is Verdict.PASS
    assert claim.measured.startswith("0 of 2 sessions")


def test_a_lease_that_was_valid_when_its_node_was_seen_gone_fails():
    late = session(valid=True, until=10.3, naive=11.0)
    assert verdict([session(), late]).verdict is Verdict.FAIL


def test_a_lease_that_ends_at_the_very_instant_fails():
    assert verdict([session(until=10.0, naive=11.0)]).verdict is Verdict.FAIL


def test_a_run_in_which_the_naive_rule_never_failed_is_invalid():
    claim = verdict([session(), session()])
    assert claim.verdict is Verdict.INVALID
    assert "naive" in claim.measured


def test_a_run_with_too_few_sessions_of_one_kind_is_invalid():
    history = [session(naive=11.0), session(naive=11.0), session(fault=KILLED)]
    claim = verdict(history, expected=[(CUT, 2.0), (KILLED, 2.0)], least=2)
    assert claim.verdict is Verdict.INVALID
    assert "killed at 2 s: 1 sessions of 2" in claim.measured


def test_a_fault_that_was_never_measured_makes_a_run_invalid():
    claim = verdict([session(naive=11.0)], expected=[(CUT, 2.0), (KILLED, 2.0)])
    assert claim.verdict is Verdict.INVALID


def test_a_fault_without_effect_makes_a_run_invalid():
    claim = verdict([session(naive=11.0)], ineffective={CUT: "it was not cut off"})
    assert claim.verdict is Verdict.INVALID


def test_a_violation_counts_in_a_run_that_is_invalid_too():
    claim = verdict([session(valid=True, until=10.5)], ineffective={CUT: "it was not cut off"})
    assert claim.verdict is Verdict.FAIL


def test_nothing_measured_is_invalid():
    assert verdict([]).verdict is Verdict.INVALID


def test_the_table_has_the_least_margin_and_how_late_the_naive_rule_was():
    _, row = table([session(until=9.0, naive=11.5), session(until=9.75), session(until=8.0)])
    assert row == [CUT, "2 s", "3", "0", "0.250 s", "1.000 s", "1", "1.500 s"]


def test_availability_passes_from_its_figure_on():
    assert judge_availability(9_990, 10_000, least_samples=10_000).verdict is Verdict.PASS
    assert judge_availability(9_989, 10_000, least_samples=10_000).verdict is Verdict.FAIL


def test_availability_of_too_few_samples_is_invalid():
    assert judge_availability(100, 100, least_samples=101).verdict is Verdict.INVALID
    assert judge_availability(0, 0, least_samples=1).verdict is Verdict.INVALID
