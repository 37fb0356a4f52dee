"""Handshakes: new sessions, sessions that are attached again, and refusals."""

from __future__ import annotations

import pytest
import trio

from raw_client import CREATE, GET_DATA, NO_PASSWORD, PING, RawClient, creation, reading, request
from zkwire.testing import open_memory_zookeeper

REFUSED = bytes(4 + 4 + 8) + b"\0\0\0\x10" + bytes(16) + b"\0"


def raw(ensemble, index=0):
    return RawClient(ensemble.members[index].connect())


@pytest.mark.parametrize(
    ("asked", "granted"), [(-1, 4000), (0, 4000), (3999, 4000), (5000, 5000), (2**31 - 1, 40000)]
)
async def test_a_timeout_is_held_to_two_to_twenty_ticks(asked, granted):
    async with open_memory_zookeeper() as ensemble:
        client = raw(ensemble)
        await client.shake(asked)
        assert client.timeout_ms == granted
        assert ensemble.sessions == {client.session_id: granted / 1000}


async def test_an_unknown_session_and_a_wrong_password_look_the_same():
    async with open_memory_zookeeper() as ensemble:
        owner = raw(ensemble)
        await owner.shake()
        for session_id, password in ((12345, owner.password), (owner.session_id, NO_PASSWORD)):
            client = raw(ensemble)
            assert await client.shake(5000, session_id, password) == REFUSED
            assert await client.closed()
        assert owner.session_id in ensemble.sessions


async def test_a_session_that_is_attached_again_leaves_its_old_connection():
    async with open_memory_zookeeper() as ensemble:
        old, new = raw(ensemble), raw(ensemble)
        await old.shake()
        await new.shake(5000, old.session_id, old.password)
        assert (new.session_id, new.password) == (old.session_id, old.password)
        assert await old.closed()
        assert (await new.call(-2, PING)).err == 0


async def test_even_a_wrong_password_closes_the_connection_of_a_session():
    async with open_memory_zookeeper() as ensemble:
        owner = raw(ensemble)
        await owner.shake()
        assert await raw(ensemble).shake(5000, owner.session_id, b"\xff" * 16) == REFUSED
        assert await owner.closed()
        again = raw(ensemble)
        await again.shake(5000, owner.session_id, owner.password)
        assert again.session_id == owner.session_id


async def test_a_client_that_has_seen_more_is_closed_without_a_word():
    async with open_memory_zookeeper() as ensemble:
        assert await raw(ensemble).shake(last_zxid=1) is None
        client = raw(ensemble)
        await client.shake()
        zxid = (await client.call(1, GET_DATA, reading("/"))).zxid
        assert await raw(ensemble).shake(last_zxid=zxid) is not None
        assert await raw(ensemble).shake(last_zxid=zxid + 100) is None


async def test_a_session_ends_in_silence_and_is_refused_afterwards(autojump_clock):
    async with open_memory_zookeeper() as ensemble:
        client = raw(ensemble)
        await client.shake(4000)
        begun = trio.current_time()
        assert await client.closed()
        assert 4 < trio.current_time() - begun <= 6
        assert await raw(ensemble).shake(4000, client.session_id, client.password) == REFUSED


async def test_any_request_keeps_a_session_alive(autojump_clock):
    async with open_memory_zookeeper() as ensemble:
        client = raw(ensemble)
        await client.shake(4000)
        for xid in range(1, 20):
            await trio.sleep(3.9)
            assert (await client.call(xid, GET_DATA, reading("/"))).err == 0
        assert client.session_id in ensemble.sessions


async def test_a_session_moves_and_its_old_connection_is_closed():
    async with open_memory_zookeeper(3) as ensemble:
        here, there = raw(ensemble, 0), raw(ensemble, 1)
        await here.shake()
        assert (await here.call(1, CREATE, creation("/e", flags=1))).err == 0
        await there.shake(5000, here.session_id, here.password)
        assert there.session_id == here.session_id
        await here.send(request(2, CREATE, creation("/late")))
        assert await here.closed()
        assert (await there.call(1, GET_DATA, reading("/e"))).err == 0
        assert (await there.call(2, GET_DATA, reading("/late"))).err == -101


async def test_a_member_without_a_majority_answers_nobody(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        for member in ensemble.members[1:]:
            await member.kill()
        await trio.sleep(60)
        assert await raw(ensemble).shake() is None


READ_ONLY = {"readonlymode.enabled": True}


async def lonely(ensemble):
    """The first member, once it has noticed that the others are gone."""
    for member in ensemble.members[1:]:
        await member.kill()
    await trio.sleep(120)
    assert await ensemble.mode(ensemble.members[0]) == "read-only"


async def test_a_read_only_server_without_local_sessions_sends_a_bare_header(autojump_clock):
    async with open_memory_zookeeper(3, config=READ_ONLY) as ensemble:
        await lonely(ensemble)
        client = raw(ensemble)
        answer = await client.shake(read_only=True)
        assert answer is not None
        assert (len(answer), answer[:4], answer[12:]) == (16, bytes(4), b"\xff\xff\xff\x89")
        assert await client.closed()
        assert await raw(ensemble).shake(read_only=False) is None


async def test_a_read_only_server_with_local_sessions_answers_reads_alone(autojump_clock):
    config = {**READ_ONLY, "localSessionsEnabled": True}
    async with open_memory_zookeeper(3, config=config) as ensemble:
        await lonely(ensemble)
        client = raw(ensemble)
        answer = await client.shake(read_only=True)
        assert answer is not None
        assert (len(answer), answer[-1]) == (37, 1)
        assert (await client.call(1, GET_DATA, reading("/"))).err == 0
        assert (await client.call(2, CREATE, creation("/n"))).err == -119
        assert (await client.call(3, 9, b"\0\0\0\1/")).err == -119
        assert (await client.call(-2, PING)).err == 0
        again = raw(ensemble)
        answer = await again.shake(5000, client.session_id, client.password, read_only=True)
        assert answer is not None
        assert (again.session_id, answer[-1]) == (client.session_id, 1)
        assert await raw(ensemble).shake(5000, 77, client.password, read_only=True) is None
        assert (await again.call(4, -11)).err == 0
        assert await again.closed()
