"""The coordinator on a real server: sessions that end, that are left, and that go on."""

from __future__ import annotations

import logging
import os
from contextlib import nullcontext
from uuid import uuid4

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

import zkwire
from coordinator import State, open_coordinator
from coordinator_steps import connected, end_session, observer
from relay import relaying
from zkwire import CreateMode, EventType

pytestmark = pytest.mark.zk

TIMEOUT = 1.0


@pytest.fixture
def name():
    """A node name that no other test has."""
    return f"t{uuid4().hex[:12]}"


@pytest.fixture
def no_back_off(monkeypatch):
    """Every connection counts as one that lasted: the pace is another test's matter."""
    monkeypatch.setattr("coordinator._pace.STEADY_AFTER", 0.0)


def sockets():
    """How many this process has open."""
    links = [
        os.readlink(f"/proc/self/fd/{fd}")
        for fd in os.listdir("/proc/self/fd")
        if os.path.islink(f"/proc/self/fd/{fd}")
    ]
    return sum(link.startswith("socket:") for link in links)


# --- the end of a session ------------------------------------------------------------------------


async def test_expired_once_then_a_new_session_and_all_of_the_old_fails_for_ever(zookeeper, name):
    async with (
        relaying(zookeeper.servers[0]) as relay,
        open_coordinator([relay.address], f"/{name}", TIMEOUT) as coordinator,
    ):
        await coordinator.wait_connected()
        transitions, old = coordinator.transitions(), coordinator.session
        _, watch = await old.exists_and_watch("/never")
        captured = coordinator.expired
        await coordinator.create("/mine", mode=CreateMode.EPHEMERAL)
        with trio.fail_after(20):
            relay.refusing = True
            relay.cut()
            await end_session(zookeeper.servers[0], old)
            relay.heal()
            states = []
            async for transition in transitions:
                states.append(transition.state)
                if transition.state is State.CONNECTED:
                    break
        assert states == [State.SUSPENDED, State.EXPIRED, State.CONNECTING, State.CONNECTED]
        assert captured.is_set()
        assert coordinator.session is not old
        assert old.expired.is_set()
        assert old.lost.is_set()
        for _ in range(2):
            with pytest.raises(zkwire.SessionExpired) as caught:
                await old.create("/by-nobody", mode=CreateMode.EPHEMERAL)
            assert caught.value.outcome is zkwire.Outcome.NOT_SENT
        with pytest.raises(zkwire.SessionExpired):
            await watch.wait()
        assert await coordinator.get_children("/") == []


async def test_ten_expiries_are_ten_sessions_each_told_once(zookeeper, name, no_back_off):
    async with connected(zookeeper.servers, f"/{name}") as (coordinator, _):
        transitions, ids = coordinator.transitions(), []
        with trio.fail_after(60):
            async for session in coordinator.sessions():
                ids.append(session.id)
                if len(ids) > 10:
                    break
                expired = coordinator.expired
                async with session.scope() as scope:
                    await end_session(zookeeper.servers[0], session)
                    await trio.sleep_forever()
                assert scope.cancelled_caught
                await expired.wait()
    assert len(set(ids)) == 11
    expired = [each.session_id async for each in transitions if each.state is State.EXPIRED]
    assert expired == ids[:10]


async def test_an_expiry_between_taking_and_guarding_is_not_missed(zookeeper, name):
    # The original waits on a condition without looking: an expiry that falls between
    # taking the lock and the wait goes by, and it notifies for ever without a lock.
    worked = []
    async with connected(zookeeper.servers, f"/{name}") as (coordinator, _):
        with trio.fail_after(20):
            session = await anext(coordinator.sessions())
            await session.create("/lock", mode=CreateMode.EPHEMERAL)
            await end_session(zookeeper.servers[0], session)
            await session.expired.wait()
            await coordinator.wait_connected()
            async with session.scope() as scope:
                worked.append("entered")
                await trio.lowlevel.checkpoint()
                worked.append("worked without the lock")
            assert scope.cancelled_caught
            assert worked == ["entered"]
            assert (await anext(coordinator.sessions())).id != session.id


async def test_wait_expired_tells_of_the_next_expiry(zookeeper, name, nursery):
    async with connected(zookeeper.servers, f"/{name}") as (coordinator, _):
        told = trio.Event()

        async def wait():
            await coordinator.wait_expired()
            told.set()

        nursery.start_soon(wait)
        await wait_all_tasks_blocked()
        with trio.fail_after(20):
            await end_session(zookeeper.servers[0], coordinator.session)
            await told.wait()


# --- leaving -------------------------------------------------------------------------------------


class Left(Exception):
    pass


@pytest.mark.parametrize("how", ["returning", "raising", "cancelled"])
async def test_leaving_ends_the_session_at_once_and_leaves_nothing(zookeeper, name, how):
    async with observer(zookeeper.servers[0]) as look:
        await wait_all_tasks_blocked()
        before = trio.lowlevel.current_statistics().tasks_living, sockets()
        steps = []
        raising = pytest.raises(Left) if how == "raising" else nullcontext()
        with trio.CancelScope() as scope, raising as caught:
            async with connected(zookeeper.servers, f"/{name}") as (coordinator, _):
                await coordinator.create("/mine", mode=CreateMode.EPHEMERAL)
                await coordinator.create("/tidied")
                try:
                    if how == "raising":
                        raise Left
                    if how == "cancelled":
                        scope.cancel()
                        await trio.sleep_forever()
                finally:
                    with trio.CancelScope(deadline=trio.current_time() + 5, shield=True):
                        await coordinator.delete("/tidied")
                    steps.append("tidied")
        assert steps == ["tidied"]
        if caught is not None:
            assert (caught.value.__cause__, caught.value.__context__) == (None, None)
        assert scope.cancelled_caught == (how == "cancelled")
        # Read from the very server that has ended the session.
        assert await look.get_children(f"/{name}") == []
        assert (trio.lowlevel.current_statistics().tasks_living, sockets()) == before
        assert coordinator.state is State.CLOSED


