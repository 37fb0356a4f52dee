"""A silent server, for real: the coordinator's probe through proxies, and what is made of it."""

from __future__ import annotations

import pytest
from bench.harness.outcome import NOT_MET
from bench.timeouts import detection
from bench.timeouts._plan import Detect, DetectionPlan

SESSIONS = 3


@pytest.mark.zk
async def test_sessions_on_a_silent_server_give_a_trial_each_and_are_saved():
    told = []
    plan = DetectionPlan((Detect(4.0, injections=1, least=SESSIONS + 1),), sessions=SESSIONS)
    outcome = await detection.run(plan, ["coordinator"], told.append)
    assert told == [f"detection: T = 4 s, 1 of 1: {SESSIONS} trials"]
    assert outcome.missing == {}
    (fractions,) = outcome.samples["fraction"]["coordinator"].values()
    assert len(fractions) == SESSIONS
    assert None not in fractions
    assert outcome.samples["saved"] == {"coordinator": {"4": [True] * SESSIONS}}
    # Nothing was broken, and still it was not enough.
    assert [goal.verdict for goal in outcome.goals] == [NOT_MET, NOT_MET]
    assert all(f"{SESSIONS} trials of {SESSIONS + 1}" in goal.measured for goal in outcome.goals)
