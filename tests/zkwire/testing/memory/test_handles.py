"""The ensemble as a test holds it: what can be done to its members, and what it says."""

from __future__ import annotations

import pytest
import trio

import coordinator
import zkwire
from raw_client import CREATE, GET_DATA, SET_DATA, RawClient, creation, reading, request, writing
from zkwire import CreateMode
from zkwire.testing import (
    MemoryEnsemble,
    MemoryMember,
    NotControllableError,
    ZooKeeperStartError,
    open_memory_zookeeper,
)


def raw(member):
    return RawClient(member.connect())


async def follower_of(ensemble):
    leader = await ensemble.leader()
    return next(member for member in ensemble.members if member is not leader)


async def stays_silent(client, seconds=0.5):
    with trio.move_on_after(seconds) as scope:
        await client.frame()
    return scope.cancelled_caught


async def test_what_it_says_about_itself():
    async with open_memory_zookeeper(3) as ensemble:
        assert isinstance(ensemble, MemoryEnsemble)
        assert all(isinstance(member, MemoryMember) for member in ensemble.members)
        assert [member.id for member in ensemble.members] == [1, 2, 3]
        assert ensemble.servers == ["zk1.invalid:2181", "zk2.invalid:2181", "zk3.invalid:2181"]
        assert ensemble.servers == [member.address for member in ensemble.members]
        assert (ensemble.provider, ensemble.version, ensemble.controllable) == (
            "memory",
            "3.9.5",
            True,
        )
        assert (ensemble.secure_servers, ensemble.tls, ensemble.passed_over) == ([], None, ())
        assert "in-memory ZooKeeper 3.9.5: an ensemble of 3" in ensemble.describe()
        modes = [await ensemble.mode(member) for member in ensemble.members]
        assert sorted(modes) == ["follower", "follower", "leader"]
        assert await ensemble.mode(await ensemble.leader()) == "leader"


async def test_one_member_is_a_standalone_server():
    async with open_memory_zookeeper() as ensemble:
        (member,) = ensemble.members
        assert await ensemble.mode(member) == "standalone"
        assert await ensemble.leader() is member
        assert "one server at zk1.invalid:2181" in ensemble.describe()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"members": 0}, "members"),
        ({"members": 8}, "members"),
        ({"tick_time": 0}, "tick_time"),
        ({"config": {"nonsense": 1}}, "nonsense"),
        ({"listen": True, "port": 65_536}, "port"),
        ({"listen": True, "port": -1}, "port"),
    ],
)
async def test_arguments_that_make_no_sense_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        async with open_memory_zookeeper(**arguments):
            pass


async def test_what_the_block_raises_comes_out_as_it_was():
    with pytest.raises(KeyError, match="mine"):
        async with open_memory_zookeeper(3):
            raise KeyError("mine")


async def test_leaving_cuts_all_connections():
    async with open_memory_zookeeper() as ensemble:
        client = raw(ensemble.members[0])
        await client.shake()
    assert await client.closed()


async def test_dialling_an_address_where_nobody_is():
    async with open_memory_zookeeper() as ensemble:
        for host, port in (("zk2.invalid", 2181), ("zk1.invalid", 2182)):
            with pytest.raises(ConnectionRefusedError, match=host):
                await ensemble.dial(host, port)


@pytest.mark.parametrize("ending", ["kill", "stop"])
async def test_a_member_that_is_down_refuses_and_comes_back_with_its_data(ending):
    async with open_memory_zookeeper() as ensemble:
        (member,) = ensemble.members
        client = raw(member)
        await client.shake()
        assert (await client.call(1, CREATE, creation("/n", b"kept"))).err == 0
        await getattr(member, ending)()
        assert await client.closed()
        assert not member.running
        with pytest.raises(ConnectionRefusedError):
            await ensemble.dial("zk1.invalid", 2181)
        with pytest.raises(ConnectionRefusedError):
            await ensemble.mode(member)
        with pytest.raises(OSError, match="does not run"):
            await ensemble.four_letter_word(member, "ruok")
        with pytest.raises(RuntimeError, match="does not run"):
            await member.freeze()
        await member.start()
        assert member.running
        again = raw(member)
        await again.shake(5000, client.session_id, client.password)
        assert again.session_id == client.session_id
        assert b"kept" in (await again.call(1, GET_DATA, reading("/n"))).body


