"""Servers that fall silent, are slow, or are away: what is noticed, when, and by whom."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest
import trio
import trio.testing

import zkwire
from coordinator import State
from coordinator_steps import told
from regression_steps import coordinate, look_into, told_of
from zkwire import CreateMode
from zkwire.testing import open_faults, open_memory_zookeeper

TIMEOUT = 6.0
LONGEST_DELAY = 5.0
"""Seconds between two attempts, as long as there are no thirty in a minute."""


@pytest.fixture
def dice(monkeypatch):
    """The same delays in every run."""
    monkeypatch.setattr("coordinator._open._DICE", Random(1))


async def test_a_client_that_asks_all_the_time_notices_that_nothing_is_answered(autojump_clock):
    async def ask():
        with suppress(zkwire.ConnectionLost):
            await coord.set("/", b"")

    async def ask_all_the_time():
        while True:
            nursery.start_soon(ask)
            await trio.sleep(0.25)

    async with (
        open_memory_zookeeper() as ensemble,
        coordinate(ensemble, TIMEOUT) as coord,
        trio.open_nursery() as nursery,
    ):
        await coord.wait_connected()
        transitions = coord.transitions()
        nursery.start_soon(ask_all_the_time)
        await trio.sleep(10)
        assert coord.state is State.CONNECTED
        await ensemble.members[0].freeze()
        frozen_at = trio.current_time()
        suspended = await told(transitions, State.SUSPENDED)
        lost = await told(transitions, State.LOST)
        nursery.cancel_scope.cancel()
    assert suspended.at <= frozen_at + TIMEOUT / 2
    assert lost.at <= frozen_at + TIMEOUT


async def test_a_session_is_kept_while_a_reply_takes_longer_than_its_timeout(autojump_clock):
    async with (
        open_memory_zookeeper(tick_time=1.0) as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults, session_timeout=3.0) as coord,
        look_into(ensemble) as other,
    ):
        await coord.create("/large", bytes(900_000))
        await coord.create("/mine", mode=CreateMode.EPHEMERAL)
        session, transitions = coord.session, coord.transitions()
        async with faults.bandwidth(100_000, direction="downstream"):
            with pytest.raises(zkwire.ConnectionLost):  # twice: then it is the caller's
                await coord.get("/large")
            stat = await other.exists("/mine")
        assert stat is not None
        assert stat.ephemeral_owner == session.id
        assert len((await coord.get("/large"))[0]) == 900_000
        assert coord.session is session
        assert not session.is_lost
    seen = {transition.state async for transition in transitions}
    assert not seen & {State.LOST, State.EXPIRED}


async def test_a_reply_that_never_comes_in_time_is_its_callers_error(autojump_clock):
    # Asked for again over each next connection, it would cost every one of them.
    async with (
        open_memory_zookeeper(tick_time=1.0) as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults, session_timeout=3.0) as coord,
    ):
        await coord.create("/large", bytes(900_000))
        session = coord.session
        async with faults.bandwidth(100_000, direction="downstream"):
            with trio.fail_after(30), pytest.raises(zkwire.ConnectionLost):
                await coord.get("/large")
        assert coord.session is session


async def test_an_outage_is_told_in_time_and_what_waited_goes_on_soon_after_it(
    autojump_clock, dice
):
    async def create():
        await coord.create("/waited")
        done_at.append(trio.current_time())
        done.set()

    done_at, done = [], trio.Event()
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults, TIMEOUT) as coord,
        trio.open_nursery() as nursery,
    ):
        await coord.wait_connected()
        transitions, session = coord.transitions(), coord.session
        async with faults.down():
            began_at = trio.current_time()
            nursery.start_soon(create)
            with trio.fail_after(TIMEOUT + 1):
                async with session.scope() as scope:
                    await trio.sleep_forever()
            assert scope.cancelled_caught
            lost = await told(transitions, State.SUSPENDED, State.LOST)
            assert session.last_contact + TIMEOUT <= lost.at <= began_at + TIMEOUT
            await trio.sleep_until(began_at + 120)
            assert not done.is_set()
            assert coord.state is State.LOST
            over_at = trio.current_time()
        await told(transitions, State.EXPIRED, State.CONNECTING, State.CONNECTED)
        await done.wait()
    assert done_at[0] <= over_at + LONGEST_DELAY + 0.1


async def test_an_outage_of_an_hour_is_over_for_the_client_seconds_after_it(autojump_clock, dice):
    async with (
        open_memory_zookeeper(3) as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults, TIMEOUT) as coord,
    ):
        await coord.wait_connected()
        transitions = coord.transitions()
        async with faults.down():
            await trio.sleep(3600)
        over_at = trio.current_time()
        connected, _ = await told_of(transitions, State.CONNECTED)
        attempts = [each.time for member in faults.members for each in member.statistics.attempts]
    assert connected.at <= over_at + LONGEST_DELAY
    # Nor was the price of that a storm.
    assert len(attempts) < 3600


async def test_connections_that_keep_breaking_cost_no_session(autojump_clock, dice):
    # The server is there all the time, and takes whoever comes.
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults, TIMEOUT) as coord,
    ):
        await coord.wait_connected()
        session, transitions = coord.session, coord.transitions()
        for _ in range(60):
            await trio.sleep(1.2)
            async with faults.reset_peer():
                pass
        await coord.wait_connected()
        assert coord.session is session
    seen = {transition.state async for transition in transitions}
    assert State.LOST not in seen


@pytest.mark.parametrize("servers", [1, 3, 5])
async def test_a_host_that_swallows_everything_costs_its_share_of_half_a_timeout(
    autojump_clock, servers
):
    black_hole = []

    async def dial(host, port):
        if not black_hole and servers > 1:
            black_hole.append((host, port))  # whichever of them has the first turn
        if (host, port) in black_hole:
            await trio.sleep_forever()
        return await ensemble.dial(host, port)

    async with (
        open_memory_zookeeper(servers) as ensemble,
        coordinate(ensemble, TIMEOUT, dial=dial) as coord,
    ):
        began_at = trio.current_time()
        await coord.wait_connected()
        took = trio.current_time() - began_at
    share = TIMEOUT / (2 * servers)
    assert took == pytest.approx(share if servers > 1 else 0.0, abs=0.1)


async def test_a_connection_that_is_closed_is_noticed_at_once_and_costs_no_session(autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults, TIMEOUT) as coord,
    ):
        await coord.wait_connected()
        session, transitions = coord.session, coord.transitions()
        cut_at = trio.current_time()
        async with faults.reset_peer():
            pass
        suspended = await told(transitions, State.SUSPENDED)
        connected = await told(transitions, State.CONNECTED)
        assert coord.session is session
    assert suspended.at == pytest.approx(cut_at, abs=0.01)
    assert connected.at < cut_at + 1.0


async def test_one_connection_is_made_and_nothing_asked_beside_it(autojump_clock):
    config = {"4lw.commands.whitelist": "srvr"}
    async with (
        open_memory_zookeeper(config=config) as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults, TIMEOUT) as coord,
    ):
        await coord.wait_connected()
        async with faults.reset_peer():
            await coord.suspended.wait()
        await coord.wait_connected()
        (member,) = faults.members
        taken = [each for each in member.statistics.attempts if each.accepted]
        # The first connection, and the second: refused in between, it came again.
        assert member.statistics.open == 1
        assert 2 <= len(taken) <= 3


async def test_who_is_kept_waiting_keeps_nobody_else_waiting(autojump_clock):
    heard = []

    async def answer_with_a_read():
        await coord.suspended.wait()
        await coord.get("/")
        heard.append(("read", coord.state))

    async def listen():
        transitions = coord.transitions()
        while True:
            heard.append(("told", (await anext(transitions)).state))

    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults, TIMEOUT) as coord,
        trio.open_nursery() as nursery,
    ):
        await coord.wait_connected()
        nursery.start_soon(answer_with_a_read)
        nursery.start_soon(listen)
        await trio.testing.wait_all_tasks_blocked()
        async with faults.down():
            await trio.sleep(2 * TIMEOUT)
            assert heard == [("told", State.SUSPENDED), ("told", State.LOST)]
        await coord.wait_connected()
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert ("read", State.CONNECTED) in heard
