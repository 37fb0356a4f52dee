"""What subjects make of what probes told, on events that were made up; misses are planted."""

from __future__ import annotations

import pytest
from bench.harness.outcome import MET, NOT_MEASURED, NOT_MET
from bench.timeouts import _crowd, _gaps, _moves
from bench.timeouts._attempts import Herded, differences, per_second
from bench.timeouts._attempts import rows as herd_rows
from bench.timeouts._crowd import Crowd
from bench.timeouts._events import ProbeEvent
from bench.timeouts._gaps import Rolled, gaps, rolled
from bench.timeouts._moves import FROZEN, KILLED, LEADER, Move, moves_of
from bench.timeouts._packets import counted
from bench.timeouts._plan_sessions import Failover
from bench.timeouts._processes import Carried, between, parsed
from bench.timeouts._whereabouts import most_even, place, sids
from bench.timeouts.failover import schedule

A, B = "127.0.0.1:1", "127.0.0.1:2"


def told(*events):
    """Events as (t, i, event) or, of a connection, (t, i, "connected", id)."""
    return [ProbeEvent(t, i, event, *more) for t, i, event, *more in events]


OPENED = (
    (1.0, 0, "connected", "0xa"),
    (1.1, 0, "answered"),
    (1.0, 1, "connected", "0xb"),
    (1.1, 1, "answered"),
)


class TestMoves:
    def test_time_runs_from_the_fault_to_the_next_answer(self):
        events = told(
            *OPENED, (5.1, 0, "suspended"), (5.2, 0, "connected", "0xa"), (5.25, 0, "answered")
        )
        (move,) = moves_of(events, [0], 5.0)
        assert move.seconds == pytest.approx(0.25)
        assert move.kept

    def test_another_id_is_another_session(self):
        events = told(*OPENED, (5.2, 0, "connected", "0xc"), (5.3, 0, "answered"))
        assert not moves_of(events, [0], 5.0)[0].kept

    def test_an_answer_of_another_session_is_none_of_this_one(self):
        events = told(*OPENED, (5.2, 1, "connected", "0xb"), (5.3, 1, "answered"))
        assert moves_of(events, [0], 5.0) == [Move(None, kept=False)]

    def verdicts(self, *moves):
        goals = _moves.goals({KILLED: {"coordinator": list(moves)}})
        return [goal.verdict for goal in goals]

    def test_soon_and_the_same_is_met(self):
        assert self.verdicts(Move(0.02, True), Move(0.05, True), Move(0.9, True)) == [MET, MET]

    def test_a_slow_median_is_not_met(self):
        assert self.verdicts(Move(0.02, True), Move(0.051, True), Move(0.06, True))[0] == NOT_MET

    def test_no_answer_is_slower_than_any(self):
        assert self.verdicts(Move(0.02, True), Move(None, False), Move(None, False))[0] == NOT_MET

    def test_one_other_session_is_not_met(self):
        assert self.verdicts(*[Move(0.02, True)] * 99, Move(0.02, False))[1] == NOT_MET

    def test_no_moves_are_not_measured(self):
        assert self.verdicts() == [NOT_MEASURED] * 2

    def test_only_the_coordinator_is_judged(self):
        goals = _moves.goals({KILLED: {"kazoo": [Move(9.0, False)]}})
        assert {goal.verdict for goal in goals} == {NOT_MEASURED}

    def test_the_table_shows_who_has_no_answer(self):
        table = _moves.table({KILLED: {"kazoo": [Move(0.1, True), Move(None, False)]}}, ["kazoo"])
        assert table.rows[1] == [
            "kazoo",
            "100 (100 to 100); 1 of 2 kept, 1 without an answer",
        ]

    def test_each_fault_is_spread_over_the_run(self):
        plan = Failover(sessions=1, followers=4, leaders=2, freezes=2, limit=1.0)
        faults = schedule(plan)
        assert [faults.count(each) for each in (KILLED, LEADER, FROZEN)] == [4, 2, 2]
        assert {LEADER, FROZEN} <= set(faults[:4])


class TestGaps:
    def test_time_runs_from_the_stop_even_if_the_client_is_late_to_tell(self):
        events = told(
            *OPENED[:2], (7.0, 0, "suspended"), (7.5, 0, "connected", "0xa"), (7.6, 0, "answered")
        )
        assert gaps(events, [5.0, 9.0], 20.0) == [pytest.approx(2.6)]

    def test_a_session_that_has_answered_since_counts_from_when_it_is_gone_again(self):
        again = ((7.0, 0, "suspended"), (7.5, 0, "connected", "0xa"), (7.6, 0, "answered"))
        events = told(*OPENED[:2], (5.5, 0, "connected", "0xa"), (5.6, 0, "answered"), *again)
        assert gaps(events, [5.0], 20.0) == [pytest.approx(0.6), pytest.approx(0.6)]

    def test_one_that_never_answers_counts_to_the_end(self):
        assert gaps(told(*OPENED[:2], (5.5, 0, "suspended")), [5.0], 20.0) == [15.0]

    def test_one_that_stays_has_none(self):
        assert gaps(told(*OPENED[:2]), [5.0], 20.0) == []

    MOVED = (
        *OPENED,
        (5.1, 0, "suspended"),
        (5.2, 0, "connected", "0xa"),
        (5.3, 0, "answered"),
        (6.1, 1, "suspended"),
        (6.2, 1, "connected", "0xb"),
        (6.3, 1, "answered"),
    )

    def test_all_are_kept(self):
        found = rolled(told(*self.MOVED), 2, [5.0, 6.0], 20.0)
        assert found == Rolled(kept=2, moved=2, of=2, worst=pytest.approx(0.3))
        assert _gaps.goal(found).verdict == MET

    @pytest.mark.parametrize(
        "planted",
        [
            ((7.0, 1, "expired"), (7.1, 1, "connected", "0xb"), (7.2, 1, "answered")),
            ((7.0, 1, "suspended"), (7.1, 1, "connected", "0xd"), (7.2, 1, "answered")),
            ((7.0, 1, "suspended"),),
        ],
        ids=["expired", "another id", "away at the end"],
    )
    def test_one_that_is_not_kept_is_not_met(self, planted):
        found = rolled(told(*self.MOVED, *planted), 2, [5.0, 6.0], 20.0)
        assert found.kept == 1
        assert _gaps.goal(found).verdict == NOT_MET

    def test_sessions_that_did_not_move_show_nothing(self):
        found = rolled(told(*self.MOVED[:7]), 2, [5.0, 6.0], 20.0)
        assert (found.kept, found.moved) == (2, 1)
        assert _gaps.goal(found).verdict == NOT_MEASURED

    def test_nothing_found_is_not_measured(self):
        assert _gaps.goal(None).verdict == NOT_MEASURED


