"""The checks of what clients told under faults, on histories that were made up."""

from __future__ import annotations

import pytest
from bench.harness.outcome import MET, NOT_MEASURED, NOT_MET
from bench.timeouts import _detection_history as detection
from bench.timeouts import _lost_history as lost
from bench.timeouts import _timeline as timeline
from bench.timeouts import _verdict_history as verdict
from bench.timeouts._events import ProbeEvent

HELD, OTHER = "0x1a", "0x2b"


def told(t, event, *, i=0, session=""):
    return ProbeEvent(t=t, i=i, event=event, id=session)


def connected(t, session=HELD, *, i=0):
    return told(t, "connected", i=i, session=session)


# A server fell silent at 10 s; the timeout is 4 s.


def trial(events, peer="coordinator"):
    return detection.outcome(events, peer=peer, session=(0, HELD), since=10.0, timeout=4.0)


def test_the_first_sign_is_a_fraction_of_the_timeout_and_the_same_id_is_saved():
    events = [connected(1.0), told(11.0, "suspended"), connected(12.0)]
    assert trial(events) == detection.Trial("coordinator", 4.0, 0.25, True)


def test_another_id_is_not_saved_even_if_the_first_comes_back_later():
    events = [told(11.0, "suspended"), connected(15.0, OTHER), connected(16.0, HELD)]
    assert not trial(events).saved


def test_what_another_session_tells_or_what_comes_too_late_does_not_count():
    events = [told(11.0, "suspended", i=1), connected(12.0, i=1), told(22.1, "suspended")]
    assert trial(events) == detection.Trial("coordinator", 4.0, None, False)


def test_a_reconnection_without_a_word_before_is_a_sign():
    assert trial([connected(12.0)]).fraction == 0.5


def signs_and_saved(trials, least):
    return [goal.verdict for goal in detection.judge(trials, {4.0: least})]


def a_trial(fraction=0.4, *, saved=True, peer="coordinator"):
    return detection.Trial(peer, 4.0, fraction, saved)


def test_both_goals_are_met_up_to_the_bound():
    assert signs_and_saved([a_trial(0.5), a_trial()], 2) == [MET, MET]


@pytest.mark.parametrize("late", [0.501, None])
def test_one_late_sign_among_many_is_a_miss(late):
    assert signs_and_saved([a_trial()] * 99 + [a_trial(late)], 50) == [NOT_MET, MET]


def test_one_session_that_was_not_saved_is_a_miss():
    assert signs_and_saved([a_trial()] * 99 + [a_trial(saved=False)], 50) == [MET, NOT_MET]


def test_too_few_trials_are_a_miss_and_others_trials_do_not_help():
    trials = [a_trial()] * 49 + [a_trial(peer="kazoo")] * 50
    assert signs_and_saved(trials, 50) == [NOT_MET, NOT_MET]


def test_a_timeout_without_a_trial_is_a_miss():
    goals = detection.judge([a_trial()], {4.0: 1, 2.0: 1})
    assert [goal.verdict for goal in goals] == [NOT_MET, NOT_MET]
    assert "0 trials of 1 at 2 s" in goals[0].measured


def test_no_trials_at_all_are_not_measured():
    assert signs_and_saved([], 1) == [NOT_MEASURED, NOT_MEASURED]


def test_the_table_and_the_samples_have_every_trial():
    trials = [a_trial(0.25), a_trial(0.5), a_trial(None, saved=False)]
    (table,) = detection.tables(trials, ["coordinator"], {"coordinator": 0})
    assert table.rows[1] == ["coordinator", "3", "0.375 T", "0.500 T", "1", "2 of 3"]
    assert detection.samples(trials) == {
        "fraction": {"coordinator": {"4": [0.25, 0.5, None]}},
        "saved": {"coordinator": {"4": [True, True, False]}},
    }


def test_sessions_that_gave_no_trial_are_counted():
    *_, without = detection.tables([a_trial()], ["kazoo"], {"coordinator": 0, "kazoo": 3})
    assert without.rows[1:] == [["kazoo", "3"]]


# A fault from 10 to 20 s; the node was seen to be gone at 15 s.

CUT = "cut"


def losses(events, peer="coordinator"):
    return lost.losses(
        events, fault=CUT, timeout=4.0, peer=peer, session=0, since=10.0, until=20.0, gone=15.0
    )


def test_the_coordinator_has_a_margin_for_its_lease_and_one_for_its_state():
    events = [told(13.0, "lease-over"), told(14.5, "lost"), told(21.0, "expired")]
    assert [(each.who, each.margin) for each in losses(events)] == [
        (lost.LEASE, 2.0),
        (lost.STATE, 0.5),
    ]


def test_a_client_that_tells_after_the_node_has_gone_has_a_margin_below_zero():
    (loss,) = losses([told(17.0, "expired")], peer="Rust")
    assert (loss.who, loss.margin) == ("Rust", -2.0)


