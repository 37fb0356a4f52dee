"""Members that are cut off from the others, and what they do alone."""

from __future__ import annotations

from cluster_rig import EPHEMERAL, at, rigged

ALL = [True] * 3


async def test_a_follower_that_is_cut_off_serves_on_until_it_notices(autojump_clock):
    async with rigged() as rig:
        cut, other, _ = rig.replicas
        session, quick = rig.open(cut, 40.0), rig.open(other, 40.0)
        await at(1.0)
        rig.cluster.partition(cut)
        answers, synced, resumed = (
            rig.create(cut, session, "/a"),
            rig.sync(cut),
            rig.resume(cut, quick),
        )
        rig.create(other, quick, "/b")
        assert rig.has("/b") == [False, True, True]
        await at(10.9)
        assert rig.cluster.touch(cut, session)
        assert rig.roles() == ["follower", "follower", "leader"]
        await at(11.0)
        assert rig.roles() == ["", "follower", "leader"]
        assert cut.closed == [(11, "end")]
        rig.cluster.heal(cut)
        assert rig.roles() == ["follower", "follower", "leader"]
        assert rig.has("/b") == ALL
        assert rig.has("/a") == [False] * 3
        assert (answers, synced, resumed) == ([], [], [])


async def test_a_short_cut_only_delays_what_a_follower_forwards(autojump_clock):
    async with rigged() as rig:
        cut, other, _ = rig.replicas
        session, quick = rig.open(cut, 40.0), rig.open(other, 40.0)
        rig.cluster.partition(cut)
        answers, synced = rig.create(cut, session, "/a"), rig.sync(cut)
        rig.create(other, quick, "/b")
        await at(9.5)
        rig.cluster.heal(cut)
        assert (answers, synced) == ([(0, 9.5)], [9.5])
        assert (rig.has("/a"), rig.has("/b")) == (ALL, ALL)
        await at(20.0)
        assert cut.closed == []


async def test_the_session_of_a_cut_follower_expires_while_it_answers(autojump_clock):
    async with rigged() as rig:
        cut = rig.replicas[0]
        session = rig.open(cut)
        rig.create(cut, session, "/lock", EPHEMERAL)
        rig.cluster.partition(cut)
        await at(5.9)
        assert rig.cluster.touch(cut, session)
        await at(6.0)
        assert rig.has("/lock") == [True, False, False]
        assert rig.cluster.touch(cut, session)
        await at(10.0)
        rig.cluster.heal(cut)
        assert rig.has("/lock") == [False] * 3


async def test_a_leader_that_is_cut_off_serves_on_beside_the_next(autojump_clock):
    async with rigged(election_time=0.5) as rig:
        one, two, old = rig.replicas
        session, mine = rig.open(one, 40.0), rig.open(old, 40.0)
        await at(1.0)
        rig.cluster.partition(old)
        assert one.closed == two.closed == [(1, "end")]
        await at(1.5)
        assert rig.roles() == ["follower", "leader", "leader"]
        assert rig.cluster.leader() is two
        assert rig.resume(one, session) == [4000]
        assert rig.create(one, session, "/a") == [(0, 1.5)]
        # Deposed: it answers reads, pings and a sync, but nothing that needs the others.
        assert rig.cluster.touch(old, mine)
        assert rig.sync(old) == [1.5]
        lost = rig.create(old, mine, "/lost")
        assert rig.sync(old) == []
        await at(10.9)
        assert rig.roles() == ["follower", "leader", "leader"]
        await at(11.0)
        assert rig.roles() == ["follower", "leader", ""]
        assert old.closed == [(11, "end")]
        rig.cluster.heal(old)
        assert rig.roles() == ["follower", "leader", "follower"]
        assert rig.has("/a") == ALL
        assert rig.has("/lost") == [False] * 3
        assert lost == []


async def test_a_deposed_leader_that_is_healed_gives_up_within_a_tick(autojump_clock):
    async with rigged(election_time=0.5) as rig:
        old = rig.replicas[2]
        rig.cluster.partition(old)
        await at(3.0)
        rig.cluster.heal(old)
        await at(4.9)
        assert rig.roles() == ["follower", "leader", "leader"]
        await at(5.0)
        assert rig.roles() == ["follower", "leader", "follower"]


async def test_partitions_add_up_and_leave_a_single_server_alone(autojump_clock):
    async with rigged(members=1) as rig:
        (server,) = rig.replicas
        rig.cluster.partition(server)
        session = rig.open(server)
        await at(30.0)
        assert rig.create(server, session, "/a") == [(-112, 30)]
        assert rig.roles() == ["standalone"]
    async with rigged() as rig:
        one = rig.replicas[0]
        rig.cluster.partition(one)
        rig.cluster.partition(one)
        rig.cluster.heal(one)
        await at(60.0)
        assert rig.roles() == ["", "follower", "leader"]
        rig.cluster.heal(one)
        assert rig.roles() == ["follower", "follower", "leader"]


async def test_a_member_without_a_quorum_serves_read_only(autojump_clock):
    config = {"readonlymode_enabled": True, "localSessionsEnabled": True}
    async with rigged(**config) as rig:
        cut, other, _ = rig.replicas
        session = rig.open(cut)
        rig.create(cut, session, "/a")
        rig.cluster.partition(cut)
        await at(11.9)
        assert rig.roles() == ["", "follower", "leader"]
        await at(12.0)
        assert rig.roles() == ["read-only", "follower", "leader"]
        local = rig.open(cut, 5.0)
        assert rig.cluster.is_local(cut, local)
        assert not rig.cluster.is_local(cut, session)
        assert rig.resume(cut, local, 5.0) == [5000]
        assert rig.resume(other, local) == [None]
        assert rig.cluster.touch(cut, local)
        assert not rig.cluster.touch(cut, session)
        await at(17.9)
        assert rig.cluster.is_local(cut, local)
        await at(18.0)
        assert cut.told[-1] == ("closed", local, 18)
        assert not rig.cluster.touch(cut, local)
        ended = len(cut.closed)
        rig.cluster.heal(cut)
        assert rig.roles() == ["follower", "follower", "leader"]
        assert cut.closed[ended:] == [(18, "end")]


async def test_a_read_only_member_without_local_sessions_opens_none(autojump_clock):
    async with rigged(readonlymode_enabled=True) as rig:
        one, two, leader = rig.replicas
        rig.cluster.kill(two)
        rig.cluster.kill(leader)
        await at(2.0)
        assert rig.roles() == ["read-only", "", ""]
        assert rig.open(one) is None
