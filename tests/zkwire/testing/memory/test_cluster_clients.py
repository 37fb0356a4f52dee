"""What clients meet in an ensemble where something is wrong, on the virtual clock."""

from __future__ import annotations

import pytest
import trio

import zkwire
from zkwire import CreateMode
from zkwire.testing import open_memory_zookeeper


def connected(member, session_timeout=4.0, **more):
    return zkwire.open_connection_over(member.connect(), session_timeout=session_timeout, **more)


async def gone_at(connection, path):
    while await connection.exists(path) is not None:  # noqa: ASYNC110  # on a virtual clock
        await trio.sleep(0.1)
    return trio.current_time()


async def lost_at(connection):
    await connection.wait_lost()
    return trio.current_time()


async def test_a_client_of_a_cut_follower_is_answered_long_after_its_lock_is_gone(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        cut, other, _ = ensemble.members
        async with connected(other) as observer, connected(cut) as holder:
            await holder.create("/lock", b"", mode=CreateMode.EPHEMERAL)
            async with cut.partition():
                gone = await gone_at(observer, "/lock")
                assert 6 <= gone < 6.2
                # Pings and reads are answered, and the node is still to be seen.
                while trio.current_time() < 9.5:
                    assert await holder.exists("/lock") is not None
                    await trio.sleep(0.5)
                assert await lost_at(holder) == 10
            await ensemble.wait_ready()
            with pytest.raises(zkwire.SessionExpired):
                async with connected(cut, credentials=holder.session.credentials):
                    pass


async def test_a_deposed_leader_answers_reads_and_sync_and_no_write(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        old = await ensemble.leader()
        other = ensemble.members[0]
        async with connected(old, 20.0) as stale:
            await stale.create("/lock", b"", mode=CreateMode.EPHEMERAL)
            async with old.partition():
                await trio.sleep(3.0)
                assert await ensemble.leader() is not old
                async with connected(other) as fresh:
                    await fresh.set("/lock", b"new")
                await stale.sync("/lock")
                assert (await stale.get("/lock"))[0] == b""
                with pytest.raises(zkwire.ConnectionLost):
                    await stale.set("/lock", b"lost")
                assert trio.current_time() == 10
            await ensemble.wait_ready()
        async with connected(old) as again:
            assert (await again.get("/lock"))[0] == b"new"


async def test_a_session_goes_on_at_another_member_when_its_own_dies(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        first, second, leader = ensemble.members
        async with connected(first) as before:
            await before.create("/mine", b"", mode=CreateMode.EPHEMERAL)
            await first.kill()
            await before.wait_lost()
            session = before.session.credentials
        async with connected(second, credentials=session, last_zxid=before.last_zxid) as after:
            assert await after.exists("/mine") is not None
            await first.start()
            await leader.kill()
            await after.wait_lost()
        await trio.sleep(2.0)
        async with connected(second, credentials=session, last_zxid=after.last_zxid) as after:
            assert await after.exists("/mine") is not None
            await after.set("/mine", b"still")


async def test_a_member_that_lags_refuses_who_has_seen_more(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        late, other, _ = ensemble.members
        async with connected(other, 40.0) as client:
            await client.create("/a", b"")
            async with late.lag(5.0):
                await client.set("/a", b"new")
                with pytest.raises(zkwire.ZkwireError):
                    async with connected(late, last_zxid=client.last_zxid):
                        pass
                await trio.sleep(5.1)
                seen = client.last_zxid
                async with connected(late, session_timeout=40.0, last_zxid=seen) as reader:
                    # Opening the session was itself a write, and came late.
                    assert trio.current_time() >= 10
                    assert (await reader.get("/a"))[0] == b"new"


async def test_all_members_go_and_come_back_and_the_session_with_them(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        async with connected(ensemble.members[0]) as client:
            await client.create("/mine", b"x", mode=CreateMode.EPHEMERAL)
            for member in ensemble.members:
                await member.kill()
            await client.wait_lost()
        await trio.sleep(3600)
        for member in ensemble.members:
            await member.start()
        await ensemble.wait_ready()
        async with connected(ensemble.members[1], credentials=client.session.credentials) as again:
            assert (await again.get("/mine"))[0] == b"x"


async def test_a_member_alone_serves_reads_to_who_can_do_with_that(autojump_clock):
    config = {"readonlymode.enabled": "true", "localSessionsEnabled": "true"}
    async with open_memory_zookeeper(3, config=config) as ensemble:
        alone = ensemble.members[0]
        async with connected(alone) as client:
            await client.create("/a", b"x")
            async with alone.partition():
                await client.wait_lost()
                await trio.sleep(2.0)
                with pytest.raises(zkwire.ZkwireError):
                    async with connected(alone):
                        pass
                async with connected(alone, read_only=True) as reader:
                    assert (await reader.get("/a"))[0] == b"x"
                    with pytest.raises(zkwire.NotReadOnly):
                        await reader.set("/a", b"y")
                    await trio.sleep(60)
                    assert (await reader.get("/a"))[0] == b"x"
