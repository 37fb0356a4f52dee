"""Servers that freeze, die, come back and are not there: what the coordinator makes of it.

Each test has servers of its own.  Times are compared on one clock, this process's.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext

import pytest
import trio

import zkwire
from coordinator import State, open_coordinator
from coordinator_steps import connected, observer, told
from relay import relaying
from zkwire import CreateMode, EventType
from zkwire.testing import open_zookeeper

pytestmark = pytest.mark.zk

TICK = 0.1
TIMEOUT = 1.0
LATE = 0.5
"""Seconds that a timer of a busy machine may be late."""


@pytest.fixture
async def zookeeper():
    async with open_zookeeper(1, TICK) as servers:
        if not servers.controllable:
            pytest.fail("these tests freeze and kill servers; the given ones cannot be")
        yield servers


async def find_out_when_gone(address, path):
    """When a node was seen to be gone, by somebody else: not before it was."""
    async with observer(address) as look:
        while True:
            stat, watch = await look.exists_and_watch(path)
            now = trio.current_time()
            if stat is None:
                return now
            await watch.wait()


# --- silence -------------------------------------------------------------------------------------


async def test_a_frozen_server_is_suspended_then_lost_then_what_it_says(zookeeper):
    # Burrow ignores the disconnect and knows no expiry of its own: two hold the lock.
    (member,) = zookeeper.members
    async with connected(zookeeper.servers) as (coordinator, transitions):
        session = coordinator.session
        sessions = coordinator.sessions()
        assert await anext(sessions) is session
        captured = coordinator.suspended, coordinator.lost
        async with session.scope() as scope:
            await member.freeze()
            suspended = await told(transitions, State.SUSPENDED)
            assert isinstance(suspended.cause, TimeoutError)
            contact = session.last_contact
            assert contact + 0.4 * TIMEOUT < suspended.at < contact + TIMEOUT / 2 + LATE
            assert not session.is_lost
            await trio.sleep_forever()
        assert scope.cancelled_caught
        lost = await told(transitions, State.LOST)
        assert contact + TIMEOUT <= lost.at < contact + TIMEOUT + LATE
        assert all(event.is_set() for event in captured)
        assert session.is_lost
        assert not session.is_over
        await member.resume()
        following = await anext(transitions)
        if following.state is State.EXPIRED:
            await told(transitions, State.CONNECTING, State.CONNECTED)
            assert session.is_over
            assert (await anext(sessions)).id != session.id
        else:  # it came back before its expiry thread did
            assert following.state is State.CONNECTED
            assert coordinator.reconnected.is_set()
            assert await anext(sessions) is session
        assert not coordinator.lost.is_set()
        assert await coordinator.exists("/") is not None


async def test_lost_is_called_before_anybody_sees_the_session_gone(nursery):
    # The server goes on and the way to it is blocked: the case in which it does expire
    # the session.  On an ensemble, through a follower, seen from another member.
    async with open_zookeeper(3, TICK) as zookeeper:
        leader = await zookeeper.leader()
        first, second = (each for each in zookeeper.members if each is not leader)
        async with (
            relaying(first.address) as relay,
            connected([relay.address]) as (coordinator, transitions),
        ):
            session = coordinator.session
            await coordinator.create("/lock", mode=CreateMode.EPHEMERAL)
            gone_at = []

            async def watch():
                gone_at.append(await find_out_when_gone(second.address, "/app/lock"))

            nursery.start_soon(watch)
            relay.hold()
            relay.refusing = True
            lost = await told(transitions, State.SUSPENDED, State.LOST)
            assert lost.at < session.last_contact + TIMEOUT + LATE
            while not gone_at:
                await trio.lowlevel.checkpoint()
            assert lost.at < gone_at[0]
            relay.heal()
            await told(transitions, State.EXPIRED, State.CONNECTING, State.CONNECTED)
            assert session.is_over
            assert coordinator.session.id != session.id


async def test_a_short_silence_is_suspended_and_then_the_same_session_goes_on(zookeeper):
    async with (
        relaying(zookeeper.servers[0]) as relay,
        connected([relay.address], session_timeout=2.0) as (coordinator, transitions),
    ):
        session, reconnected = coordinator.session, coordinator.reconnected
        async with session.scope() as scope:
            relay.hold()
            await told(transitions, State.SUSPENDED)
            relay.heal()
            await told(transitions, State.CONNECTED)
        assert not scope.cancel_called
        assert reconnected.is_set()
        assert coordinator.session is session


# --- death and return ----------------------------------------------------------------------------


async def test_a_server_that_is_killed_and_back_soon_keeps_everything():
    # Burrow's notifier sets all its watches anew for each reconnect after the first.
    async with (
        open_zookeeper(1, tick_time=1.0) as zookeeper,
        relaying(zookeeper.servers[0]) as relay,
        connected([relay.address], session_timeout=20.0) as (coordinator, transitions),
    ):
        (member,) = zookeeper.members
        session = coordinator.session
        await coordinator.create("/mine", mode=CreateMode.EPHEMERAL)
        await coordinator.create("/watched", b"1")
        _, _, watch = await coordinator.get_and_watch("/watched")
        _, _, quiet = await coordinator.get_children_and_watch("/watched")

        for _ in range(2):
            await member.kill()
            await told(transitions, State.SUSPENDED)
            await member.start()
            await told(transitions, State.CONNECTED)
        assert watch.event is None, "a watch fired for nothing"

        # Changed by somebody else while this client is away.
        relay.refusing = True
        relay.cut()
        await told(transitions, State.SUSPENDED)
        async with observer(member.address) as look:
            await look.set("/app/watched", b"2")
        relay.heal()
        await told(transitions, State.CONNECTED)
        event = await watch.wait()
        assert (event.type, event.path) == (EventType.NODE_DATA_CHANGED, "/watched")
        assert quiet.event is None
        assert len(session.watches) == 1
        mntr = await zookeeper.four_letter_word(zookeeper.members[0], "mntr")
        assert "zk_watch_count\t1\n" in mntr

        assert coordinator.session is session
        stat = await coordinator.exists("/mine")
        assert stat.ephemeral_owner == session.id


async def test_a_session_that_was_lost_and_has_survived_comes_again(zookeeper):
    # Somebody else keeps it alive here; an ensemble that is down does so too, however long.
    async with (
        relaying(zookeeper.servers[0]) as relay,
        connected([relay.address]) as (coordinator, transitions),
    ):
        session, sessions = coordinator.session, coordinator.sessions()
        await coordinator.create("/mine", mode=CreateMode.EPHEMERAL)
        assert await anext(sessions) is session
        captured = coordinator.reconnected, session.lost
        relay.refusing = True
        relay.cut()
        async with observer(
            zookeeper.servers[0], credentials=session.credentials, session_timeout=TIMEOUT
        ):
            async with session.scope() as scope:
                await trio.sleep_forever()
            assert scope.cancelled_caught
            await told(transitions, State.SUSPENDED, State.LOST)
            relay.heal()
            # Which closes the keeper's connection: the server takes the newer of two.
            await told(transitions, State.CONNECTED)
        assert await anext(sessions) is session
        assert not session.is_lost
        assert all(event.is_set() for event in captured)
        assert (await coordinator.exists("/mine")).ephemeral_owner == session.id
        async with session.scope() as scope:
            await trio.lowlevel.checkpoint()
        assert not scope.cancel_called


async def test_the_connected_member_of_an_ensemble_dies_and_the_session_moves():
    async with (
        open_zookeeper(3, tick_time=0.2) as zookeeper,
        connected(zookeeper.servers, session_timeout=4.0) as (coordinator, transitions),
    ):
        session = coordinator.session
        await coordinator.create("/mine", mode=CreateMode.EPHEMERAL)
        async with session.scope() as scope:
            connected_to = await member_with(zookeeper, session)
            await connected_to.kill()
            await told(transitions, State.SUSPENDED, State.CONNECTED)
            assert await coordinator.exists("/mine") is not None
        assert not scope.cancel_called
        assert coordinator.session is session
        assert await member_with(zookeeper, session) is not connected_to


async def member_with(zookeeper, session):
    """The member that the session is connected to."""
    for member in zookeeper.members:
        if member.running:
            connections = await zookeeper.four_letter_word(member, "cons")
            if f"sid={session.credentials}," in connections:
                return member
    raise AssertionError("no member has the session")


async def test_what_waits_unsent_goes_to_the_next_session(zookeeper, nursery):
    results = {}

    async def create(handle, path):
        try:
            results[path] = await handle.create(path)
        except zkwire.ZkwireError as error:
            results[path] = error

    async with (
        relaying(zookeeper.servers[0]) as relay,
        connected([relay.address]) as (coordinator, transitions),
    ):
        old = coordinator.session
        _, watch = await old.exists_and_watch("/never")
        relay.refusing = True
        relay.cut()
        await told(transitions, State.SUSPENDED)
        nursery.start_soon(create, coordinator, "/for-whoever")
        nursery.start_soon(create, old, "/for-this-one")
        await told(transitions, State.LOST)
        # The server decides when the session is over; it has not been asked yet.
        async with observer(zookeeper.servers[0]) as look:
            await look.exists("/app")
            await find_out_that_expired(zookeeper.servers[0], old)
            assert results == {}
            relay.heal()
            await told(transitions, State.EXPIRED, State.CONNECTING, State.CONNECTED)
            while len(results) < 2:
                await trio.lowlevel.checkpoint()
            assert results["/for-whoever"] == "/for-whoever"
            assert isinstance(results["/for-this-one"], zkwire.SessionExpired)
            assert results["/for-this-one"].outcome is zkwire.Outcome.NOT_SENT
            with pytest.raises(zkwire.SessionExpired):
                await watch.wait()
            assert await look.get_children("/app") == ["for-whoever"]


async def find_out_that_expired(address, session):
    """Wait until the server has no such session, without touching it before its time."""
    while True:
        try:
            async with observer(
                address, credentials=session.credentials, session_timeout=0.2
            ) as again:
                again.detach()
        except zkwire.SessionExpired:
            return
        await trio.sleep(0.5)


# --- nobody there --------------------------------------------------------------------------------


async def test_a_server_that_appears_later_is_found(zookeeper, caplog):
    # Burrow fails to start, and ends the process.
    caplog.set_level(logging.DEBUG)
    (member,) = zookeeper.members
    await member.stop()
    async with open_coordinator(zookeeper.servers, "/app", TIMEOUT) as coordinator:
        with trio.move_on_after(TIMEOUT):
            await coordinator.create("/x")
        assert coordinator.state is State.CONNECTING
        assert coordinator.session is None
        # Burrow logs a warning each 100 ms.
        assert 2 <= len(caplog.records) < 20
        await member.start()
        with trio.fail_after(20):
            assert await coordinator.create("/x") == "/x"
        assert coordinator.state is State.CONNECTED


@pytest.mark.parametrize("how", ["returning", "raising", "cancelled"])
async def test_leaving_while_disconnected_is_clean_and_quick(zookeeper, how):
    (member,) = zookeeper.members
    before = trio.lowlevel.current_statistics().tasks_living
    raising = pytest.raises(LookupError) if how == "raising" else nullcontext()
    # No server is there to end the session on: nothing to wait for, not even a grace.
    with trio.CancelScope() as scope, raising:
        async with connected(zookeeper.servers, session_timeout=2.0) as (_, transitions):
            await member.kill()
            await told(transitions, State.SUSPENDED)
            left_at = trio.current_time()
            if how == "raising":
                raise LookupError
            if how == "cancelled":
                scope.cancel()
                await trio.sleep_forever()
    assert trio.current_time() < left_at + 1.0
    assert scope.cancelled_caught == (how == "cancelled")
    assert [each.state async for each in transitions] == [State.CLOSED]
    assert trio.lowlevel.current_statistics().tasks_living == before


async def test_a_long_outage_is_quiet(zookeeper, caplog):
    caplog.set_level(logging.INFO)
    (member,) = zookeeper.members
    async with connected(zookeeper.servers) as (_, transitions):
        await member.kill()
        await told(transitions, State.SUSPENDED, State.LOST)
        caplog.clear()
        with trio.move_on_after(2):
            await anext(transitions)
        assert caplog.records == []
