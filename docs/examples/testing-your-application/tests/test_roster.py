"""The roster on a server in memory: hours of outages, in less than a second each."""

from __future__ import annotations

import pytest
import trio
from roster import open_roster, stay_on_duty, wait_until_on_duty


@pytest.fixture
async def everybody(memory_zookeeper):
    """The roster as all others see it, whom no fault meets."""
    async with open_roster(memory_zookeeper.servers, dial=memory_zookeeper.dial) as roster:
        yield roster


@pytest.fixture
async def alice(faults, nursery):
    """Alice's own roster, on which she stays; every fault is on her way to the server."""
    async with open_roster(faults.servers, dial=faults.dial) as roster:
        nursery.start_soon(stay_on_duty, roster, "alice")
        yield roster


async def test_a_worker_is_listed_until_it_leaves(memory_zookeeper, everybody, autojump_clock):
    async with (
        open_roster(memory_zookeeper.servers, dial=memory_zookeeper.dial) as bob,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(stay_on_duty, bob, "bob")
        await wait_until_on_duty(everybody, {"bob"})
        await trio.sleep(3600)
        await wait_until_on_duty(everybody, {"bob"})
        nursery.cancel_scope.cancel()
    await wait_until_on_duty(everybody, set())


async def test_a_short_outage_goes_unnoticed(faults, alice, everybody, autojump_clock):
    await wait_until_on_duty(everybody, {"alice"})
    session = alice.session
    async with faults.timeout():  # connections stay, and no data comes through
        await trio.sleep(session.negotiated_timeout / 2)
    await alice.wait_connected()
    assert alice.session is session
    await wait_until_on_duty(everybody, {"alice"})


async def test_a_long_outage_ends_the_session(faults, alice, everybody, autojump_clock):
    await wait_until_on_duty(everybody, {"alice"})
    session = alice.session
    async with faults.timeout():
        await wait_until_on_duty(everybody, set())  # the server waits for the timeout, and so do we
        await trio.sleep(3600)
        assert session.is_lost
    await wait_until_on_duty(everybody, {"alice"})
    assert alice.session is not session


async def test_a_session_can_be_ended_at_will(memory_zookeeper, alice, everybody, autojump_clock):
    await wait_until_on_duty(everybody, {"alice"})
    session = alice.session
    await memory_zookeeper.expire(session.id)
    await wait_until_on_duty(everybody, {"alice"})
    assert session.is_over


async def test_a_lost_answer_lists_nobody_twice(faults, everybody, autojump_clock):
    async with open_roster(faults.servers, dial=faults.dial) as carol:
        await carol.wait_connected()
        async with trio.open_nursery() as nursery, faults.cut_before_reply() as cut:
            nursery.start_soon(stay_on_duty, carol, "carol")
            await cut.done.wait()  # made, and she does not know
            await wait_until_on_duty(everybody, {"carol"})
            session = carol.session
            await trio.sleep(3600)
            assert carol.session is session
            nursery.cancel_scope.cancel()
