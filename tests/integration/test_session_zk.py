"""Sessions against real servers: attached to, lost, refused, ended."""

from __future__ import annotations

import pytest
import trio

import zkwire
from real_server import at_home, attach_again, connect, gone
from zkwire import CreateMode

pytestmark = pytest.mark.zk

SHORT = 1.0  # seconds; below it, a busy machine's pauses pass for silence


@pytest.mark.parametrize(("asked", "granted"), [(0.001, 0.2), (1.2345, 1.234), (2.5, 2.0)])
async def test_the_server_holds_the_timeout_to_its_limits(asked, granted, zookeeper):
    async with connect(zookeeper, session_timeout=asked) as zk:
        assert zk.session.negotiated_timeout == pytest.approx(granted, abs=0.001)
        assert zk.session.credentials.id != 0
        assert len(zk.session.credentials.password) == 16
        assert not zk.session.read_only


async def test_pings_keep_an_idle_session(zookeeper):
    async with connect(zookeeper, session_timeout=SHORT) as zk:
        began = trio.current_time()
        while zk.last_contact < began + 2 * SHORT:
            await trio.sleep(SHORT / 6)
            assert zk.is_alive
        await zk.sync("/")


# --- ending -----------------------------------------------------------------------------------


async def test_closing_removes_ephemeral_nodes_at_once(zookeeper):
    async with at_home(zookeeper) as (observer, home):
        async with connect(zookeeper) as zk:
            await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
            assert await observer.exists(f"{home}/e") is not None
        assert await observer.exists(f"{home}/e") is None


async def test_the_last_requests_are_answered_before_the_session_ends(zookeeper):
    async with at_home(zookeeper) as (observer, home):
        async with connect(zookeeper) as zk, trio.open_nursery() as nursery:
            for number in range(100):
                nursery.start_soon(zk.create, f"{home}/{number}")
            await trio.testing.wait_all_tasks_blocked()
            await zk.aclose()
        assert len(await observer.get_children(home)) == 100


async def test_detaching_leaves_them_until_the_timeout(zookeeper):
    async with at_home(zookeeper) as (observer, home):
        async with connect(zookeeper, session_timeout=SHORT) as zk:
            await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
            zk.detach()
            left_at = zk.last_contact
        assert await observer.exists(f"{home}/e") is not None
        await gone(observer, f"{home}/e")
        assert trio.current_time() - left_at >= SHORT


# --- attaching again --------------------------------------------------------------------------


