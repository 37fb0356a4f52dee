"""Members that die or stop, and the elections that follow."""

from __future__ import annotations

import pytest

from cluster_rig import EPHEMERAL, at, rigged

ALL = [True] * 3


async def test_a_leader_that_dies_is_replaced_after_the_election_time(autojump_clock):
    async with rigged(election_time=0.5) as rig:
        one, two, leader = rig.replicas
        session = rig.open(one)
        await at(1.0)
        rig.cluster.kill(leader)
        assert rig.roles() == ["", "", ""]
        assert [replica.closed for replica in rig.replicas] == [
            *([(1, "end")], [(1, "end")], [(1, "reset")])
        ]
        await at(1.4)
        assert rig.roles() == ["", "", ""]
        await at(1.5)
        assert rig.roles() == ["follower", "leader", ""]
        assert two.database.last_zxid == 2 << 32
        assert rig.resume(one, session) == [4000]
        assert rig.create(one, session, "/a") == [(0, 1.5)]
        assert one.database.last_zxid == (2 << 32) + 1
        assert rig.has("/a") == [True, True, False]


async def test_a_member_that_comes_back_joins_at_once_and_has_what_it_missed(autojump_clock):
    async with rigged() as rig:
        one, _, leader = rig.replicas
        session = rig.open(leader)
        rig.cluster.stop(one)
        assert one.closed == [(0, "end")]
        assert rig.roles() == ["", "follower", "leader"]
        rig.create(leader, session, "/a")
        rig.cluster.start(one)
        assert rig.roles() == ["follower", "follower", "leader"]
        assert rig.has("/a") == ALL
        assert one.database.last_zxid == leader.database.last_zxid
        rig.create(one, rig.open(one), "/b")
        assert rig.has("/b") == ALL


async def test_an_old_leader_comes_back_as_a_follower(autojump_clock):
    async with rigged() as rig:
        leader = rig.replicas[2]
        rig.cluster.kill(leader)
        await at(5.0)
        rig.cluster.start(leader)
        assert rig.roles() == ["follower", "leader", "follower"]
        # It joins by a snapshot or not, but it learns of the epoch either way.
        assert leader.database.last_zxid == 2 << 32


async def test_without_a_majority_nobody_serves(autojump_clock):
    async with rigged() as rig:
        one, two, leader = rig.replicas
        session = rig.open(leader)
        rig.cluster.kill(one)
        await at(1.0)
        rig.cluster.kill(two)
        # It counts its followers once a tick.
        assert rig.roles() == ["", "", "leader"]
        assert rig.create(leader, session, "/a") == []
        assert rig.cluster.leader() is None
        await at(3.0)
        assert rig.roles() == ["", "", ""]
        assert leader.closed == [(3, "end")]
        await at(100.0)
        assert rig.roles() == ["", "", ""]
        rig.cluster.start(one)
        await at(102.0)
        assert rig.roles() == ["follower", "", "leader"]
        assert rig.has("/a") == [False] * 3
        assert rig.resume(one, session) == [4000]


async def test_a_follower_that_is_back_within_a_tick_saves_the_leader_and_its_writes(
    autojump_clock,
):
    async with rigged() as rig:
        one, two, leader = rig.replicas
        session = rig.open(leader)
        rig.cluster.kill(one)
        rig.cluster.kill(two)
        answers, synced = rig.create(leader, session, "/a"), rig.sync(leader)
        await at(1.0)
        assert (answers, synced) == ([], [])
        rig.cluster.start(two)
        assert (answers, synced) == ([(0, 1)], [1])
        await at(10.0)
        assert rig.roles() == ["", "follower", "leader"]
        assert leader.closed == []


async def test_all_are_killed_and_started_and_nothing_is_lost(autojump_clock):
    async with rigged() as rig:
        session = rig.open(rig.replicas[0], 10.0)
        rig.create(rig.replicas[0], session, "/a", EPHEMERAL)
        rig.cluster.kill(rig.replicas[1])
        rig.create(rig.replicas[0], session, "/b", EPHEMERAL)
        for replica in rig.replicas:
            rig.cluster.kill(replica)
        assert session in rig.cluster.sessions()
        await at(1000.0)
        # The first two: only one of them knows the last write, and that one has to lead.
        rig.cluster.start(rig.replicas[0])
        rig.cluster.start(rig.replicas[1])
        await at(1002.0)
        assert rig.roles() == ["leader", "follower", ""]
        assert rig.has("/b")[:2] == [True, True]
        rig.cluster.start(rig.replicas[2])
        assert rig.has("/a") == ALL
        assert rig.resume(rig.replicas[1], session, 10.0) == [10_000]


