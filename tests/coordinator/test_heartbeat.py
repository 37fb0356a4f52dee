"""What keeps a lease, and what it proves: under every fault it is over before its node is."""

import math

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

import zkwire
from coordinator import LeaseLost
from coordinator._heartbeat import Heartbeat
from coordinator._lease import Lease
from lock_rig import TICK, Counted, at, clients, cuttable, one_server, onlooker
from zkwire import OpCode
from zkwire.testing import open_faults, open_memory_zookeeper


async def ephemeral(session, path="/mine"):
    return await session.create(path, b"me", zkwire.CreateMode.EPHEMERAL)


def beating(nursery, session, path="/mine", tick_time=TICK):
    lease = Lease()
    nursery.start_soon(Heartbeat(session, session.server_path(path), lease, tick_time).run)
    nursery.start_soon(lease.run_out)
    return lease


# --- while all is well ---------------------------------------------------------------------------


async def test_it_keeps_a_lease_valid_for_as_long_as_all_is_well(autojump_clock, nursery):
    async with one_server() as (_, coordinator):
        session = coordinator.session
        await ephemeral(session)
        lease = beating(nursery, session)
        await lease.wait_valid()
        least = math.inf
        for _ in range(2_000):
            await trio.sleep(0.1)
            least = min(least, lease.remaining())
        # tick / 2, and a beat's gap for each of: since the first, since the anchor, to the next
        assert least > session.negotiated_timeout / 2 - TICK / 2 - 0.2
        nursery.cancel_scope.cancel()


async def test_it_changes_nothing_and_fires_no_watch(autojump_clock, nursery):
    async with one_server() as (server, coordinator), onlooker(server) as other:
        await ephemeral(coordinator.session)
        data, before, watch = await other.get_and_watch("/app/mine")
        lease = beating(nursery, coordinator.session)
        await trio.sleep(100)
        assert lease.valid()
        assert watch.event is None
        assert await other.get("/app/mine") == (data, before)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("since_handshake", "beats"), [(0.0, 1), (60.0, 2)])
async def test_one_beat_alone_proves_nothing_unless_it_follows_a_handshake(
    autojump_clock, nursery, since_handshake, beats
):
    async with open_memory_zookeeper(tick_time=TICK) as server:
        counted = Counted(server)
        async with clients(counted, 1) as [coordinator]:
            await ephemeral(coordinator.session)
            await trio.sleep(since_handshake)
            lease = beating(nursery, coordinator.session)
            await lease.wait_valid()
            assert counted.requests[OpCode.SET_DATA] == beats
            nursery.cancel_scope.cancel()


async def test_a_handshake_that_is_nearly_a_timeout_old_begins_no_lease(autojump_clock, nursery):
    # The next beat would come too late for it.
    async with one_server() as (_, coordinator):
        session = coordinator.session
        await ephemeral(session)
        await trio.sleep(session.negotiated_timeout * 0.95)
        lease = beating(nursery, session)
        await lease.wait_valid()
        assert lease.remaining() > session.negotiated_timeout / 3
        await trio.sleep(session.negotiated_timeout)
        assert lease.valid()
        nursery.cancel_scope.cancel()


async def test_an_answer_that_comes_late_confirms_no_more_than_was_known_when_it_was_asked_for(
    autojump_clock, nursery
):
    # What is known of the leader is old by two round trips.
    async with cuttable(timeout=10.0) as (faults, _, coordinator):
        session = coordinator.session
        await ephemeral(session)
        async with faults.latency(0.1):
            lease = beating(nursery, session)
            await lease.wait_valid()
            await trio.sleep(30)
            assert lease.valid()
            assert lease.remaining() < 10 - TICK / 2 - 4 * 0.1
        nursery.cancel_scope.cancel()


async def test_it_relies_on_no_ping_of_a_leader_that_may_still_be_on_its_way(
    autojump_clock, nursery
):
    # The follower answers pings at once, and all that comes from the leader is two seconds
    # late: so late, too, is what it can have told the leader of the session.
    behind = 2.0
    async with open_memory_zookeeper(3, TICK) as ensemble:
        leader = await ensemble.leader()
        mine = next(each for each in ensemble.members if each is not leader)
        async with at(ensemble, mine.address) as coordinator:
            await coordinator.wait_connected()
            await ephemeral(coordinator.session)
            lease = beating(nursery, coordinator.session)
            await lease.wait_valid()
            async with mine.lag(behind):
                await trio.sleep(20)
                most = 0.0
                for _ in range(100):
                    await trio.sleep(0.05)
                    most = max(most, lease.remaining())
                assert lease.valid()
                assert most < 10 - TICK / 2 - 2 * behind
            nursery.cancel_scope.cancel()


# --- its end -------------------------------------------------------------------------------------


async def test_it_ends_the_lease_when_the_node_is_removed(autojump_clock, nursery):
    async with one_server() as (server, coordinator), onlooker(server) as other:
        await ephemeral(coordinator.session)
        lease = beating(nursery, coordinator.session)
        await lease.wait_valid()
        await other.delete("/app/mine")
        removed = trio.current_time()
        await lease.lost.wait()
        assert trio.current_time() - removed <= 10 / 6 + 0.1
        with pytest.raises(LeaseLost, match="its node has been removed"):
            lease.check()


async def test_it_ends_the_lease_with_the_session(autojump_clock, nursery):
    async with one_server() as (server, coordinator):
        session = coordinator.session
        await ephemeral(session)
        lease = beating(nursery, session)
        await lease.wait_valid()
        await server.expire(session.id)
        await lease.lost.wait()
        await wait_all_tasks_blocked()
    assert not nursery.child_tasks