class TestAttempts:
    def test_seconds_are_told_apart(self):
        assert per_second([0.5, 1.0, 1.9, 2.0, 3.0, 9.0], 1.0, 3) == [2, 1, 1]

    def test_counters_only_grow(self):
        assert differences([3, 3, 10]) == [0, 7]

    def test_iptables_lists_a_port_a_line(self):
        listing = (
            "Chain ZKBENCH-1 (1 references)\n"
            "    pkts      bytes target     prot opt in     out     source     destination\n"
            "      12      720            6    --  *      *       0.0.0.0/0  0.0.0.0/0  "
            "tcp dpt:2181\n"
            "       0        0            6    --  *      *       0.0.0.0/0  0.0.0.0/0  "
            "tcp dpt:2182\n"
        )
        assert counted(listing) == {2181: 12, 2182: 0}

    def test_what_was_not_counted_is_not_shown_as_none(self):
        herd = Herded(clients=10, down=[30, 10], closing=None, back=[0], back_after=None, kept=9)
        assert herd_rows({"Go": herd})[1][1:] == [
            "2.00", "3.00", "-", "-", "0", "not all", "9 of 10",
        ]  # fmt: skip


class TestWhereabouts:
    def test_members_list_their_sessions(self):
        answer = " /127.0.0.1:9[1](queued=0,sid=0xa,lop=PING)\n /127.0.0.1:8[0](queued=0,recved=1)"
        assert sids(answer) == {"0xa"}

    def test_one_member_that_lists_it_is_right(self):
        assert place("0xa", B, {A: {"0xa"}, B: set()}) == A

    def test_where_two_list_it_the_client_is_asked(self):
        assert place("0xa", B, {A: {"0xa"}, B: {"0xa"}}) == B

    def test_nobody_knows(self):
        assert place("0xa", "", {A: set(), B: set()}) == ""

    def test_every_client_is_to_have_sessions_there(self):
        places = {("C", 0): A, ("C", 1): A, ("C", 2): A, ("Go", 0): B, ("C", 3): B}
        assert most_even(places, [A, B]) == B


class TestConnections:
    LINE = (
        '0 0 127.0.0.1:{ours} 127.0.0.1:2181 users:(("x",pid={pid},fd=7)) cubic rto:204 '
        "bytes_sent:{sent} bytes_received:40 segs_out:{out} segs_in:3 data_segs_out:1\n"
    )

    def test_each_process_has_its_own(self):
        listing = self.LINE.format(ours=1, pid=7, sent=60, out=4)
        listing += self.LINE.format(ours=2, pid=8, sent=0, out=1)
        assert parsed(listing) == {
            7: {"127.0.0.1:1 127.0.0.1:2181": Carried(7, 100)},
            8: {"127.0.0.1:2 127.0.0.1:2181": Carried(4, 40)},
        }

    def test_only_connections_that_stayed_count(self):
        before = {"a": Carried(10, 100), "gone": Carried(5, 50)}
        after = {"a": Carried(14, 130), "new": Carried(3, 30)}
        assert between(before, after) == (1, 4, 30)


class TestCrowd:
    def figures(self, kilobytes=30_300.0, threads=1, cpu=0.06):
        few = Crowd(sessions=10, open_after=0.1, kilobytes=600.0, threads=1, cpu=0.0)
        many = Crowd(sessions=1000, open_after=2.0, kilobytes=kilobytes, threads=threads, cpu=cpu)
        return {"coordinator": {"1000": many.over(few)}}

    def verdicts(self, figures):
        return [goal.verdict for goal in _crowd.goals(figures, [1000])]

    def test_what_is_asked_is_met(self):
        assert self.verdicts(self.figures()) == [MET, MET, MET]

    def test_each_miss_is_shown(self):
        assert self.verdicts(self.figures(kilobytes=30_400.0)) == [NOT_MET, MET, MET]
        assert self.verdicts(self.figures(threads=2)) == [MET, NOT_MET, MET]
        assert self.verdicts(self.figures(cpu=0.061)) == [MET, MET, NOT_MET]

    def test_sessions_that_could_not_be_opened_are_not_measured(self):
        goals = _crowd.goals(self.figures(), [1000, 5000])
        assert [goal.verdict for goal in goals[3:]] == [NOT_MEASURED] * 3
