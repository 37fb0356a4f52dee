"""Every scenario on real servers, where it must see what it sees in memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isolation import needs_namespaces
from scenarios._all import all_scenarios
from scenarios._play import play_on_memory, play_on_real
from scenarios._registry import Scenario
from zkwire.testing import Ensemble

pytestmark = pytest.mark.zk


def _with_marks(scenario: Scenario):
    marks = [needs_namespaces] if scenario.needs.isolated else []
    return pytest.param(scenario, id=scenario.name, marks=marks)


# Those of equal needs one after another: they share their servers.
ALL = sorted(all_scenarios(), key=lambda each: repr(each.needs))


@pytest.mark.parametrize("scenario", [_with_marks(each) for each in ALL])
def test_on_real(scenario: Scenario, real_servers: Callable[[Scenario], Ensemble]):
    seen_on_real = play_on_real(scenario, real_servers(scenario))
    seen_in_memory = play_on_memory(scenario)
    assert seen_in_memory == seen_on_real, f"{scenario.name}: in memory, and on real servers"
