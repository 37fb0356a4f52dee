"""Sessions: negotiated, moved from member to member, ended."""

from __future__ import annotations

import pytest

from cluster_rig import EPHEMERAL, at, rigged
from zkwire.testing._memory._cluster import Role


def expiry_of(rig, session):
    """A condition for `Rig.until`."""
    return lambda: session not in rig.cluster.sessions()


async def test_timeouts_are_negotiated(autojump_clock):
    async with rigged(members=1) as rig:
        asked = [-5, 0, 3999, 4000, 12345, 40000, 40001]
        assert [rig.cluster.negotiate(timeout) for timeout in asked] == [
            *(4000, 4000, 4000, 4000, 12345, 40000, 40000)
        ]


async def test_a_session_goes_on_at_another_member_and_with_another_timeout(autojump_clock):
    async with rigged() as rig:
        first, second, _ = rig.replicas
        session = rig.open(first)
        await at(1.0)
        assert rig.resume(second, session, 100.0) == [40_000]
        assert rig.create(second, session, "/a", EPHEMERAL) == [(0, 1)]
        await at(40.0)
        assert rig.has("/a") == [True] * 3
        assert await rig.until(expiry_of(rig, session)) == 42
        assert rig.resume(second, session) == [None]


async def test_a_shorter_timeout_comes_into_force_at_once(autojump_clock):
    async with rigged(members=1) as rig:
        (server,) = rig.replicas
        session = rig.open(server, 40.0)
        assert rig.resume(server, session, 4.0) == [4000]
        assert await rig.until(expiry_of(rig, session)) == 6


@pytest.mark.parametrize("known", [True, False])
async def test_a_wrong_password_or_id_looks_expired_and_harms_nothing(autojump_clock, known):
    async with rigged() as rig:
        server = rig.replicas[0]
        session = rig.open(server)
        if known:
            assert rig.resume(server, session, password=bytes(16)) == [None]
        else:
            assert rig.resume(server, session + 1) == [None]
        assert rig.resume(server, session) == [4000]


async def test_the_member_that_a_session_has_left_is_told_so_on_a_write(autojump_clock):
    async with rigged() as rig:
        first, second, leader = rig.replicas
        session = rig.open(first)
        assert rig.resume(second, session) == [4000]
        assert rig.cluster.touch(first, session)  # a follower serves reads all the same
        assert rig.create(first, session, "/a") == [(-118, 0)]
        assert rig.has("/a") == [False] * 3
        assert rig.create(second, session, "/a") == [(0, 0)]
        assert rig.resume(leader, session) == [4000]
        assert rig.resume(second, session) == [4000]
        assert not rig.cluster.touch(leader, session)
        assert leader.told == [("closed", session, 0)]


async def test_closing_a_session_takes_its_ephemeral_nodes(autojump_clock):
    async with rigged() as rig:
        server = rig.replicas[0]
        session = rig.open(server)
        rig.create(server, session, "/a", EPHEMERAL)
        assert rig.close(server, session) == [(0, 0)]
        assert rig.has("/a") == [False] * 3
        assert rig.create(server, session, "/b") == [(-112, 0)]
        assert rig.resume(server, session) == [None]


async def test_a_session_can_be_made_to_expire_now(autojump_clock):
    async with rigged() as rig:
        server = rig.replicas[0]
        session = rig.open(server)
        rig.create(server, session, "/a", EPHEMERAL)
        rig.cluster.expire(session)
        assert rig.has("/a") == [False] * 3
        assert all(replica.told == [("closed", session, 0)] for replica in rig.replicas)
        with pytest.raises(KeyError):
            rig.cluster.expire(session)
        rig.cluster.kill(rig.replicas[1])
        session = rig.open(server)
        rig.cluster.kill(rig.replicas[2])
        with pytest.raises(RuntimeError, match="no leader"):
            rig.cluster.expire(session)


async def test_sessions_outlive_a_restart_of_the_only_server(autojump_clock):
    async with rigged(members=1) as rig:
        (server,) = rig.replicas
        session = rig.open(server)
        rig.create(server, session, "/a", EPHEMERAL)
        await at(3.0)
        rig.cluster.kill(server)
        assert rig.cluster.role(server) is Role.NOT_SERVING
        await at(100.0)
        rig.cluster.start(server)
        assert rig.cluster.role(server) is Role.STANDALONE
        assert rig.resume(server, session) == [4000]
        other = rig.open(server)
        assert other != session
        assert server.database.node("/a") is not None
        assert await rig.until(expiry_of(rig, session)) == 106
