"""Members of real ensembles cut from their peers, and members that lag behind them."""

from __future__ import annotations

import os

import pytest
import trio

import zkwire
from isolation import ISOLATED, needs_namespaces
from real_server import attach_again, connect, gone
from zkwire.testing import (
    AsyncEnsemble,
    NotControllableError,
    start_zookeeper,
)

pytestmark = pytest.mark.zk

SHORT = 0.6


@pytest.fixture(autouse=True)
def _servers_of_our_own(monkeypatch):
    """Only a JVM of our own has a network of its own, whatever the other tests run on."""
    if os.environ.get("ZKWIRE_TEST_PROVIDER") not in ("maven", "debian"):
        monkeypatch.delenv("ZKWIRE_TEST_PROVIDER", raising=False)


@pytest.fixture(scope="module")
def three():
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("ZKWIRE_TEST_PROVIDER") not in ("maven", "debian"):
            patch.delenv("ZKWIRE_TEST_PROVIDER", raising=False)
        with start_zookeeper(**ISOLATED) as ensemble:
            yield ensemble


@pytest.fixture
async def isolated(three):
    ensemble = AsyncEnsemble(three)
    with trio.fail_after(60):
        await ensemble.wait_ready()
    return ensemble


async def _roles(ensemble):
    leader = await ensemble.leader()
    one, other = (each for each in ensemble.members if each is not leader)
    return leader, one, other


def _to(ensemble, member, timeout=4.0):
    return connect(ensemble, member.id - 1, session_timeout=timeout)


async def _home(zk):
    return await zk.create("/test-", b"old", zkwire.CreateMode.PERSISTENT_SEQUENTIAL)


async def _until_mode(ensemble, member, mode):
    with trio.fail_after(30):
        while await ensemble.mode(member) != mode:  # noqa: ASYNC110  # a server tells nobody
            await trio.sleep(0.05)


async def _until_value(zk, path, value):
    with trio.fail_after(30):
        while (await zk.get(path))[0] != value:  # noqa: ASYNC110  # with a watch it is another test
            await trio.sleep(0.01)


@needs_namespaces
async def test_a_cut_off_follower_answers_for_a_session_that_the_majority_has_ended(isolated):
    leader, follower, _ = await _roles(isolated)
    async with _to(isolated, leader) as observer, _to(isolated, follower, SHORT) as held:
        home = await _home(observer)
        await held.sync(home)
        mine = await held.create(f"{home}/mine", b"", zkwire.CreateMode.EPHEMERAL)
        async with follower.partition():
            assert follower.partitioned
            await gone(observer, mine)
            ended = trio.current_time()
            # It is over, and its server says that all is well.
            assert await held.exists(mine) is not None
            with trio.fail_after(10):
                while held.last_contact <= ended:  # noqa: ASYNC110  # pings tell nobody
                    await trio.sleep(0.02)
            assert held.is_alive
            assert await isolated.mode(follower) == "follower"
        assert not follower.partitioned
        await isolated.wait_ready()
        with trio.fail_after(30):
            await held.wait_lost()
        with pytest.raises(zkwire.SessionExpired):
            async with attach_again(isolated, held):
                pass


@needs_namespaces
async def test_a_cut_off_leader_is_deposed_and_follows_once_healed(isolated):
    leader, follower, _ = await _roles(isolated)
    async with _to(isolated, leader) as old:
        home = await _home(old)
        async with leader.partition():
            assert await isolated.mode(leader) == "leader"  # it does not know yet
            assert (await old.get(home))[0] == b"old"
            await old.sync(home)  # it answers this alone too
            successor = await isolated.leader()
            assert successor is not leader
            await isolated.wait_ready()
            async with _to(isolated, successor) as new:
                await new.set(home, b"new")
            await _until_mode(isolated, leader, "not serving")
            with trio.fail_after(10):
                await old.wait_lost()
        await isolated.wait_ready()
        assert await isolated.mode(leader) == "follower"
        async with _to(isolated, leader) as again, _to(isolated, follower) as other:
            await again.sync(home)
            assert (await again.get(home))[0] == b"new"
            await other.set(home, b"newer")
            await _until_value(again, home, b"newer")


@needs_namespaces
async def test_an_inbound_cut_lets_a_write_out_and_its_answer_not_back(isolated):
    leader, follower, _ = await _roles(isolated)
    async with (
        _to(isolated, leader) as observer,
        _to(isolated, follower) as held,
        _to(isolated, follower) as beside,  # whatever follows a write of its session waits for it
    ):
        home = await _home(observer)
        await beside.sync(home)
        async with follower.partition(direction="inbound"):
            with trio.move_on_after(0.5) as writing:
                await held.set(home, b"new")
            assert writing.cancelled_caught
            await _until_value(observer, home, b"new")
            assert (await beside.get(home))[0] == b"old"
            await _until_mode(isolated, follower, "not serving")
        await isolated.wait_ready()
        assert await isolated.mode(follower) == "follower"


