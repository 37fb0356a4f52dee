"""Speed subjects: on a real server with two clients, and what is reckoned from their answers."""

from __future__ import annotations

import json

import bench.__main__ as program
import pytest
from bench.speed import _load, gets
from bench.speed._load import Load
from bench.speed._nodes import chunks
from bench.speed._storm import Storm
from bench.speed._tracing import parse


@pytest.mark.zk
def test_a_look_at_gets_on_real_servers(tmp_path, capsys):
    look = ["--look", "gets", "--peers", "zkwire,kazoo", "--results", str(tmp_path)]
    assert program.main(look) == 0
    record = json.loads((tmp_path / "look" / "gets.json").read_text())
    assert len(record["samples"]) == 4
    for name, samples in record["samples"].items():
        assert list(samples) == ["zkwire", "kazoo"], record["missing"]
        for each in samples["zkwire"] + samples["kazoo"]:
            assert each["operations per second"] > 0
            assert each["CPU us per operation"] > 0
            assert ("median us" in each) == (", 1 in flight" in name)
    verdicts = {goal["text"]: goal["verdict"] for goal in record["goals"]}
    of_kazoo = [verdict for text, verdict in verdicts.items() if text.endswith("/ kazoo")]
    assert len(of_kazoo) == 4
    assert set(of_kazoo) <= {"met", "NOT MET"}
    # Nobody was asked to measure it, and nothing is said of it.
    assert {v for text, v in verdicts.items() if text.endswith("/ Java")} == {"not measured"}
    assert set(record["versions"]) == {"zkwire", "kazoo"}
    assert "numWorkerThreads=0" in record["server"]
    assert "get, 100 B, 1024 in flight, stock settings" in capsys.readouterr().out


def test_a_ratio_beyond_its_goal_is_not_met():
    fast, slow = {"operations per second": 3.0}, {"operations per second": 1.01}
    cost = {"CPU us per operation": 10.0}
    others = ("Java", "C", "C, no look-ups", "aiozk")
    samples = {"zkwire": [fast | cost] * 3, "kazoo": [slow | cost] * 3}
    samples |= {name: [slow | cost] * 3 for name in others}
    verdicts = {
        goal.text.partition(": ")[2]: goal.verdict for goal in gets._pipelined("here", samples)
    }
    assert verdicts == {
        "operations per second, zkwire / Java": "met",
        "operations per second, zkwire / C": "met",
        "operations per second, zkwire / C, no look-ups": "met",
        "operations per second, zkwire / kazoo": "NOT MET",
        "operations per second, zkwire / aiozk": "NOT MET",
        "CPU us per operation, zkwire / C": "NOT MET",
        "CPU us per operation, zkwire / C, no look-ups": "NOT MET",
    }


def test_java_is_given_longer_to_warm_up():
    from bench.speed._plan import NUMBERS

    loads = {name: gets._load(name, 1, NUMBERS["full"], is_long=True) for name in ("Java", "C")}
    assert loads["Java"].warm_up == _load.JAVA_SEQUENTIAL_WARM_UP > loads["C"].warm_up
    assert loads["Java"].count == loads["C"].count


def test_calls_are_read_from_what_strace_writes():
    summary = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 66.67    0.000200           2       100           write
 33.33    0.000100           1        50         3 futex
  0.00    0.000000           0         7           read
------ ----------- ----------- --------- --------- ----------------
100.00    0.000300           1       157         3 total
"""
    assert parse(summary) == {"write": 100, "futex": 50, "read": 7}


def test_a_storm_writes_as_often_as_events_are_waited_for():
    load = Load(op="persistent", path="/w", size=3, in_flight=1, warm_up=0, count=5)
    assert [each.path for each in Storm(load, ["/w/a", "/w/b"]).writes()] == [
        "/w/a", "/w/b", "/w/a", "/w/b", "/w/a",
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "size"), [(0, 0), (1, 0), (501, 100), (7, 400_000)])
def test_multis_hold_every_operation_once_and_fit_into_a_packet(count, size):
    parts = chunks(count, size)
    assert [number for part in parts for number in part] == list(range(count))
    assert all(len(part) == 1 or len(part) * size < 600_000 for part in parts)