async def test_a_frozen_leader_is_waited_for_and_then_replaced(autojump_clock):
    async with rigged(election_time=0.5) as rig:
        one, _, old = rig.replicas
        session = rig.open(one, 40.0)
        rig.cluster.freeze(old)
        answers = rig.create(one, session, "/a")
        await at(9.9)
        assert rig.roles() == ["follower", "follower", "leader"]
        await at(10.4)
        assert rig.roles()[:2] == ["", ""]
        await at(10.5)
        assert rig.roles() == ["follower", "leader", "leader"]
        assert rig.resume(one, session) == [4000]
        assert rig.create(one, session, "/b") == [(0, 10.5)]
        await at(12.0)
        rig.cluster.resume(old)
        assert old.told == [("woken", 12)]
        assert rig.has("/b") == [True, True, False]
        await at(14.0)
        assert rig.has("/b") == ALL
        assert rig.roles() == ["follower", "leader", "follower"]
        assert old.closed == [(14, "end")]
        assert answers == []


async def test_a_leader_frozen_for_a_moment_goes_on(autojump_clock):
    async with rigged() as rig:
        one, _, leader = rig.replicas
        kept, lost = rig.open(one, 40.0), rig.open(one, 4.0)
        rig.cluster.freeze(leader)
        answers = rig.create(one, kept, "/a")
        await at(9.0)
        # Nobody is there to count the time of a session.
        assert lost in rig.cluster.sessions()
        assert answers == []
        rig.cluster.resume(leader)
        assert answers == [(0, 9)]
        assert lost not in rig.cluster.sessions()
        assert ("closed", lost, 9) in one.told
        await at(30.0)
        assert all(replica.closed == [] for replica in rig.replicas)


@pytest.mark.parametrize("frozen", [9.0, 11.0])
async def test_a_frozen_follower_applies_nothing_until_it_is_resumed(autojump_clock, frozen):
    async with rigged() as rig:
        one, two, _ = rig.replicas
        session = rig.open(two, 40.0)
        rig.cluster.freeze(one)
        rig.create(two, session, "/a")
        await at(frozen)
        assert rig.has("/a") == [False, True, True]
        rig.cluster.resume(one)
        assert rig.has("/a") == ALL
        # Given up after ten seconds, it has to join again, and cannot keep its clients.
        assert one.closed == ([] if frozen < 10 else [(frozen, "end")])
        assert rig.roles() == ["follower", "follower", "leader"]


async def test_a_frozen_server_expires_what_is_due_before_it_reads_on(autojump_clock):
    async with rigged(members=1) as rig:
        (server,) = rig.replicas
        session = rig.open(server)
        await at(1.0)
        rig.cluster.freeze(server)
        await at(50.0)
        assert session in rig.cluster.sessions()
        rig.cluster.resume(server)
        assert server.told == [("closed", session, 50), ("woken", 50)]


async def test_a_frozen_member_can_be_killed(autojump_clock):
    async with rigged() as rig:
        one = rig.replicas[0]
        rig.cluster.freeze(one)
        rig.cluster.kill(one)
        assert (one.running, one.frozen) == (False, False)
        rig.cluster.start(one)
        assert rig.roles() == ["follower", "follower", "leader"]


async def test_five_members_outlive_two(autojump_clock):
    async with rigged(members=5) as rig:
        session = rig.open(rig.replicas[0])
        rig.cluster.kill(rig.replicas[4])
        rig.cluster.partition(rig.replicas[3])
        await at(2.0)
        assert rig.roles() == ["follower", "follower", "leader", "", ""]
        assert rig.create(rig.replicas[0], session, "/a") == [(0, 2)]


async def test_what_is_asked_for_twice_is_done_once(autojump_clock):
    async with rigged() as rig:
        one = rig.replicas[0]
        rig.cluster.start(one)
        rig.cluster.resume(one)
        rig.cluster.heal(one)
        rig.cluster.kill(one)
        rig.cluster.kill(one)
        rig.cluster.freeze(one)
        assert one.closed == [(0, "reset")]
        assert not one.frozen