@needs_namespaces
async def test_an_outbound_cut_lets_news_in_and_no_write_out(isolated):
    leader, follower, _ = await _roles(isolated)
    async with _to(isolated, leader) as observer, _to(isolated, follower) as held:
        home = await _home(observer)
        await held.sync(home)
        async with follower.partition(direction="outbound"):
            await observer.set(home, b"new")
            await _until_value(held, home, b"new")
            with trio.move_on_after(0.5) as writing:
                await held.set(home, b"lost")
            assert writing.cancelled_caught
            assert (await observer.get(home))[0] == b"new"
            await _until_mode(isolated, follower, "not serving")
        await isolated.wait_ready()
        assert await isolated.mode(follower) == "follower"


@needs_namespaces
async def test_a_lagging_follower_shows_the_past_and_catches_up(isolated):
    leader, follower, _ = await _roles(isolated)
    async with _to(isolated, leader) as writer, _to(isolated, follower) as reader:
        home = await _home(writer)
        await reader.sync(home)
        async with follower.lag(1.0):
            before = trio.current_time()
            await writer.set(home, b"new")
            assert (await reader.get(home))[0] == b"old"
            await _until_value(reader, home, b"new")
            assert trio.current_time() - before >= 1.0
            before = trio.current_time()
            await reader.set(home, b"newer")  # its own commit comes as late as any other
            assert trio.current_time() - before >= 1.0
            assert await isolated.mode(follower) == "follower"
            await writer.set(home, b"newest")
        await _until_value(reader, home, b"newest")
        assert reader.is_alive


@needs_namespaces
async def test_a_lag_is_bounded_and_one_at_a_time(isolated):
    member = isolated.members[0]
    for seconds in (0, -1.0, float("nan"), float("inf"), 4.0):
        with pytest.raises(ValueError, match=r"above 0 and at most 3\.8"):
            async with member.lag(seconds):
                pass
    async with member.lag(0.1):
        with pytest.raises(RuntimeError, match="lags already"):
            async with member.lag(0.1):
                pass
    async with member.lag(0.1):
        pass


@needs_namespaces
async def test_overlapping_cuts_heal_one_by_one(isolated):
    _, follower, _ = await _roles(isolated)
    with pytest.raises(ValueError, match="'sideways'"):
        async with follower.partition(direction="sideways"):
            pass
    assert not follower.partitioned
    async with follower.partition():
        async with follower.partition(direction="inbound"):
            pass
        assert follower.partitioned
        await _until_mode(isolated, follower, "not serving")
    assert not follower.partitioned
    await isolated.wait_ready()


@needs_namespaces
async def test_leaving_heals_even_when_cancelled(isolated):
    leader, follower, _ = await _roles(isolated)
    async with _to(isolated, leader) as writer, _to(isolated, follower) as reader:
        home = await _home(writer)
        with trio.CancelScope() as scope:
            async with follower.partition(), follower.lag(0.5):
                scope.cancel()
                await trio.lowlevel.checkpoint()
        assert scope.cancelled_caught
        assert not follower.partitioned
        with trio.fail_after(30):
            await reader.sync(home)
            await reader.set(home, b"new")
        await isolated.wait_ready()


@needs_namespaces
async def test_a_cut_outlasts_a_restart_of_the_member(isolated):
    leader, follower, _ = await _roles(isolated)
    async with _to(isolated, leader) as writer, _to(isolated, follower) as reader:
        home = await _home(writer)
        async with follower.partition():
            await follower.kill()
            with trio.fail_after(10):
                await reader.wait_lost()
            await writer.set(home, b"new")
            await follower.start()  # returns: it cannot serve before the cut is healed
            assert await isolated.mode(follower) == "not serving"
            await isolated.wait_ready()  # of the others
        await isolated.wait_ready()
        async with _to(isolated, follower) as again:
            await again.sync(home)
            assert (await again.get(home))[0] == b"new"


@needs_namespaces
def test_synchronous_code_can_cut_too(three):
    three.wait_ready()
    leader = three.leader()
    with leader.partition():
        assert leader.partitioned
        assert three.leader() is not leader
    three.wait_ready()
    with leader.lag(0.2):
        assert three.mode(leader) == "follower"


async def test_members_on_one_network_cannot_be_cut(zookeeper_ensemble):
    member = zookeeper_ensemble.members[0]
    assert not member.partitioned
    with pytest.raises(NotControllableError, match="isolated=True"), member.partition():
        pass
    with pytest.raises(NotControllableError, match="isolated=True"), member.lag(1.0):
        pass
    with pytest.raises(NotControllableError, match="isolated=True"):
        async with AsyncEnsemble(zookeeper_ensemble).members[0].partition():
            pass