async def test_a_session_goes_on_over_another_connection(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
        zk.detach()
    async with attach_again(zookeeper, zk) as again:
        assert again.session.credentials == zk.session.credentials
        stat = await again.exists(f"{home}/e")
        assert stat is not None
        assert stat.ephemeral_owner == zk.session.credentials.id
        assert again.last_zxid >= zk.last_zxid


async def test_a_wrong_password_looks_like_expiry_and_is_none(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
        zk.detach()
    wrong = zkwire.SessionCredentials(id=zk.session.credentials.id, password=bytes(16))
    with pytest.raises(zkwire.SessionExpired):
        async with attach_again(zookeeper, zk, credentials=wrong):
            pytest.fail("attached")
    async with attach_again(zookeeper, zk) as again:
        assert await again.exists(f"{home}/e") is not None


async def test_an_expired_session_is_refused(zookeeper):
    async with at_home(zookeeper) as (observer, home):
        async with connect(zookeeper, session_timeout=SHORT) as zk:
            await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
            zk.detach()
        await gone(observer, f"{home}/e")
        with pytest.raises(zkwire.SessionExpired) as caught:
            async with attach_again(zookeeper, zk):
                pytest.fail("attached")
        assert str(zk.session.credentials.password) not in repr(caught.value)


async def test_a_closed_session_is_refused(zookeeper):
    async with connect(zookeeper) as zk:
        pass
    with pytest.raises(zkwire.SessionExpired):
        async with attach_again(zookeeper, zk):
            pytest.fail("attached")


async def test_of_two_connections_of_a_session_the_first_is_closed(zookeeper):
    async with connect(zookeeper) as first, attach_again(zookeeper, first) as second:
        with trio.fail_after(10):
            await first.wait_lost()
        assert isinstance(first.failure, EOFError | trio.BrokenResourceError)
        with pytest.raises(zkwire.ConnectionLost):
            await first.sync("/")
        await second.sync("/")


async def test_a_server_behind_the_client_is_of_no_use(zookeeper):
    async with connect(zookeeper) as zk:
        zk.detach()
    future = zkwire.Zxid(zk.last_zxid + 2**40)
    with pytest.raises(zkwire.ServerUnusable):
        async with attach_again(zookeeper, zk, last_zxid=future):
            pytest.fail("attached")
    async with attach_again(zookeeper, zk) as again:
        await again.sync("/")


# --- a member that dies -----------------------------------------------------------------------


async def test_a_session_survives_the_death_of_its_server(zookeeper_ensemble):
    ensemble = zookeeper_ensemble
    leader = await trio.to_thread.run_sync(ensemble.leader)
    victim, other = [m for m in range(3) if ensemble.members[m].id != leader.id]
    try:
        async with at_home(ensemble, member=victim) as (zk, home):
            await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
            outcomes = []

            async def write_until_lost():
                while not outcomes:
                    try:
                        await zk.set(home, b"")
                    except zkwire.ConnectionLost as error:
                        outcomes.append(error.outcome)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(write_until_lost)
                await trio.to_thread.run_sync(ensemble.members[victim].kill)
                with trio.fail_after(10):
                    await zk.wait_lost()
            assert outcomes[0] in {zkwire.Outcome.UNKNOWN, zkwire.Outcome.NOT_SENT}
            with pytest.raises(zkwire.ConnectionLost) as caught:
                await zk.get(home)
            assert caught.value.outcome is zkwire.Outcome.NOT_SENT
        async with attach_again(ensemble, zk, member=other) as again:
            assert again.session.credentials == zk.session.credentials
            await again.sync(home)
            stat = await again.exists(f"{home}/e")
            assert stat is not None
            assert stat.ephemeral_owner == zk.session.credentials.id
            await again.set(home, b"written by the same session")
    finally:
        await trio.to_thread.run_sync(ensemble.members[victim].start)


async def test_leaving_a_frozen_server_takes_the_grace_at_most(zookeeper_ensemble):
    ensemble = zookeeper_ensemble
    leader = await trio.to_thread.run_sync(ensemble.leader)
    victim = next(m for m in range(3) if ensemble.members[m].id != leader.id)
    try:
        async with connect(ensemble, member=victim, close_grace=0.2) as zk:
            await trio.to_thread.run_sync(ensemble.members[victim].freeze)
            assert zk.is_alive
            began = trio.current_time()
        assert trio.current_time() - began >= 0.2, "it was given the grace"
        assert not zk.is_alive
        assert zk.failure is None, "and was not waited for until it was called silent"
    finally:
        await _resume(ensemble, victim)


async def test_a_frozen_server_is_noticed(zookeeper_ensemble):
    ensemble = zookeeper_ensemble
    leader = await trio.to_thread.run_sync(ensemble.leader)
    victim = next(m for m in range(3) if ensemble.members[m].id != leader.id)
    try:
        async with connect(ensemble, member=victim, session_timeout=SHORT) as zk:
            await trio.to_thread.run_sync(ensemble.members[victim].freeze)
            with trio.fail_after(10):
                await zk.wait_lost()
            assert isinstance(zk.failure, TimeoutError)
    finally:
        await _resume(ensemble, victim)


async def _resume(ensemble, member):
    await trio.to_thread.run_sync(ensemble.members[member].resume)
    await trio.to_thread.run_sync(ensemble.wait_ready)
