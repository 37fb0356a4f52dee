"""What is said of a goal."""

from __future__ import annotations

import pytest
from bench.harness.outcome import MET, NOT_MEASURED, NOT_MET, Goal, Outcome, Table, judge


@pytest.mark.parametrize(
    ("values", "bounds", "verdict"),
    [
        ([3.0, 3.0, 3.0], {"at_least": 3.0}, MET),
        ([2.99, 2.99, 9.0], {"at_least": 3.0}, NOT_MET),
        ([0.75], {"at_most": 0.75}, MET),
        ([0.1, 0.76, 0.77], {"at_most": 0.75}, NOT_MET),
        # They read "1.00", and are more than 1.
        ([1.004, 1.004], {"at_most": 1.0}, NOT_MET),
        ([2.0], {"at_least": 1.0, "at_most": 3.0}, MET),
        ([4.0], {"at_least": 1.0, "at_most": 3.0}, NOT_MET),
        ([], {"at_least": 3.0}, NOT_MEASURED),
    ],
)
def test_the_median_is_held_against_the_goal(values, bounds, verdict):
    assert judge("it is quick", values, **bounds).verdict == verdict


def test_a_goal_says_what_is_asked_and_what_was_measured():
    goal = judge("zkwire / C", [0.5, 1.0, 3.0], at_most=0.75, unit="x")
    assert goal == Goal("zkwire / C", "at most 0.75x", "1.00 (0.500 to 3.00)x", NOT_MET)


def test_a_miss_and_what_is_missing_are_in_the_text():
    outcome = Outcome(
        subject="gets",
        title="Gets",
        tables=[Table("get", [["", "speed"], ["zkwire", "1"], ["Go", "not measured: no go"]])],
        goals=[judge("zkwire / C", [2.0], at_most=1.0), judge("zkwire / Go", [], at_least=1.0)],
        missing={"Go": "there is no go"},
    )
    text = outcome.text()
    assert "NOT MET" in text
    assert "not measured: Go: there is no go" in text
    assert "not measured: no go" in text


def test_samples_are_rounded_and_the_rest_is_kept():
    samples = {"get": {"zkwire": [{"speed": 1234.56789, "count": 7}], "C": [None, True]}}
    found = Outcome(subject="s", title="t", samples=samples).as_dict()
    assert found["samples"] == {
        "get": {"zkwire": [{"speed": 1234.57, "count": 7}], "C": [None, True]}
    }
    assert set(found) == {
        "subject", "title", "tables", "goals", "notes", "missing", "samples", "server",
    }  # fmt: skip
