"""Commits: in one order, by all, and before anything is answered."""

from __future__ import annotations

import struct

from cluster_rig import EPHEMERAL, Rig, at, rigged
from zkwire.testing._memory._cluster import Cluster, Role
from zkwire.testing._memory._settings import Settings


async def test_a_single_server_counts_zxids_from_one(autojump_clock):
    async with rigged(members=1) as rig:
        (server,) = rig.replicas
        assert rig.cluster.role(server) is Role.STANDALONE
        session = rig.open(server)
        assert rig.create(server, session, "/a") == [(0, 0)]
        assert server.database.last_zxid == 2


async def test_an_ensemble_has_its_last_member_lead_the_first_epoch(autojump_clock):
    async with rigged() as rig:
        assert rig.roles() == ["follower", "follower", "leader"]
        assert rig.cluster.leader() is rig.replicas[2]
        assert [replica.database.last_zxid for replica in rig.replicas] == [0, 0, 1 << 32]
        rig.open(rig.replicas[0])
        assert [replica.database.last_zxid for replica in rig.replicas] == [(1 << 32) + 1] * 3


async def test_every_member_has_applied_a_write_once_it_is_answered(autojump_clock):
    async with rigged() as rig:
        for number, replica in enumerate(rig.replicas):
            session = rig.open(replica)
            assert rig.create(replica, session, f"/{number}") == [(0, 0)]
            assert rig.has(f"/{number}") == [True] * 3


async def test_a_refused_write_takes_a_zxid(autojump_clock):
    async with rigged() as rig:
        session = rig.open(rig.replicas[0])
        before = rig.replicas[0].database.last_zxid
        assert rig.set(rig.replicas[0], session, "/none") == [(-101, 0)]
        assert [replica.database.last_zxid - before for replica in rig.replicas] == [1] * 3


async def test_a_write_proposed_on_an_answer_comes_after_it_everywhere(autojump_clock):
    async with rigged() as rig:
        order = {replica.id: [] for replica in rig.replicas}
        for replica in rig.replicas:
            real = replica.apply

            def apply(committed, real=real, seen=order[replica.id]):
                seen.append(committed.zxid)
                return real(committed)

            replica.apply = apply
        leader = rig.replicas[2]
        session = rig.open(leader)
        inner = []

        def on_open(other):
            inner.append(rig.create(leader, session, f"/of-{other}"))

        rig.cluster.open_session(leader, 4000, on_open)
        assert [len(answers) for answers in inner] == [1]
        assert order[1] == order[2] == order[3] == sorted(order[1])
        assert len(order[1]) == 3


async def test_containers_and_nodes_with_a_time_to_live_are_collected(autojump_clock):
    async with rigged() as rig:
        leader = rig.replicas[2]
        session = rig.open(leader, 40)
        assert rig.create(leader, session, "/box", 4, opcode=19) == [(0, 0)]
        assert rig.create(leader, session, "/box/in", EPHEMERAL) == [(0, 0)]
        assert rig.create(leader, session, "/ttl", 5, ttl=36_000_000, opcode=21) == [(0, 0)]
        rig.close(leader, session)
        await at(59.0)
        assert rig.has("/box") == [True] * 3
        await at(61.0)
        assert rig.has("/box") == [False] * 3
        await at(36_000)
        assert rig.has("/ttl") == [True] * 3
        await at(36_120)
        assert rig.has("/ttl") == [False] * 3


async def test_what_is_to_be_collected_may_come_after_idle_hours(autojump_clock):
    async with rigged() as rig:
        leader = rig.replicas[2]
        await at(7205.0)
        session = rig.open(leader, 40)
        rig.create(leader, session, "/ttl", 5, ttl=1000, opcode=21)
        await at(7259.0)
        assert rig.has("/ttl") == [True] * 3
        await at(7260.0)
        assert rig.has("/ttl") == [False] * 3


async def test_ids_and_passwords_are_those_of_real_servers(autojump_clock):
    rig = Rig(Settings.from_config(members=3))
    low, high = rig.replicas[0], rig.replicas[2]
    first, second, other = rig.open(low), rig.open(low), rig.open(high)
    assert (first >> 56, other >> 56) == (1, 3)
    assert second == first + 1
    assert first & 0xFFFF == 0
    # What java.util.Random gives for the seed 42, as two whole numbers.
    password = Cluster.password_of(42 ^ 0xB3415C00)
    assert len(password) == 16
    assert struct.unpack("<ii", password[:8]) == (-1170105035, 234785527)
