"""The check of what is left behind, on counts that were made up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench.soak._leak_history import MORE_MEMORY, Count, judge
from bench.soak._verdict import Verdict

BEFORE = Count(tasks=5, sockets=9, threads=3, watches=0, sessions=0, memory=50_000_000)


def verdicts(after, *, cycles=1_000, cuts=1_000, least=1_000):
    claims = judge(BEFORE, after, cycles=cycles, cuts=cuts, least=least)
    return {claim.text.split()[0]: claim.verdict for claim in claims}


def test_the_same_as_before_passes_and_less_does_too():
    assert set(verdicts(BEFORE).values()) == {Verdict.PASS}
    assert set(verdicts(replace(BEFORE, sockets=8)).values()) == {Verdict.PASS}


@pytest.mark.parametrize("what", ["tasks", "sockets", "threads", "watches", "sessions"])
def test_one_more_of_anything_fails(what):
    found = verdicts(replace(BEFORE, **{what: getattr(BEFORE, what) + 1}))
    assert found.pop(what) is Verdict.FAIL
    assert set(found.values()) == {Verdict.PASS}


def test_memory_may_grow_by_less_than_its_limit():
    more = replace(BEFORE, memory=BEFORE.memory + MORE_MEMORY - 1)
    assert verdicts(more)["resident"] is Verdict.PASS
    assert verdicts(replace(more, memory=more.memory + 1))["resident"] is Verdict.FAIL


def test_too_few_cycles_or_cuts_are_invalid():
    assert set(verdicts(BEFORE, cycles=999, cuts=999).values()) == {Verdict.INVALID}
    assert set(verdicts(BEFORE, cuts=999).values()) == {Verdict.INVALID}