async def test_a_frozen_member_takes_connections_and_answers_later(autojump_clock):
    async with open_memory_zookeeper() as ensemble:
        (member,) = ensemble.members
        client = raw(member)
        await client.shake(40_000)
        await member.freeze()
        assert (member.running, member.frozen) == (True, True)
        await client.send(request(1, CREATE, creation("/n")), request(2, GET_DATA, reading("/n")))
        assert await stays_silent(client)
        late = raw(member)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(late.shake)
            await trio.sleep(1)
            assert late.session_id == 0
            with pytest.raises(TimeoutError):
                await ensemble.four_letter_word(member, "ruok")
            with pytest.raises(TimeoutError):
                await ensemble.mode(member)
            await member.resume()
        assert not member.frozen
        assert late.session_id != 0
        assert [(await client.came()).xid for _ in range(2)] == [1, 2]


async def test_a_leader_that_dies_is_replaced(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        first = await ensemble.leader()
        await first.kill()
        second = await ensemble.leader()
        assert second is not first
        await ensemble.wait_ready()
        async with zkwire.open_connection_over(second.connect(), session_timeout=10) as connection:
            await connection.create("/n", b"x")
        await first.start()
        await ensemble.wait_ready()
        assert await ensemble.mode(first) == "follower"
        client = raw(first)
        await client.shake()
        assert (await client.call(1, GET_DATA, reading("/n"))).err == 0


async def test_restart_of_a_member(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        member = await follower_of(ensemble)
        client = raw(member)
        await client.shake()
        await member.restart()
        assert member.running
        assert await client.closed()
        assert await ensemble.mode(member) == "follower"


async def test_no_leader_is_waited_for_within_a_bound(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        for member in ensemble.members[:2]:
            await member.kill()
        with pytest.raises(ZooKeeperStartError, match="30 seconds"):
            await ensemble.leader()
        with pytest.raises(ZooKeeperStartError, match="30 seconds"):
            await ensemble.wait_ready()
        assert await ensemble.mode(ensemble.members[2]) == "not serving"
        word = await ensemble.four_letter_word(ensemble.members[2], "srvr")
        assert word == "This ZooKeeper instance is not currently serving requests\n"


async def test_a_partitioned_follower_answers_reads_and_no_writes(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        member = await follower_of(ensemble)
        client = raw(member)
        await client.shake(40_000)
        async with member.partition():
            assert member.partitioned
            assert (await client.call(1, GET_DATA, reading("/"))).err == 0
            await client.send(request(2, CREATE, creation("/n")))
            assert await stays_silent(client, 1.0)
            await trio.sleep(60)
            assert await client.closed()
            assert await ensemble.mode(member) == "not serving"
        assert not member.partitioned
        await ensemble.wait_ready()
        assert await ensemble.mode(member) == "follower"


async def test_a_partition_of_one_direction_cannot_be_had():
    async with open_memory_zookeeper(3) as ensemble:
        with pytest.raises(NotControllableError, match="inbound"):
            async with ensemble.members[0].partition("inbound"):
                pass


async def test_a_member_that_lags_shows_an_older_state(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        behind, leader = await follower_of(ensemble), await ensemble.leader()
        reader, writer = raw(behind), raw(leader)
        await reader.shake(40_000)
        await writer.shake(40_000)
        await writer.call(1, CREATE, creation("/n", b"old"))
        async with behind.lag(3.0):
            await writer.call(2, SET_DATA, writing("/n", b"new"))
            assert b"old" in (await reader.call(1, GET_DATA, reading("/n"))).body
            await trio.sleep(2.9)
            assert b"old" in (await reader.call(2, GET_DATA, reading("/n"))).body
            await trio.sleep(0.2)
            assert b"new" in (await reader.call(3, GET_DATA, reading("/n"))).body
            await writer.call(3, SET_DATA, writing("/n", b"newest"))
            with pytest.raises(RuntimeError, match="lags already"):
                async with behind.lag(1.0):
                    pass
        assert b"newest" in (await reader.call(4, GET_DATA, reading("/n"))).body


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
async def test_a_lag_that_makes_no_sense_is_refused(seconds):
    async with open_memory_zookeeper(3) as ensemble:
        with pytest.raises(ValueError, match="seconds above 0"):
            async with ensemble.members[0].lag(seconds):
                pass


async def test_a_session_is_ended_at_once():
    async with open_memory_zookeeper() as ensemble:
        client, observer = raw(ensemble.members[0]), raw(ensemble.members[0])
        await client.shake()
        await observer.shake()
        await client.call(1, CREATE, creation("/e", flags=1))
        await observer.call(1, GET_DATA, reading("/e", watch=True))
        await ensemble.expire(client.session_id)
        assert (await observer.came()).event == (2, "/e")
        assert await client.closed()
        assert list(ensemble.sessions) == [observer.session_id]
        with pytest.raises(LookupError):
            await ensemble.expire(client.session_id)


@pytest.mark.parametrize(
    ("session_id", "error"), [(0, ValueError), (2**64, ValueError), ("1", TypeError)]
)
async def test_what_is_no_session_id_is_refused(session_id, error):
    async with open_memory_zookeeper() as ensemble:
        with pytest.raises(error, match="session_id"):
            await ensemble.expire(session_id)


async def test_the_words():
    async with open_memory_zookeeper(3) as ensemble:
        leader = await ensemble.leader()

        async def ask(word):
            return await ensemble.four_letter_word(leader, word)

        client = raw(leader)
        await client.shake()
        await client.call(1, CREATE, creation("/e", b"xyz", flags=1))
        assert await ask("ruok") == "imok"
        assert await ask("isro") == "rw"
        srvr = (await ask("srvr")).splitlines()
        assert srvr[0].startswith("Zookeeper version: 3.9.5-")
        assert "Mode: leader" in srvr
        assert "Connections: 2" in srvr
        stat = await ask("stat")
        assert " /127.0.0.1:0[1](queued=0,recved=2,sent=2)\n" in stat
        assert "Mode: leader\n" in stat
        mntr = dict(line.split("\t") for line in (await ask("mntr")).splitlines())
        assert mntr["zk_server_state"] == "leader"
        assert mntr["zk_ephemerals_count"] == "1"
        assert mntr["zk_global_sessions"] == "1"
        assert await ask("conf") == ("conf is not executed because it is not in the whitelist.\n")
        for word in ("RUOK", "ru", "ruokk", "1234"):
            with pytest.raises(ValueError, match="four-letter word"):
                await ask(word)


async def test_a_port_of_its_own_and_the_stream_in_memory_lead_to_the_same_server():
    async with open_memory_zookeeper(listen=True) as ensemble:
        host, _, port = ensemble.servers[0].rpartition(":")
        async with zkwire.open_connection(host, int(port), session_timeout=10) as over_tcp:
            await over_tcp.create("/n", b"x")
            stream = await ensemble.dial(host, int(port))
            async with zkwire.open_connection_over(stream, session_timeout=10) as in_memory:
                assert (await in_memory.get("/n"))[0] == b"x"


async def test_a_member_that_is_killed_gives_up_its_port_and_takes_it_again():
    async with open_memory_zookeeper(listen=True) as ensemble:
        (member,) = ensemble.members
        host, _, port = member.address.rpartition(":")
        async with zkwire.open_connection(host, int(port), session_timeout=10) as connection:
            await member.kill()
            with pytest.raises(zkwire.ConnectionLost):
                await connection.get("/")
        with pytest.raises(OSError, match="failed"):
            await trio.open_tcp_stream(host, int(port))
        await member.start()
        async with zkwire.open_connection(host, int(port), session_timeout=10) as connection:
            assert await connection.get_children("/") == ["zookeeper"]


async def test_a_coordinator_reaches_it_without_a_network(autojump_clock):
    async with (
        open_memory_zookeeper(3) as ensemble,
        coordinator.open_coordinator(ensemble.servers, "/app", 10.0, dial=ensemble.dial) as coord,
    ):
        await coord.wait_connected()
        await coord.create("/e", b"x", CreateMode.EPHEMERAL)
        (session_id,) = ensemble.sessions
        await ensemble.expire(session_id)
        await coord.wait_expired()
        with trio.fail_after(60):
            await coord.wait_connected()
        assert await coord.exists("/e") is None
        assert session_id not in ensemble.sessions
