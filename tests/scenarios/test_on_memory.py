"""Every scenario on the servers in memory: no process, no network, no waiting."""

from __future__ import annotations

import pytest

from scenarios._all import all_scenarios
from scenarios._play import play_on_memory
from scenarios._registry import Scenario

ALL = all_scenarios()


def test_there_are_enough_of_them():
    assert len(ALL) >= 60


@pytest.mark.parametrize("scenario", ALL, ids=lambda each: each.name)
def test_on_memory(scenario: Scenario):
    assert play_on_memory(scenario) is not None, "a scenario returns what it has seen"