async def test_a_task_outside_the_block_is_told_and_its_scope_ends_before_the_session(
    zookeeper, name, nursery
):
    seen, ready = [], trio.Event()

    async def work(coordinator):
        async for session in coordinator.sessions():
            async with session.scope():
                ready.set()
                await trio.sleep_forever()
            seen.append("cancelled")
        seen.append("no more sessions")
        with pytest.raises(zkwire.ConnectionClosed):
            await session.get("/")

    async with connected(zookeeper.servers, f"/{name}") as (coordinator, _):
        nursery.start_soon(work, coordinator)
        await ready.wait()
    await wait_all_tasks_blocked()
    assert seen == ["cancelled", "no more sessions"]
    assert not nursery.child_tasks


# --- connections come and go ---------------------------------------------------------------------


async def test_a_hundred_cuts_leave_no_task_no_socket_and_no_watch(
    zookeeper, name, no_back_off, caplog
):
    caplog.set_level(logging.DEBUG, logger="coordinator")
    cuts = 100
    async with relaying(zookeeper.servers[0]) as relay, observer(zookeeper.servers[0]) as look:
        async with open_coordinator([relay.address], f"/{name}", 2.0) as coordinator:
            await coordinator.wait_connected()
            session_id = coordinator.session.id
            _, watch = await coordinator.exists_and_watch("/awaited")
            await coordinator.create("/mine", mode=CreateMode.EPHEMERAL)
            await wait_all_tasks_blocked(0.05)
            before = trio.lowlevel.current_statistics().tasks_living, sockets()
            transitions = coordinator.transitions()
            with trio.fail_after(100):
                for number in range(cuts):
                    relay.cut()
                    assert (await anext(transitions)).state is State.SUSPENDED, number
                    assert (await anext(transitions)).state is State.CONNECTED, number
                assert await coordinator.exists("/mine") is not None
            assert coordinator.session.id == session_id
            await wait_all_tasks_blocked(0.05)
            assert (trio.lowlevel.current_statistics().tasks_living, sockets()) == before
            assert len(coordinator.session.watches) == 1
            # One watch on the server, however often it was set again; and it fires.
            word = await trio.to_thread.run_sync(
                zookeeper.four_letter_word, zookeeper.members[0], "mntr"
            )
            assert "zk_watch_count\t1\n" in word
            await look.create(f"/{name}/awaited")
            with trio.fail_after(5):
                event = await watch.wait()
            assert (event.type, event.path) == (EventType.NODE_CREATED, "/awaited")
            assert len(coordinator.session.watches) == 0
        assert relay.connections == cuts + 1
        # Two changes of state a cut.
        assert len(caplog.records) < 3 * cuts


async def test_a_write_whose_answer_is_lost_is_told_and_applied_once(zookeeper, name, nursery):
    results = []

    async def write():
        try:
            await coordinator.create("/n-", mode=CreateMode.PERSISTENT_SEQUENTIAL)
        except zkwire.ZkwireError as error:
            results.append(error)

    async def read():
        results.append(await coordinator.get_children("/"))

    async with (
        relaying(zookeeper.servers[0]) as relay,
        observer(zookeeper.servers[0]) as look,
        open_coordinator([relay.address], f"/{name}", 2.0) as coordinator,
    ):
        await coordinator.wait_connected()
        session_id = coordinator.session.id
        _, _, applied = await look.get_children_and_watch(f"/{name}")
        relay.hold("down")
        nursery.start_soon(write)
        with trio.fail_after(20):
            await applied.wait()
            nursery.start_soon(read)
            await wait_all_tasks_blocked()
            reconnected = coordinator.reconnected
            relay.cut()
            relay.heal()
            await reconnected.wait()
            while len(results) < 2:
                await trio.lowlevel.checkpoint()
        assert coordinator.session.id == session_id
        error, children = results
        assert isinstance(error, zkwire.ConnectionLost)
        assert error.outcome is zkwire.Outcome.UNKNOWN
        assert children == ["n-0000000000"]


async def test_the_session_s_password_is_in_no_log(zookeeper, name, caplog):
    caplog.set_level(logging.DEBUG, logger="")
    passwords, shown = [], []
    async with (
        relaying(zookeeper.servers[0]) as relay,
        open_coordinator([relay.address], f"/{name}", TIMEOUT) as coordinator,
    ):
        with trio.fail_after(20):
            await coordinator.wait_connected()
            session = coordinator.session
            passwords.append(session.credentials.password)
            shown += [repr(coordinator), repr(session), repr(session.credentials)]
            reconnected, expired = coordinator.reconnected, coordinator.expired
            relay.cut()
            await reconnected.wait()
            await end_session(zookeeper.servers[0], session)
            await expired.wait()
            await coordinator.wait_connected()
            passwords.append(coordinator.session.credentials.password)
    assert caplog.records
    text = caplog.text + "\n".join(shown)
    assert any(password.strip(b"\0") for password in passwords)
    for password in passwords:
        assert repr(password)[2:-1] not in text
        assert password.hex() not in text
