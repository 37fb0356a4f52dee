"""Real servers for the scenarios: shared ones, and ones that may be harmed."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager

import pytest

from scenarios._registry import Needs, Scenario
from zkwire.testing import Ensemble
from zkwire.testing.pytest_plugin import serve_zookeeper

# Only a JVM of our own can have a network of its own, whatever the other scenarios run on.
_PROVIDER, _WITH_NETWORKS = "ZKWIRE_TEST_PROVIDER", ("maven", "debian")

_BARE = ("znode.", "readonlymode.")
"""System properties that servers read without the prefix which strange lines of zoo.cfg get."""


@pytest.fixture(scope="session")
def real_servers(request: pytest.FixtureRequest) -> Generator[Callable[[Scenario], Ensemble]]:
    """Gives a scenario its servers; the next one gets the same if its needs are equal."""
    present: list[tuple[Needs, Ensemble]] = []
    with ExitStack() as stack:

        def find(scenario: Scenario) -> Ensemble:
            needs = scenario.needs
            if not needs.own_servers:
                return request.getfixturevalue("zookeeper")
            if not present or present[0][0] != needs:
                present.clear()
                stack.close()
                present.append((needs, stack.enter_context(_serve(request, needs))))
            servers = present[0][1]
            if needs.control and not servers.controllable:
                pytest.fail("this scenario kills or freezes servers; the given ones cannot be")
            return servers

        yield find


@contextmanager
def _serve(request: pytest.FixtureRequest, needs: Needs) -> Generator[Ensemble]:
    properties = {key: str(value) for key, value in needs.config if key.startswith(_BARE)}
    with pytest.MonkeyPatch.context() as patch:
        if needs.isolated and os.environ.get(_PROVIDER) not in _WITH_NETWORKS:
            patch.delenv(_PROVIDER, raising=False)
        yield from serve_zookeeper(
            request,
            needs.members,
            needs.tick_time,
            config={key: value for key, value in needs.config if key not in properties},
            system_properties=properties,
            isolated=needs.isolated,
        )
