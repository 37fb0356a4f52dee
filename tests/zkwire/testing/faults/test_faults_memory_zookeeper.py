"""The proxies in front of an ensemble in memory, on the virtual clock."""

from __future__ import annotations

import pytest
import trio

import zkwire
from zkwire.testing import Faults, open_faults, open_memory_zookeeper

SET_DATA = 5


async def dialled(faults: Faults, member: int = 0) -> trio.abc.Stream:
    host, port = faults.servers[member].rsplit(":", 1)
    return await faults.dial(host, int(port))


async def test_latency_of_a_whole_exchange(autojump_clock):
    async with open_memory_zookeeper() as zookeeper, open_faults(zookeeper) as faults:
        stream = await dialled(faults)
        async with zkwire.open_connection_over(stream, session_timeout=10.0) as zk:
            await zk.create("/node")
            async with faults.latency(1.5):
                began = trio.current_time()
                await zk.set("/node", b"late")
                assert trio.current_time() - began == pytest.approx(3)


async def test_a_write_is_done_and_not_known(autojump_clock):
    async with open_memory_zookeeper() as zookeeper, open_faults(zookeeper) as faults:
        stream = await dialled(faults)
        async with zkwire.open_connection_over(stream, session_timeout=10.0) as zk:
            await zk.create("/node")
            async with faults.cut_before_reply(SET_DATA) as cut:
                with pytest.raises(zkwire.ConnectionLost) as caught:
                    await zk.set("/node", b"done")
            assert (cut.err, caught.value.outcome) == (0, zkwire.Outcome.UNKNOWN)
        stream = await dialled(faults)
        async with zkwire.open_connection_over(stream, session_timeout=10.0) as zk:
            assert (await zk.get("/node"))[0] == b"done"


async def test_silence_is_a_loss_within_the_session_timeout(autojump_clock):
    async with open_memory_zookeeper() as zookeeper, open_faults(zookeeper) as faults:
        stream = await dialled(faults)
        async with zkwire.open_connection_over(stream, session_timeout=10.0) as zk:
            assert await zk.exists("/") is not None
            async with faults.timeout():
                began = trio.current_time()
                with pytest.raises(zkwire.ConnectionLost):
                    await zk.get("/")
                assert trio.current_time() - began <= 10


async def test_a_member_that_is_down_is_refused(autojump_clock):
    async with open_memory_zookeeper(3) as zookeeper, open_faults(zookeeper) as faults:
        async with faults.members[1].down():
            with pytest.raises(ConnectionRefusedError):
                await dialled(faults, 1)
            await (await dialled(faults, 2)).aclose()
        await (await dialled(faults, 1)).aclose()


async def test_faults_of_the_servers(autojump_clock):
    async with open_memory_zookeeper(3) as zookeeper, open_faults(zookeeper) as faults:
        leads = (await zookeeper.leader()).id - 1
        follower = faults.members[(leads + 1) % 3]
        near, far = await dialled(faults, leads), await dialled(faults, follower.id - 1)
        async with (
            zkwire.open_connection_over(near, session_timeout=10.0) as zk,
            zkwire.open_connection_over(far, session_timeout=10.0) as behind,
        ):
            for fault in (faults.lag(follower, 3.0), faults.partition(follower)):
                path = await zk.create("/node-", mode=zkwire.CreateMode.PERSISTENT_SEQUENTIAL)
                await behind.sync("/")
                async with fault:
                    await zk.delete(path)
                    assert await behind.exists(path) is not None
                with trio.fail_after(60):
                    await behind.sync("/")
                    assert await behind.exists(path) is None
            await faults.expire(zk.session.credentials.id)
            with pytest.raises((zkwire.ConnectionLost, zkwire.SessionExpired)):
                await zk.get("/")
