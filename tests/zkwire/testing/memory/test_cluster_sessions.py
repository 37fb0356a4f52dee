"""Sessions: kept alive, and expired at the instant that the buckets give."""

from __future__ import annotations

import pytest
import trio

from cluster_rig import EPHEMERAL, at, rigged


def expiry_of(rig, session):
    """A condition for `Rig.until`."""
    return lambda: session not in rig.cluster.sessions()


def watched(agenda):
    """When the agenda is gone through, from now on."""
    performed, real = [], agenda.perform

    def perform():
        performed.append(trio.current_time())
        real()

    agenda.perform = perform
    return performed


@pytest.mark.parametrize(
    ("opened", "lasts", "expires"),
    [
        (0.0, 4.0, 6.0),  # at 4.0 exactly it would be on a tick, and it has to be past it
        (1.999, 4.0, 6.0),
        (2.0, 4.0, 8.0),
        (0.5, 5.0, 6.0),
        (1.0, 5.0, 8.0),
        (0.5, 40.0, 42.0),
    ],
)
async def test_a_session_expires_at_the_next_tick_after_its_timeout(
    autojump_clock, opened, lasts, expires
):
    async with rigged(members=1) as rig:
        await at(opened)
        (server,) = rig.replicas
        session = rig.open(server, lasts)
        rig.create(server, session, "/a", EPHEMERAL)
        await at(expires - 0.001)
        assert session in rig.cluster.sessions()
        await at(expires)
        assert rig.cluster.sessions() == {}
        assert server.database.node("/a") is None
        assert server.told == [("closed", session, expires)]


async def test_every_touch_starts_the_clock_again(autojump_clock):
    async with rigged(members=1) as rig:
        (server,) = rig.replicas
        session = rig.open(server)
        for moment in (1.0, 3.0, 7.5):
            await at(moment)
            assert rig.cluster.touch(server, session)
        assert await rig.until(expiry_of(rig, session)) == 12
        assert not rig.cluster.touch(server, session)


async def test_a_touch_at_the_very_end_is_too_late(autojump_clock):
    async with rigged(members=1) as rig:
        (server,) = rig.replicas
        session = rig.open(server)
        await trio.sleep_until(6.0)
        assert not rig.cluster.touch(server, session)


@pytest.mark.parametrize(("touched", "expires"), [(0.75, 6.0), (1.0, 8.0), (2.9, 8.0), (3.0, 10.0)])
async def test_a_touch_at_a_follower_counts_from_the_leaders_next_ping(
    autojump_clock, touched, expires
):
    async with rigged() as rig:
        follower = rig.replicas[0]
        session = rig.open(follower)
        await at(touched)
        assert rig.cluster.touch(follower, session)
        assert await rig.until(expiry_of(rig, session)) == expires


@pytest.mark.parametrize(("touched", "expires"), [(4.9, 10.0), (5.0, 6.0), (5.5, 6.0)])
async def test_a_touch_that_arrives_when_the_session_expires_is_late(
    autojump_clock, touched, expires
):
    async with rigged() as rig:
        follower = rig.replicas[0]
        session = rig.open(follower)
        await at(touched)
        assert rig.cluster.touch(follower, session)
        assert await rig.until(expiry_of(rig, session)) == expires


@pytest.mark.parametrize(("dies", "expires"), [(2.75, 6.0), (3.25, 8.0)])
async def test_a_touch_dies_with_the_follower_that_saw_it(autojump_clock, dies, expires):
    async with rigged() as rig:
        follower = rig.replicas[0]
        session = rig.open(follower)
        await at(2.5)
        rig.cluster.touch(follower, session)
        await at(dies)
        rig.cluster.kill(follower)
        assert await rig.until(expiry_of(rig, session)) == expires


async def test_touches_of_a_cut_follower_arrive_when_it_is_healed(autojump_clock):
    async with rigged() as rig:
        follower = rig.replicas[0]
        kept, lost = rig.open(follower, 8.0), rig.open(follower, 4.0)
        rig.cluster.partition(follower)
        await at(5.0)
        assert rig.cluster.touch(follower, kept)
        assert rig.cluster.touch(follower, lost)
        await at(7.5)
        # The follower does not know yet that it is gone.
        assert lost not in rig.cluster.sessions()
        assert rig.cluster.touch(follower, lost)
        rig.cluster.heal(follower)
        assert not rig.cluster.touch(follower, lost)
        assert await rig.until(expiry_of(rig, kept)) == 18


async def test_touches_of_a_follower_that_was_given_up_are_lost(autojump_clock):
    async with rigged() as rig:
        follower = rig.replicas[0]
        session = rig.open(follower, 12.0)
        rig.cluster.partition(follower)
        await at(9.0)
        assert rig.cluster.touch(follower, session)
        await at(10.5)
        rig.cluster.heal(follower)
        assert await rig.until(expiry_of(rig, session)) == 14


async def test_ids_differ_between_two_starts_at_one_instant(autojump_clock):
    async with rigged(members=1) as rig:
        (server,) = rig.replicas
        sessions = set()
        for _ in range(3):
            sessions.add(rig.open(server))
            rig.cluster.kill(server)
            rig.cluster.start(server)
        assert len(sessions) == 3


async def test_a_new_leader_starts_every_clock_again(autojump_clock):
    async with rigged() as rig:
        follower, _, leader = rig.replicas
        session = rig.open(follower)
        await at(5.0)
        rig.cluster.kill(leader)
        assert await rig.until(expiry_of(rig, session)) == 12


async def test_ten_idle_hours_of_a_pinging_session_wake_nobody_up_per_tick(autojump_clock):
    async with rigged() as rig:
        follower = rig.replicas[0]
        session = rig.open(follower, 30.0)
        performed = watched(rig.cluster._agenda)
        while trio.current_time() < 36_000:
            assert rig.cluster.touch(follower, session)
            await trio.sleep(9.0)
        # Eighteen thousand ticks: at most once per timeout of the session.
        assert len(performed) <= 36_000 / 20


async def test_an_ensemble_without_sessions_does_not_wake_up_at_all(autojump_clock):
    async with rigged() as rig:
        performed = watched(rig.cluster._agenda)
        await trio.sleep(36_000)
        assert performed == [0, 60]  # at the start, and to see that there is nothing to collect