async def test_a_node_that_its_owner_may_not_write_cannot_be_confirmed(autojump_clock, nursery):
    acl = [zkwire.Acl(zkwire.Perms.READ, zkwire.Identity("world", "anyone"))]
    async with one_server() as (_, coordinator):
        session = coordinator.session
        await session.create("/mine", b"", zkwire.CreateMode.EPHEMERAL, acl=acl)
        lease = beating(nursery, session)
        with pytest.raises(LeaseLost, match="ACL") as caught:
            await lease.wait_valid()
        assert isinstance(caught.value.__cause__, zkwire.NoAuth)


async def test_it_stops_when_the_lease_is_over(autojump_clock, nursery):
    async with one_server() as (_, coordinator):
        await ephemeral(coordinator.session)
        lease = beating(nursery, coordinator.session)
        await lease.wait_valid()
        lease.give_back()
        await trio.sleep(5)
        assert not nursery.child_tasks


async def test_a_cut_connection_costs_nothing_if_another_comes_in_time(autojump_clock, nursery):
    async with cuttable() as (faults, _, coordinator):
        await ephemeral(coordinator.session)
        lease = beating(nursery, coordinator.session)
        await lease.wait_valid()
        for _ in range(5):
            async with faults.reset_peer():
                pass
            await trio.sleep(3)
            assert lease.valid()
        assert not lease.lost.is_set()
        nursery.cancel_scope.cancel()


async def test_of_servers_that_answer_nothing_no_more_is_asked_than_could_help(
    autojump_clock, nursery
):
    async with open_memory_zookeeper(tick_time=TICK) as server:
        counted = Counted(server)
        async with clients(counted, 1, timeout=40.0) as [coordinator]:
            await ephemeral(coordinator.session)
            lease = beating(nursery, coordinator.session)
            await lease.wait_valid()
            before = counted.requests[OpCode.SET_DATA]
            await server.members[0].freeze()
            await lease.lost.wait()
            assert 0 < counted.requests[OpCode.SET_DATA] - before <= 4
            await server.members[0].resume()


# --- faults --------------------------------------------------------------------------------------


class Outcome:
    """When, on one clock: the lease's end, the node's, and what a common rule would have said."""

    def __init__(self):
        self.lost = self.gone = self.naive = math.inf


async def play(granted, fault, *, on_leader=False):
    """Hold a lease on a node of a session, and see what ends first under a fault.

    ``naive`` is the rule of other clients: the last answer and the timeout on top.
    """
    outcome = Outcome()
    async with open_memory_zookeeper(3, TICK) as ensemble, open_faults(ensemble) as faults:
        leader = await ensemble.leader()
        followers = [each for each in ensemble.members if each is not leader]
        mine = leader if on_leader else followers[0]
        witness = followers[1] if on_leader else leader
        proxy = faults.members[mine.id - 1]
        async with (
            at(faults, proxy.address, timeout=granted) as coordinator,
            at(ensemble, witness.address, timeout=40.0) as other,
            trio.open_nursery() as nursery,
        ):
            await coordinator.wait_connected()
            session = coordinator.session
            await ephemeral(session)
            lease = beating(nursery, session)
            await lease.wait_valid()
            await trio.sleep(granted * 1.7)
            assert lease.valid()
            _, watch = await other.exists_and_watch("/mine")

            async def note_loss():
                await lease.lost.wait()
                outcome.lost = trio.current_time()

            async def note_naive():
                while outcome.gone == math.inf:  # noqa: ASYNC110  # nothing else tells
                    await trio.sleep(0.05)
                outcome.naive = session.last_contact + granted

            nursery.start_soon(note_loss)
            nursery.start_soon(note_naive)
            async with fault(mine, proxy):
                with trio.fail_after(300):
                    await watch.wait()
                outcome.gone = trio.current_time()
                assert not lease.valid(), f"valid for another {lease.remaining()} s"
                await trio.sleep(0.2)
                nursery.cancel_scope.cancel()
    return outcome


class Frozen:
    def __init__(self, member, proxy):
        self.member = member

    async def __aenter__(self):
        await self.member.freeze()

    async def __aexit__(self, *_):
        await self.member.resume()


class Killed(Frozen):
    async def __aenter__(self):
        await self.member.kill()

    async def __aexit__(self, *_):
        pass


def partitioned(member, proxy):
    return member.partition()


def black_hole(member, proxy):
    return proxy.half_open()


FAULTS = [
    pytest.param(partitioned, False, id="follower cut off from its quorum"),
    pytest.param(partitioned, True, id="leader deposed but serving"),
    pytest.param(Killed, False, id="follower killed"),
    pytest.param(Frozen, False, id="follower frozen"),
    pytest.param(Frozen, True, id="leader frozen"),
    pytest.param(black_hole, False, id="nothing comes through"),
]


@pytest.mark.parametrize("granted", [4.0, 6.0, 10.0, 15.0])
@pytest.mark.parametrize(("fault", "on_leader"), FAULTS)
async def test_it_is_over_before_the_majority_removes_the_node(
    autojump_clock, granted, fault, on_leader
):
    outcome = await play(granted, fault, on_leader=on_leader)
    assert outcome.lost < outcome.gone


async def test_the_rule_of_the_last_answer_would_have_been_too_late(autojump_clock):
    # Or else the runs above would show nothing.
    outcome = await play(10.0, partitioned)
    assert outcome.naive > outcome.gone
