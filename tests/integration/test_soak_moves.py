"""Fail-overs and leaks of the long run, short, on real servers."""

from __future__ import annotations

import pytest
from bench.soak import failover, leaks
from bench.soak._plan import Plan
from bench.soak._verdict import Verdict

pytestmark = pytest.mark.zk


async def test_sessions_are_kept_when_members_go_away():
    proof = await failover.measure(Plan.short())
    kept, _median, _worst, rolling = proof.claims  # nothing timed here
    assert kept.verdict is Verdict.PASS, kept
    assert rolling.verdict is Verdict.PASS, rolling


async def test_nothing_is_left_behind():
    proof = await leaks.measure(Plan.short())
    *counts, _memory = proof.claims  # other tests have filled this process's
    assert {claim.verdict for claim in counts} == {Verdict.PASS}, counts


@pytest.mark.parametrize(
    ("plant", "what"), [("leaking-socket", "sockets"), ("leaking-watch", "watches")]
)
async def test_what_is_left_behind_is_found_out(plant, what):
    proof = await leaks.measure(Plan.short(), plant=plant)
    (claim,) = [each for each in proof.claims if each.text.startswith(what)]
    assert claim.verdict is Verdict.FAIL, proof.claims
