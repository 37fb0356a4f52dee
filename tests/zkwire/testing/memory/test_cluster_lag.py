"""Members that apply commits late, or missed some: what they have, and what they decide by."""

from __future__ import annotations

import pytest

from cluster_rig import EPHEMERAL, at, rigged


async def test_commits_reach_a_lagging_member_late_and_answer_its_clients_late(autojump_clock):
    async with rigged() as rig:
        late, other, _ = rig.replicas
        session, quick = rig.open(late), rig.open(other)
        rig.cluster.lag(late, 3.0)
        answers = rig.create(late, session, "/a")
        assert rig.has("/a") == [False, True, True]
        await at(1.0)
        assert rig.create(other, quick, "/b") == [(0, 1)]
        synced = rig.sync(late)
        await at(2.9)
        assert answers == []
        await at(3.5)
        assert answers == [(0, 3)]
        assert rig.has("/b") == [False, True, True]
        await at(4.5)
        assert rig.has("/b") == [True] * 3
        assert synced == [4]
        assert rig.sync(late) == [4.5]


async def test_an_expiry_reaches_a_lagging_member_late(autojump_clock):
    async with rigged() as rig:
        late, other, _ = rig.replicas
        session = rig.open(other, 40.0)
        rig.create(other, session, "/a", EPHEMERAL)
        await at(30.0)
        rig.cluster.lag(late, 1.0)
        rig.cluster.expire(session)
        assert rig.has("/a") == [True, False, False]
        await at(30.9)
        assert rig.has("/a") == [True, False, False]
        await at(31.0)
        assert rig.has("/a") == [False] * 3


async def test_the_end_of_a_lag_lets_a_member_catch_up_at_once(autojump_clock):
    async with rigged() as rig:
        late = rig.replicas[0]
        session = rig.open(late)
        rig.cluster.lag(late, 1000.0)
        answers = rig.create(late, session, "/a")
        await at(1.0)
        rig.cluster.lag(late, 0)
        assert answers == [(0, 1)]
        assert rig.create(late, session, "/b") == [(0, 1)]


@pytest.mark.parametrize("members", [1, 3])
async def test_a_leader_that_lags_decides_by_the_newest_state(autojump_clock, members):
    async with rigged(members=members) as rig:
        leader = rig.replicas[-1]
        session = rig.open(leader)
        rig.cluster.lag(leader, 2.0)
        first, second = rig.create(leader, session, "/a"), rig.create(leader, session, "/a")
        assert leader.database.node("/a") is None
        await at(2.5)
        assert (first, second) == ([(0, 2)], [(-110, 2)])
        third = rig.create(leader, session, "/b")
        rig.cluster.lag(leader, 0)
        assert third == [(0, 2.5)]
        assert rig.create(leader, session, "/b") == [(-110, 2.5)]
        # The copy that it decided by has gone.
        assert rig.cluster._assembly.newest() is leader.database


async def test_a_leader_whose_lag_is_over_catches_up_and_decides_by_its_own_tree(autojump_clock):
    async with rigged() as rig:
        leader = rig.replicas[2]
        session = rig.open(leader)
        rig.cluster.lag(leader, 2.0)
        await at(1.0)
        rig.create(leader, session, "/a")
        rig.cluster.freeze(leader)
        rig.cluster.lag(leader, 0)
        await at(2.0)
        assert leader.database.node("/a") is None
        rig.cluster.resume(leader)
        assert leader.database.node("/a") is not None
        assert rig.cluster._assembly.newest() is leader.database


async def test_what_a_lagging_member_has_not_applied_survives_its_death(autojump_clock):
    async with rigged() as rig:
        late = rig.replicas[0]
        session = rig.open(late)
        rig.cluster.lag(late, 5.0)
        answers = rig.create(late, session, "/a")
        await at(1.0)
        rig.cluster.kill(late)
        rig.cluster.start(late)
        assert rig.has("/a") == [True] * 3
        await at(10.0)
        assert answers == []


async def test_what_came_through_a_mended_link_is_on_disk_before_it_is_applied(autojump_clock):
    async with rigged() as rig:
        late, other, _ = rig.replicas
        session = rig.open(other)
        rig.cluster.lag(late, 5.0)
        rig.cluster.partition(late)
        rig.create(other, session, "/a")
        rig.cluster.heal(late)
        assert rig.has("/a") == [False, True, True]
        rig.cluster.kill(late)
        assert rig.has("/a") == [True] * 3


async def test_what_was_said_to_a_member_behind_a_cut_is_not_on_its_disk(autojump_clock):
    async with rigged() as rig:
        cut, other, _ = rig.replicas
        session = rig.open(other)
        rig.cluster.partition(cut)
        rig.create(other, session, "/a")
        rig.cluster.kill(cut)
        assert rig.has("/a") == [False, True, True]


async def test_a_member_far_behind_gets_a_snapshot(autojump_clock):
    async with rigged() as rig:
        behind, _, leader = rig.replicas
        session = rig.open(leader)
        rig.create(leader, session, "/a", EPHEMERAL)
        rig.cluster.kill(behind)
        for number in range(600):
            rig.create(leader, session, f"/a{number}")
        before = behind.database
        rig.cluster.start(behind)
        assert behind.database is not before
        assert behind.database is not leader.database
        assert rig.has("/a599") == [True] * 3
        assert rig.create(leader, session, "/more") == [(0, 0)]
        assert rig.has("/more") == [True] * 3
