"""Leases under each fault of the long run, short, on a real ensemble."""

from __future__ import annotations

import os

import pytest
from bench.soak import healthy, lease
from bench.soak._lease_faults import FAULTS
from bench.soak._plan import Plan
from bench.soak._plants import PLANTS
from bench.soak._verdict import Verdict

from coordinator import Held
from isolation import needs_namespaces

pytestmark = pytest.mark.zk


@pytest.fixture(autouse=True)
def _servers_of_our_own(monkeypatch):
    """Only a JVM of our own has a network of its own, whatever the other tests run on."""
    if os.environ.get("ZKWIRE_TEST_PROVIDER") not in ("maven", "debian"):
        monkeypatch.delenv("ZKWIRE_TEST_PROVIDER", raising=False)


@needs_namespaces
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_a_lease_ends_before_its_node_is_gone(fault):
    proof = await lease.measure(Plan.short(), [fault])
    # So few sessions need not deceive the naive rule: a whole run must.
    assert proof.verdict is not Verdict.FAIL, proof.claims
    assert len(proof.raw["sessions"]) == Plan.short().least_sessions


@needs_namespaces
async def test_a_lease_that_lasts_until_a_server_says_otherwise_is_found_out(monkeypatch):
    for name in ("valid", "remaining"):
        monkeypatch.setattr(Held, name, getattr(Held, name))
    PLANTS["lease-until-told"]()
    proof = await lease.measure(Plan.short(), FAULTS[:1])
    assert proof.verdict is Verdict.FAIL, proof.claims


async def test_a_lease_is_valid_while_nothing_is_wrong():
    proof = await healthy.measure(Plan.short())
    # Nothing timed here: on a busy machine a lease may end early, and be taken again.
    assert proof.verdict is not Verdict.INVALID, proof.claims
