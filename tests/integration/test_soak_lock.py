"""Locks under the faults of the long run, short, on real ensembles."""

from __future__ import annotations

import os

import pytest
from bench.soak import lock, waking
from bench.soak._plan import Plan
from bench.soak._verdict import Verdict

from isolation import needs_namespaces

pytestmark = pytest.mark.zk

SEED = 3


@pytest.fixture(autouse=True)
def _servers_of_our_own(monkeypatch):
    """Only a JVM of our own has a network of its own, whatever the other tests run on."""
    if os.environ.get("ZKWIRE_TEST_PROVIDER") not in ("maven", "debian"):
        monkeypatch.delenv("ZKWIRE_TEST_PROVIDER", raising=False)


@needs_namespaces
async def test_a_lock_changes_hands_under_faults_one_holder_at_a_time():
    proof = await lock.measure(Plan.short(), seed=SEED)
    assert proof.verdict is Verdict.PASS, proof.claims


@needs_namespaces
async def test_a_lock_that_passes_over_the_line_is_found_out():
    proof = await lock.measure(Plan.short(), seed=SEED, plant="lock-without-line")
    overlap, *_ = proof.claims
    assert overlap.verdict is Verdict.FAIL, proof.claims


async def test_a_release_wakes_one_of_those_who_wait():
    proof = await waking.measure(Plan.short())
    assert proof.verdict is Verdict.PASS, proof.claims
