"""Verdicts, and the page that shows them."""

from __future__ import annotations

import json

import pytest
from bench.soak import _page
from bench.soak._verdict import Claim, Proof, Verdict, worst

MACHINE = {
    "packages": {"trio": "0.35.0"},
    "time": "2026-01-01 00:00 UTC",
    "cores": 2,
    "cpu": "a processor",
    "system": "Linux",
    "load": 0.5,
    "busy": 0.1,
    "commit": "0123456789ab",
    "python": "3.11.7",
}


def a_run(*claims, complete=True):
    proof = Proof(
        subject="lease",
        title="Leases",
        claims=claims,
        table=[["fault", "sessions"], ["cut", "120"]],
        notes=["word " * 40],
    )
    outcome = {**proof.as_dict(), "seconds": 61.0, "load": [1.0, 2.0]}
    return {"complete": complete, "machine": MACHINE, "minutes": 1.0, "proofs": [outcome]}


def test_failures_are_worse_than_doubts_and_nothing_shown_is_a_doubt():
    assert worst([Verdict.PASS, Verdict.INVALID, Verdict.FAIL]) is Verdict.FAIL
    assert worst([Verdict.PASS, Verdict.INVALID]) is Verdict.INVALID
    assert worst([Verdict.PASS]) is Verdict.PASS
    assert worst([]) is Verdict.INVALID


def test_a_claim_says_what_it_doubts():
    claim = Claim.judged("held", "0 of 9", met=True, doubts=["9 of 10"])
    assert (claim.verdict, claim.measured) == (Verdict.INVALID, "0 of 9; 9 of 10")


def test_a_miss_stays_on_the_page():
    page = _page.page(a_run(Claim("in time", "3 of 120 late", Verdict.FAIL)))
    assert "| in time | 3 of 120 late | **FAIL** |" in page
    assert "| cut | 120 |" in page
    assert "61 s; load average 1.0 to 2.0." in page
    assert max(len(line) for line in page.splitlines() if not line.startswith("|")) <= 100


def test_a_look_says_that_it_is_one():
    claim = Claim("in time", "0 of 3 late", Verdict.PASS)
    assert "not a full run" in _page.page(a_run(claim, complete=False))
    assert "not a full run" not in _page.page(a_run(claim))


def test_the_page_is_made_from_the_newest_full_run(tmp_path, monkeypatch):
    monkeypatch.setattr(_page, "RESULTS", tmp_path)
    with pytest.raises(FileNotFoundError, match="no full run"):
        _page.newest()
    for name, complete in (("1", True), ("2", True), ("3", False)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"complete": complete}))
    assert _page.newest() == tmp_path / "2.json"


def test_a_subject_that_was_measured_again_says_what_it_replaces(tmp_path, monkeypatch):
    monkeypatch.setattr(_page, "PAGE", tmp_path / "page.md")
    missed = Claim("every session is kept", "28 of 30", Verdict.FAIL)
    kept = Claim("every session is kept", "30 of 30", Verdict.PASS)
    looked_at = Claim("every session is kept", "1 of 1", Verdict.PASS)
    for name, run in {
        "1.json": a_run(missed),
        "0.json": {**a_run(looked_at, complete=False), "quick": False},
        "2.json": {**a_run(kept, complete=False), "quick": False},
        "3.json": {**a_run(looked_at, complete=False), "quick": True},
        "4.json": {**a_run(looked_at, complete=False), "quick": True},
    }.items():
        (tmp_path / name).write_text(json.dumps(run))
    text = " ".join(_page.write_page(tmp_path / "1.json").read_text().split())
    assert "30 of 30 | **PASS**" in text
    assert "1 of 1" not in text
    assert "Measured again at 2026-01-01 00:00 UTC, on commit 0123456789ab" in text
    assert "had, on its commit: FAIL, every session is kept: 28 of 30." in text
