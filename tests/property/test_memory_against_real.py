"""The in-memory server beside a real one: whatever three sessions do, both answer the same.

``DIFFERENTIAL_SEQUENCES`` says how many sequences of 50 steps to try.  A number given that way
tries other sequences each time, and a failure shows its steps; without it they are always the
same few.
"""

from __future__ import annotations

import logging
import os
from functools import partial

import pytest
import trio
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from differential.compare import Differs, run_on_both
from differential.machine import Sequences
from differential.raw import REQUESTS
from differential.side import CONFIG, SYSTEM_PROPERTIES, TICK
from differential.steps import Call, Cut
from zkwire import OPEN_ACL_UNSAFE, CreateMode
from zkwire._proto import _requests as build
from zkwire.testing import open_memory_zookeeper, start_zookeeper

pytestmark = pytest.mark.zk

LOGGER = logging.getLogger(__name__)
WANTED = os.environ.get("DIFFERENTIAL_SEQUENCES")
SEQUENCES = int(WANTED or 100)
STEPS = 50
# For slow machines: a sequence takes some 0.1 s.
SECONDS_EACH = 3

SETTINGS = settings(
    max_examples=SEQUENCES,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    derandomize=WANTED is None,
    phases=[Phase.generate],  # what is found has been reduced already
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def real():
    """A real server for these sequences alone: its transactions are counted."""
    with start_zookeeper(1, TICK, config=CONFIG, system_properties=SYSTEM_PROPERTIES) as ensemble:
        yield ensemble


def address(ensemble):
    host, port = ensemble.servers[0].rsplit(":", 1)
    return host, int(port)


async def compared(steps, real, **config):
    reference = partial(trio.open_tcp_stream, *address(real))
    async with open_memory_zookeeper(1, TICK, config={**CONFIG, **config}) as memory:
        await run_on_both(steps, reference, candidate=partial(memory.dial, *address(memory)))


@pytest.mark.timeout(60 + SECONDS_EACH * SEQUENCES)
def test_they_do_the_same(real):
    lengths = []

    def run(steps):
        trio.run(compared, steps, real)
        lengths.append(len(steps))

    run_state_machine_as_test(partial(Sequences, run), settings=SETTINGS)
    LOGGER.info("%d sequences, %d steps, no difference", len(lengths), sum(lengths))
    assert sum(lengths) > 0.7 * STEPS * SEQUENCES


def test_requests_against_the_rules(real):
    trio.run(compared, [Call("ABC"[n % 3], *each) for n, each in enumerate(REQUESTS.items())], real)


def test_a_difference_is_told(real):
    mode = CreateMode.PERSISTENT_WITH_TTL
    make = build.create("/d/y", b"", mode, OPEN_ACL_UNSAFE, 60.0)
    steps = [Call("A", "create", make), Cut("B")]
    without_ttl = partial(compared, steps, real, extendedTypesEnabled="false")
    with pytest.raises(Differs) as told:
        trio.run(without_ttl)
    first, reference, candidate, *listed = str(told.value).splitlines()
    assert first == "at step 1, A create; to session A:"
    assert reference == "  reference: ('create_ttl', 1, '+4', 0, 92, '/d/y')"
    assert candidate == "  candidate: ('create_ttl', 1, '+4', -6, 16, b'')"
    assert listed == ["the steps:", "   1 A create"]