def test_what_is_told_only_once_the_fault_is_over_is_never():
    (loss,) = losses([told(12.0, "suspended"), told(20.1, "expired")], peer="Java")
    assert loss.margin is None


def test_a_lease_that_was_followed_by_another_before_the_node_went_is_no_warning():
    events = [told(11.0, "lease-over"), told(12.0, "lease-on"), told(15.5, "lease-over")]
    lease, _ = losses(events)
    assert lease.margin == -0.5


def test_a_session_without_a_lease_at_the_fault_is_not_held():
    connected_alone = [connected(1.0)]
    leased = [connected(1.0), told(2.0, "lease-on")]
    assert lost.is_held(connected_alone, "Java", 0)
    assert not lost.is_held(connected_alone, "coordinator", 0)
    assert lost.is_held(leased, "coordinator", 0)
    assert not lost.is_held([*leased, told(3.0, "lease-over")], "coordinator", 0)


def a_loss(margin, who=lost.LEASE):
    return lost.Loss(CUT, 4.0, who, margin)


def judged(history, *, least=1, ineffective=None):
    (goal,) = lost.judge(history, {CUT: (4.0,)}, least, ineffective or {})
    return goal


def test_margins_from_zero_on_meet_the_goal():
    assert judged([a_loss(0.0), a_loss(0.7)]).verdict == MET


@pytest.mark.parametrize("planted", [-0.001, None])
def test_one_margin_below_zero_is_a_miss(planted):
    goal = judged([*[a_loss(0.7)] * 29, a_loss(planted)])
    assert goal.verdict == NOT_MET
    assert "1 of 30 too late" in goal.measured


def test_a_late_state_is_shown_and_is_no_miss_of_the_lease():
    goal = judged([a_loss(0.7), a_loss(-0.2, lost.STATE)])
    assert goal.verdict == MET
    assert "its state: worst -0.200 s" in goal.measured


def test_too_few_sessions_or_a_fault_without_effect_are_a_miss():
    assert judged([a_loss(0.7)], least=2).verdict == NOT_MET
    assert judged([a_loss(0.7)], ineffective={CUT: "it was not cut off"}).verdict == NOT_MET


def test_a_fault_of_which_nothing_was_seen_is_not_measured():
    assert judged([]).verdict == NOT_MEASURED


def test_the_row_of_a_client_counts_who_told_late_and_who_told_nothing():
    history = [a_loss(margin, "Java") for margin in (1.0, -0.5, None)]
    table = lost.table(history, CUT)
    assert table.rows[1] == ["Java", "4 s", "3", "-0.500 s", "+0.250 s", "1", "1"]
    assert lost.samples(history) == {CUT: {"Java": [1.0, -0.5, None]}}


# Silence from 10 to 14 s.


def a_verdict(events):
    return verdict.verdict(
        events, peer="kazoo", outage=2, session=(0, HELD), since=10.0, healed=14.0
    )


def test_the_same_id_after_the_silence_is_kept_whatever_was_feared():
    found = a_verdict([told(12.0, "lost"), connected(14.5)])
    assert (found.outcome, found.seconds) == ("kept", 0.5)


def test_a_verdict_of_the_clients_own_is_before_the_servers_are_back():
    found = a_verdict([told(12.0, "lost"), told(14.5, "expired"), connected(15.0, OTHER)])
    assert (found.outcome, found.seconds, found.again) == ("expired", -2.0, 1.0)


def test_a_new_id_without_a_word_is_a_verdict_too():
    found = a_verdict([told(11.0, "suspended"), connected(16.0, OTHER)])
    assert (found.outcome, found.seconds) == ("expired", 2.0)


def test_neither_in_time_is_never():
    found = a_verdict([told(11.0, "suspended"), connected(29.1)])
    assert (found.outcome, found.seconds) == ("never", None)


def test_verdicts_are_counted_by_length_of_outage():
    history = [
        verdict.Verdict("kazoo", 2, "expired", -2.0, 1.0),
        verdict.Verdict("kazoo", 2, "kept", 0.5, 0.5),
        verdict.Verdict("kazoo", 30, "never", None),
    ]
    table = verdict.table(history, 2, ["kazoo"], 2.0)
    assert table.rows[1][1:5] == ["2", "1", "1", "0"]
    assert [len(each["kazoo"]) for each in verdict.samples(history).values()] == [2, 1]


def test_a_timeline_begins_where_the_client_was_last_connected_and_has_its_nodes_end():
    events = [connected(1.0, OTHER), connected(9.0), told(11.0, "suspended"), connected(16.0)]
    assert timeline.of_client(events, 10.0, 15.0) == [
        [-1.0, "connected"],
        [1.0, "suspended"],
        [5.0, "node gone"],
        [6.0, "connected"],
    ]


def test_the_servers_timeline_has_the_first_node_that_went():
    assert timeline.of_server(10.0, 18.0, [15.5, 15.0]) == [
        [0.0, "fault on"],
        [5.0, "node gone"],
        [8.0, "fault off"],
    ]
