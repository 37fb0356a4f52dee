"""Rounds: their order, who is left out of them, and the ratios within."""

from __future__ import annotations

import sys

import pytest
from bench.harness.contender import (
    SPEED,
    ContenderFailed,
    NotMeasured,
    last_words,
    run_program,
    sample_of,
)
from bench.harness.rounds import interleave, paired
from bench.harness.tables import gathered, one_a_column, one_a_row


def quiet(_what):
    """Say nothing."""


def steady(speed):
    return lambda _round: {"get": {SPEED: speed}}


def test_every_other_round_runs_backwards():
    order = []

    def contender(name):
        def run(number):
            order.append((number, name))
            return {"get": {SPEED: 1.0}}

        return run

    interleave({name: contender(name) for name in "abc"}, 3, quiet, "get")
    assert "".join(name for _, name in order) == "abccbaabc"
    assert [number for number, _ in order] == [0] * 3 + [1] * 3 + [2] * 3


def test_ratios_are_of_the_same_round():
    speeds = {"zkwire": [10.0, 100.0, 30.0], "C": [5.0, 10.0, 30.0]}
    contenders = {
        name: lambda number, each=each: {"get": {SPEED: each[number]}}
        for name, each in speeds.items()
    }
    done = interleave(contenders, 3, quiet, "get")
    assert paired(done.samples["get"], SPEED, "zkwire", "C") == [2.0, 10.0, 1.0]
    assert paired(done.samples["get"], SPEED, "zkwire", "Go") == []


def test_one_that_cannot_is_left_out_with_its_reason_and_the_others_go_on():
    def cannot(_round):
        raise NotMeasured("it has no such operation")

    done = interleave({"a": cannot, "b": steady(2.0)}, 2, quiet, "get", {"c": "not installed"})
    assert done.missing == {"a": "it has no such operation", "c": "not installed"}
    assert done.samples == {"get": {"b": [{SPEED: 2.0}] * 2}}
    text = str(one_a_row("get", done.samples["get"], done.missing).rows)
    assert "not measured: it has no such operation" in text
    assert "not measured: not installed" in text


def failing(*numbers):
    """A contender that fails in these of its runs."""
    runs = 0

    def run(_round):
        nonlocal runs
        runs += 1
        if runs in numbers:
            raise ContenderFailed(f"run {runs} failed")
        return {"get": {SPEED: 1.0}}

    return run


def test_one_that_fails_once_is_run_again():
    done = interleave({"a": failing(1, 3)}, 2, quiet, "get")
    assert done.missing == {}
    assert len(done.samples["get"]["a"]) == 2


def test_one_that_fails_twice_is_missing_from_all_rounds_and_says_why():
    said = []
    done = interleave({"a": failing(2, 3), "b": steady(1.0)}, 3, said.append, "get")
    assert done.missing == {"a": "failed twice in round 2 of 3: run 3 failed"}
    assert list(done.samples["get"]) == ["b"]
    assert any("failed twice" in each for each in said)


def test_nothing_of_those_that_all_fail_is_no_error():
    done = interleave({"a": failing(1, 2)}, 1, quiet, "get")
    assert done.samples == {}
    table = one_a_column("speed", SPEED, {"get": ({}, done.missing)}, ["a"])
    assert len(table.rows) == 1


def test_reasons_are_gathered_by_what_they_are_of():
    missing = {
        "get": {"Go": "no go"},
        "set": {"Go": "no go", "aiozk": "it failed"},
        "multi": {"Go": "no go", "aiozk": "it failed"},
    }
    assert gathered(missing) == {"Go": "no go", "aiozk": "set; multi: it failed"}


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("import sys; print('no', file=sys.stderr); sys.exit(1)", ContenderFailed, "status 1: no"),
        ("print('not JSON')", ContenderFailed, "which is not JSON"),
        ('print(\'{"not measured": "no watches"}\')', NotMeasured, "no watches"),
        ("import time; time.sleep(60)", ContenderFailed, "more than 2 s"),
    ],
)
def test_a_program_that_does_not_answer_is_told_of(code, error, words):
    with pytest.raises(error, match=words):
        run_program((sys.executable, "-c", code), hang=2.0)


def test_a_group_of_exceptions_ends_with_words():
    assert last_words("Traceback\n  | ValueError: no such node\n  +----------\n") == (
        "ValueError: no such node"
    )


def test_the_answer_of_a_program_as_figures():
    answer = {"seconds": 2.0, "user": 0.25, "system": 0.75, "took": [1_000, 2_000, 3_000] * 100}
    sample = sample_of(answer, 1_000)
    assert sample[SPEED] == 500
    assert sample["CPU us per operation"] == 1_000
    assert sample["of it in the system"] == 750
    assert sample["median us"] == 2
    assert "median us" not in sample_of({"seconds": 1, "cpu": 1, "took": []}, 10)
