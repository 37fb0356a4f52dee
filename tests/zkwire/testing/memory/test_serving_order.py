"""One connection's replies: their order, what overtakes, and who waits for whom."""

from __future__ import annotations

import pytest
import trio

from raw_client import (
    AUTH,
    CLOSE,
    CREATE,
    GET_DATA,
    PING,
    SASL,
    SET_DATA,
    SYNC,
    RawClient,
    creation,
    reading,
    request,
    writing,
)
from zkwire._jute import records
from zkwire.testing import open_memory_zookeeper

PACKET = records.AUTH_PACKET.encode(0, "digest", b"anna:secret")


async def served(ensemble, member=None, **options):
    """A raw client with a session."""
    stream = (member or ensemble.members[0]).connect()
    client = RawClient(stream)
    assert await client.shake(**options) is not None
    return client


async def follower_of(ensemble):
    leader = await ensemble.leader()
    return next(member for member in ensemble.members if member is not leader)


async def test_replies_come_in_the_order_of_requests():
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        await client.send(
            request(1, CREATE, creation("/n")),
            request(2, GET_DATA, reading("/n")),
            request(-2, PING),
            request(3, SET_DATA, writing("/n")),
            request(4, SYNC, records.SYNC_REQUEST.encode("/")),
            request(5, GET_DATA, reading("/missing")),
        )
        came = [await client.came() for _ in range(6)]
        assert [each.xid for each in came] == [1, 2, -2, 3, 4, 5]
        assert [each.err for each in came] == [0, 0, 0, 0, 0, -101]
        zxids = [each.zxid for each in came]
        assert zxids == sorted(zxids)


async def test_what_comes_behind_a_write_waits_for_it_and_auth_does_not(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        follower = await follower_of(ensemble)
        client = await served(ensemble, follower)
        async with follower.lag(1.0):
            begun = trio.current_time()
            await client.send(
                request(1, CREATE, creation("/n", b"new")),
                request(2, GET_DATA, reading("/n")),
                request(-2, PING),
                request(-4, AUTH, PACKET),
                request(3, SASL, records.GET_SASL_REQUEST.encode(b"")),
            )
            auth, sasl = await client.came(), await client.came()
            assert (auth.xid, auth.zxid, auth.err, auth.body) == (-4, 0, 0, b"")
            assert (sasl.xid, sasl.err, sasl.body) == (3, 0, b"\xff\xff\xff\xff")
            assert trio.current_time() == begun
            assert [(await client.came()).xid for _ in range(3)] == [1, 2, -2]
            assert trio.current_time() == pytest.approx(begun + 1.0)


async def test_two_writes_wait_at_the_same_time(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        follower = await follower_of(ensemble)
        client = await served(ensemble, follower)
        async with follower.lag(1.0):
            begun = trio.current_time()
            await client.send(*(request(n, CREATE, creation(f"/n{n}")) for n in range(1, 20)))
            assert [(await client.came()).xid for n in range(1, 20)] == list(range(1, 20))
            assert trio.current_time() == pytest.approx(begun + 1.0)


async def test_nothing_behind_a_closed_session_is_answered():
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        await client.send(request(1, CLOSE), request(2, GET_DATA, reading("/")))
        came = await client.came()
        assert (came.xid, came.err, came.body) == (1, 0, b"")
        assert await client.closed()
        assert ensemble.sessions == {}


async def test_requests_behind_a_handshake_wait_for_its_answer():
    async with open_memory_zookeeper() as ensemble:
        client = RawClient(ensemble.members[0].connect())
        await client.shake(behind=request(1, GET_DATA, reading("/")) + request(-2, PING))
        assert client.session_id != 0
        assert [(await client.came()).xid for _ in range(2)] == [1, -2]


async def test_a_client_that_reads_nothing_keeps_nobody_waiting():
    async with open_memory_zookeeper() as ensemble:
        sluggish, brisk = await served(ensemble), await served(ensemble)
        large = bytes(200_000)
        assert (await brisk.call(1, CREATE, creation("/large", large))).err == 0
        reads = b"".join(request(n, GET_DATA, reading("/large")) for n in range(1, 51))
        await sluggish.send(reads)  # ten megabytes of answers, far more than fits on the way
        for xid in range(2, 20):
            assert (await brisk.call(xid, GET_DATA, reading("/large"))).err == 0
        for xid in range(1, 51):
            came = await sluggish.came()
            assert (came.xid, len(came.body)) == (xid, 4 + len(large) + 68)


async def test_the_event_of_a_write_comes_before_its_reply():
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        assert (await client.call(1, CREATE, creation("/n"))).err == 0
        assert (await client.call(2, GET_DATA, reading("/n", watch=True))).err == 0
        await client.send(request(3, SET_DATA, writing("/n")))
        first, second = await client.came(), await client.came()
        assert (first.event, second.xid) == ((3, "/n"), 3)
        assert first.zxid == second.zxid
