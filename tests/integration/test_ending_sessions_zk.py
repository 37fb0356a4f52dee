"""Sessions that end from outside, at once, whatever their clients do meanwhile."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest
import trio

import zkwire
from coordinator import open_coordinator
from real_server import at_home, attach_again, connect
from zkwire import CreateMode, EventType
from zkwire.testing import AsyncEnsemble, NotControllableError, open_zookeeper, start_zookeeper
from zkwire.testing._session_password import session_password

pytestmark = pytest.mark.zk


async def expire(ensemble, session_id):
    """As `AsyncEnsemble` does it, for the servers that synchronous fixtures have started."""
    await AsyncEnsemble(ensemble).expire(session_id)


async def test_a_server_s_password_is_the_one_that_follows_from_the_number(zookeeper_ensemble):
    seen = set()
    for member in range(3):
        async with connect(zookeeper_ensemble, member) as zk:
            granted = zk.session.credentials
        assert session_password(granted.id) == granted.password
        assert session_password(granted.id % 2**64) == granted.password
        seen.add(granted.password)
    assert len(seen) == 3


async def test_the_end_of_a_session_is_an_expiry_to_all_who_see_it(zookeeper):
    async with at_home(zookeeper) as (observer, home):
        async with connect(zookeeper) as zk:
            node = await zk.create(f"{home}/mine", mode=CreateMode.EPHEMERAL)
            _, watch = await observer.exists_and_watch(node)
            await expire(zookeeper, zk.session.credentials.id)
            assert await observer.exists(node) is None
            assert (await watch.wait()).type is EventType.NODE_DELETED
            with pytest.raises(zkwire.ConnectionLost):
                await zk.get(home)
        with pytest.raises(zkwire.SessionExpired):
            async with attach_again(zookeeper, zk):
                pass


async def test_the_coordinator_goes_on_with_another_session(zookeeper):
    with trio.fail_after(30):
        async with open_coordinator(zookeeper.servers, "/", 2.0) as coordinator:
            await coordinator.wait_connected()
            first = coordinator.session
            await expire(zookeeper, first.id)
            await first.expired.wait()
            await coordinator.wait_connected()
            assert coordinator.session.id != first.id


async def test_a_client_that_keeps_coming_back_is_expired_all_the_same(zookeeper):
    returned, refused = trio.Event(), trio.Event()

    async def come_back(zk):
        while True:
            try:
                async with attach_again(zookeeper, zk) as again:
                    returned.set()
                    with suppress(zkwire.ConnectionLost):
                        while True:
                            await again.get("/")
                    again.detach()
            except zkwire.SessionExpired:
                refused.set()
                return
            except zkwire.ZkwireError:
                continue

    with trio.fail_after(60):
        async with connect(zookeeper) as zk:
            zk.detach()
        async with trio.open_nursery() as nursery:
            for _ in range(3):  # which throw each other out, too
                nursery.start_soon(come_back, zk)
            await returned.wait()
            await expire(zookeeper, zk.session.credentials.id)
            await refused.wait()


async def test_every_member_shows_the_end_when_it_is_told(zookeeper_ensemble):
    for owner in range(3):
        async with at_home(zookeeper_ensemble) as (observer, home):
            async with connect(zookeeper_ensemble, owner) as zk:
                node = await zk.create(f"{home}/mine", mode=CreateMode.EPHEMERAL)
                await expire(zookeeper_ensemble, zk.session.credentials.id)
                for member in range(3):
                    async with connect(zookeeper_ensemble, member) as each:
                        assert await each.exists(node) is None
            assert await observer.exists(home) is not None


async def test_there_is_nothing_to_end_twice(zookeeper):
    async with connect(zookeeper) as zk:
        pass
    name = f"{zk.session.credentials}"
    with pytest.raises(LookupError, match=f"no session {name} at {zookeeper.servers[0]}"):
        await expire(zookeeper, zk.session.credentials.id)
    with pytest.raises(LookupError, match="no session 0xffffffffffffffff"):
        zookeeper.expire(-1)


@pytest.mark.parametrize(
    ("number", "error", "why"),
    [
        (0, ValueError, "0 is no session's number"),
        (2**64, ValueError, "session_id: must be"),
        (-(2**63) - 1, ValueError, "session_id: must be"),
        ("0x1", TypeError, "session_id: must be an int, not str"),
        (True, TypeError, "session_id: must be an int, not bool"),
    ],
)
def test_what_is_no_number_of_a_session_is_refused(zookeeper, number, error, why):
    with pytest.raises(error, match=why):
        zookeeper.expire(number)


async def test_given_servers_end_sessions_too(zookeeper, monkeypatch):
    monkeypatch.setenv("ZKWIRE_TEST_SERVERS", zookeeper.servers[0])
    with start_zookeeper(provider="given") as given:
        async with connect(given) as zk:
            given.expire(zk.session.credentials.id)
        with pytest.raises(zkwire.SessionExpired):
            async with attach_again(given, zk):
                pass
        with pytest.raises(NotControllableError, match="cannot restart"):
            given.members[0].restart()


async def test_a_restart_keeps_data_and_sessions_whether_the_server_runs_or_not(monkeypatch):
    monkeypatch.delenv("ZKWIRE_TEST_SERVERS", raising=False)
    if os.environ.get("ZKWIRE_TEST_PROVIDER") == "given":
        monkeypatch.delenv("ZKWIRE_TEST_PROVIDER")
    with trio.fail_after(100):
        async with open_zookeeper(tick_time=1.0) as servers:
            (member,) = servers.members
            async with connect(servers) as zk:
                await zk.create("/mine", mode=CreateMode.EPHEMERAL)
                zk.detach()
            await member.restart()
            assert member.running
            async with attach_again(servers, zk) as again:
                assert await again.exists("/mine") is not None
                again.detach()
            await member.freeze()
            await member.restart()
            assert not member.frozen
            async with attach_again(servers, zk) as again:
                await servers.expire(zk.session.credentials.id)
            async with connect(servers) as another:
                assert await another.exists("/mine") is None
            await member.kill()
            with pytest.raises(RuntimeError, match="no member is awake"):
                await servers.expire(zk.session.credentials.id)
            await member.restart()
            assert await servers.mode(member) == "standalone"
