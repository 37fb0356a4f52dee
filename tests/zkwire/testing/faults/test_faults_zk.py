"""Each fault in front of a real server, over TCP, and what a real client makes of it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
import trio

import zkwire
from fault_rig import until_end
from real_server import gone
from zkwire.testing import Faults, open_faults

pytestmark = pytest.mark.zk

CREATE, SET_DATA, CONNECT = 1, 5, -10


def connect(faults: Faults, **options):
    host, port = faults.servers[0].rsplit(":", 1)
    return zkwire.open_connection(host, int(port), **{"session_timeout": 10.0, **options})


@asynccontextmanager
async def through_proxy(zookeeper, **options):
    """The faults, a connection through them, and a new node."""
    async with open_faults(zookeeper) as faults, connect(faults, **options) as zk:
        yield faults, zk, await zk.create(f"/test-{uuid4().hex}")


async def value_of(zookeeper, path: str) -> bytes | None:
    """What the node holds, asked past the proxy."""
    host, port = zookeeper.servers[0].rsplit(":", 1)
    async with zkwire.open_connection(host, int(port), session_timeout=10.0) as observer:
        return (await observer.get(path))[0]


async def test_without_a_fault(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path):
        await zk.set(path, b"\x00" * 500_000)
        assert (await zk.get(path))[0] == b"\x00" * 500_000
        seen = faults.members[0].statistics
        assert seen.accepted == seen.open == 1
        assert min(seen.bytes_upstream, seen.bytes_downstream) > 500_000


async def test_latency(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path):
        async with faults.latency(0.05):
            began = trio.current_time()
            await zk.set(path, b"late")
            assert trio.current_time() - began >= 0.1
        assert await value_of(zookeeper, path) == b"late"


async def test_slicer_and_bandwidth_change_nothing_but_the_pace(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path):
        await zk.set(path, b"before")
        async with faults.slicer(7), faults.bandwidth(100_000):
            await zk.set(path, bytes(range(256)))
            assert (await zk.get(path))[0] == bytes(range(256))


async def test_timeout_is_a_death_by_silence(zookeeper):
    async with open_faults(zookeeper) as faults, connect(faults, session_timeout=1.0) as zk:
        assert await zk.exists("/") is not None
        async with faults.timeout():
            with pytest.raises(zkwire.ConnectionLost):
                await zk.get("/")


async def test_timeout_of_the_replies_only_lets_a_write_through(zookeeper):
    async with through_proxy(zookeeper, session_timeout=1.0) as (faults, zk, path):
        async with faults.timeout(direction="downstream"):
            with pytest.raises(zkwire.ConnectionLost) as caught:
                await zk.set(path, b"done")
        assert caught.value.outcome is zkwire.Outcome.UNKNOWN
        assert await value_of(zookeeper, path) == b"done"


async def test_half_open_is_noticed_by_its_silence(zookeeper):
    async with open_faults(zookeeper) as faults, connect(faults, session_timeout=1.0) as zk:
        assert await zk.exists("/") is not None
        async with faults.half_open():
            with pytest.raises(zkwire.ConnectionLost):
                await zk.get("/")


async def test_reset_peer_and_the_session_endures(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path):
        async with faults.reset_peer():
            with pytest.raises(zkwire.ConnectionLost):
                await zk.get(path)
            with pytest.raises((zkwire.ZkwireError, OSError)):
                async with connect(faults):
                    raise AssertionError
        again = {"credentials": zk.session.credentials, "last_zxid": zk.last_zxid}
        async with connect(faults, **again) as attached:
            assert attached.session.credentials == zk.session.credentials


async def test_down_and_up_at_the_same_address(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path):
        async with faults.down():
            with pytest.raises(zkwire.ConnectionLost):
                await zk.get(path)
            with pytest.raises(OSError, match="failed"):
                async with connect(faults):
                    raise AssertionError
        async with connect(faults) as anew:
            assert await anew.exists(path) is not None


async def test_accept_then_close(zookeeper):
    async with open_faults(zookeeper) as faults, faults.accept_then_close():
        with pytest.raises(zkwire.ServerUnusable):
            async with connect(faults):
                raise AssertionError
        assert faults.members[0].statistics.accepted == 1


async def test_limit_data_ends_the_connection_inside_a_frame(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path), faults.limit_data(7):
        with pytest.raises(zkwire.ConnectionLost):
            await zk.get(path)


async def test_slow_close_delays_the_end_and_not_the_answer(zookeeper):
    async with open_faults(zookeeper) as faults, faults.slow_close(0.2):
        host, port = faults.servers[0].rsplit(":", 1)
        async with await faults.dial(host, int(port)) as stream:
            began = trio.current_time()
            await stream.send_all(b"srvr")
            assert (await until_end(stream)).startswith(b"Zookeeper version")
            assert trio.current_time() - began >= 0.2


async def test_corrupt_xid(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path):
        async with faults.corrupt(4, frame=0, mask=0x40) as corrupted:
            with pytest.raises((zkwire.RemoteProtocolError, zkwire.ConnectionLost)):
                await zk.get(path)
        assert corrupted.done.is_set()


async def test_cut_before_reply_and_the_write_is_done(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path):
        async with faults.cut_before_reply(SET_DATA) as cut:
            assert await zk.exists(path) is not None
            with pytest.raises(zkwire.ConnectionLost) as caught:
                await zk.set(path, b"done")
            await cut.done.wait()
        assert caught.value.outcome is zkwire.Outcome.UNKNOWN
        assert (cut.opcode, cut.err) == (SET_DATA, 0)
        assert await value_of(zookeeper, path) == b"done"


async def test_cut_before_reply_of_a_request_that_fails(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path):
        async with faults.cut_before_reply(CREATE) as cut:
            with pytest.raises(zkwire.ConnectionLost):
                await zk.create(path)
        assert cut.err == zkwire.NodeExists.code


async def test_cut_before_the_handshake_is_answered(zookeeper):
    async with open_faults(zookeeper) as faults, faults.cut_before_reply(CONNECT) as cut:
        with pytest.raises((zkwire.ConnectionLost, zkwire.ServerUnusable)):
            async with connect(faults):
                raise AssertionError
        assert cut.done.is_set()
        async with connect(faults) as zk:
            assert await zk.exists("/") is not None


async def test_the_last_server_of_two_is_cut_off_alone(zookeeper):
    servers = [*zookeeper.servers, zookeeper.servers[0].replace("127.0.0.1", "localhost")]
    async with open_faults(servers) as faults, faults.members[1].down(), connect(faults) as zk:
        assert await zk.exists("/") is not None


async def test_expire_is_the_ensembles(zookeeper):
    async with through_proxy(zookeeper) as (faults, zk, path):
        mine = await zk.create(f"{path}/mine", mode=zkwire.CreateMode.EPHEMERAL)
        host, port = zookeeper.servers[0].rsplit(":", 1)
        async with zkwire.open_connection(host, int(port), session_timeout=10.0) as observer:
            await faults.expire(zk.session.credentials.id)
            await gone(observer, mine)
