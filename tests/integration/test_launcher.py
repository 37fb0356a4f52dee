"""The launcher against itself: what it promises about the servers it starts."""

from __future__ import annotations

import errno
import os
import socket
import struct
import subprocess
import sys
from contextlib import closing

import pytest
import trio

from zkwire.testing import (
    NotControllableError,
    NoZooKeeperError,
    ZooKeeperStartError,
    open_zookeeper,
)

pytestmark = pytest.mark.zk


@pytest.fixture(autouse=True)
def _servers_of_our_own(monkeypatch):
    """A given server cannot be killed or frozen: start one even where one is given."""
    monkeypatch.delenv("ZKWIRE_TEST_SERVERS", raising=False)
    if os.environ.get("ZKWIRE_TEST_PROVIDER") == "given":
        monkeypatch.delenv("ZKWIRE_TEST_PROVIDER")


def _exchange(connection, payload):
    connection.sendall(struct.pack(">i", len(payload)) + payload)
    return _frame(connection)


def _frame(connection):
    (length,) = struct.unpack(">i", _exactly(connection, 4))
    return _exactly(connection, length)


def _exactly(connection, count):
    data = b""
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        assert chunk, "the server closed the connection"
        data += chunk
    return data


def _text(value):
    return struct.pack(">i", len(value)) + value


def _session(address):
    """Open a raw session, without zkwire's own codec: the launcher is tested by itself."""
    host, port = address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    handshake = struct.pack(">iqiq", 0, 0, 1000, 0) + _text(bytes(16))
    _exchange(connection, handshake)
    return connection


def _create(address, path, data):
    acl = struct.pack(">ii", 1, 31) + _text(b"world") + _text(b"anyone")
    body = struct.pack(">ii", 1, 1) + _text(path) + _text(data) + acl + struct.pack(">i", 0)
    with closing(_session(address)) as connection:
        reply = _exchange(connection, body)
    assert struct.unpack_from(">i", reply, 12)[0] == 0


def _get(address, path):
    with closing(_session(address)) as connection:
        reply = _exchange(connection, struct.pack(">ii", 1, 4) + _text(path) + b"\0")
    error, length = struct.unpack_from(">ii", reply, 12)
    assert error == 0
    return reply[20 : 20 + length]


def test_a_single_server_says_what_it_is(zookeeper):
    (member,) = zookeeper.members
    assert zookeeper.servers == [member.address]
    assert zookeeper.mode(member) in {"standalone", "leader", "follower"}
    assert f"Zookeeper version: {zookeeper.version}" in zookeeper.four_letter_word(member, "srvr")
    assert "zk_version" in zookeeper.four_letter_word(member, "mntr")
    line = zookeeper.describe()
    assert "\n" not in line
    assert zookeeper.provider in line
    assert zookeeper.version in line
    assert member.address in line


def test_the_shared_ensemble_has_one_leader(zookeeper_ensemble):
    modes = [zookeeper_ensemble.mode(member) for member in zookeeper_ensemble.members]
    assert sorted(modes) == ["follower", "follower", "leader"]
    leader = zookeeper_ensemble.leader()
    assert leader in zookeeper_ensemble.members
    assert zookeeper_ensemble.mode(leader) == "leader"
    assert [member.id for member in zookeeper_ensemble.members] == [1, 2, 3]
    assert len(set(zookeeper_ensemble.servers)) == 3


def test_describe_says_why_earlier_providers_were_passed_over(zookeeper):
    for each in zookeeper.passed_over:
        assert f"{each.provider}: {each.reason}" in zookeeper.describe()


async def test_kill_and_start_keep_data_and_port():
    async with open_zookeeper() as zk:
        (member,) = zk.members
        address = member.address
        await trio.to_thread.run_sync(_create, address, b"/kept", b"value")
        await member.kill()
        assert not member.running
        with pytest.raises(OSError, match="refused"):
            await zk.four_letter_word(member, "ruok")
        await member.start()
        assert member.running
        assert member.address == address
        assert await trio.to_thread.run_sync(_get, address, b"/kept") == b"value"


async def test_an_orderly_stop_keeps_data():
    async with open_zookeeper() as zk:
        (member,) = zk.members
        await trio.to_thread.run_sync(_create, member.address, b"/kept", b"value")
        await member.stop()
        assert not member.running
        await member.start()
        assert await trio.to_thread.run_sync(_get, member.address, b"/kept") == b"value"


async def test_a_frozen_server_is_silent_until_it_is_resumed():
    async with open_zookeeper() as zk:
        (member,) = zk.members
        await member.freeze()
        assert member.running
        assert member.frozen
        with pytest.raises(TimeoutError):
            await zk.four_letter_word(member, "ruok")
        await member.resume()
        assert await zk.four_letter_word(member, "ruok") == "imok"


async def test_a_frozen_server_can_be_killed_and_stopped():
    async with open_zookeeper() as zk:
        (member,) = zk.members
        await member.freeze()
        await member.kill()
        assert not member.running
        await member.start()
        assert await zk.four_letter_word(member, "ruok") == "imok"
        await member.freeze()
        await member.stop()
        assert not member.running


async def test_freezing_a_server_that_is_down_is_refused():
    async with open_zookeeper() as zk:
        (member,) = zk.members
        await member.kill()
        with pytest.raises(RuntimeError, match="does not run"):
            await member.freeze()


async def test_an_ensemble_elects_another_leader_when_its_leader_dies():
    async with open_zookeeper(members=3) as zk:
        modes = [await zk.mode(member) for member in zk.members]
        assert sorted(modes) == ["follower", "follower", "leader"]
        old = await zk.leader()
        await old.kill()
        new = await zk.leader()
        assert new is not old
        await old.start()
        await zk.wait_ready()
        assert await zk.mode(old) == "follower"
        assert await zk.leader() is new


async def test_a_frozen_leader_is_replaced():
    async with open_zookeeper(members=3) as zk:
        old = await zk.leader()
        await old.freeze()
        assert await zk.leader() is not old
        await old.resume()
        await zk.wait_ready()


async def test_the_configuration_reaches_the_server():
    async with open_zookeeper(
        tick_time=0.05,
        config={"maxSessionTimeout": 1234},
        system_properties={"zookeeper.digest.enabled": "false"},
    ) as zk:
        conf = await zk.four_letter_word(zk.members[0], "conf")
        envi = await zk.four_letter_word(zk.members[0], "envi")
    assert "tickTime=50\n" in conf
    assert "maxSessionTimeout=1234\n" in conf
    assert "maxClientCnxns=0\n" in conf
    assert "java.version" in envi


async def test_a_server_that_cannot_start_fails_with_its_log():
    with pytest.raises(ZooKeeperStartError, match='For input string: "never"'):
        async with open_zookeeper(config={"maxSessionTimeout": "never"}):
            pytest.fail("the server accepted the configuration")


async def test_given_servers_are_used_and_left_alone(zookeeper, monkeypatch):
    monkeypatch.setenv("ZKWIRE_TEST_SERVERS", zookeeper.servers[0])
    monkeypatch.setenv("ZKWIRE_TEST_PROVIDER", "")
    async with open_zookeeper() as zk:
        assert zk.provider == "given"
        assert zk.servers == zookeeper.servers
        assert zk.version == zookeeper.version
        assert not zk.controllable
        (member,) = zk.members
        assert member.running
        for change in (member.kill, member.stop, member.freeze, member.resume, member.start):
            with pytest.raises(NotControllableError, match=r"'given'"):
                await change()
    assert zookeeper.four_letter_word(zookeeper.members[0], "ruok") == "imok"


async def test_a_given_server_that_is_down_is_an_error_not_a_reason_to_look_elsewhere(monkeypatch):
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("ZKWIRE_TEST_SERVERS", address)
        monkeypatch.setenv("ZKWIRE_TEST_PROVIDER", "")
        with pytest.raises(ZooKeeperStartError, match=address):
            async with open_zookeeper():
                pytest.fail("some other server was taken")


async def test_too_few_given_servers_are_passed_over(zookeeper, monkeypatch):
    monkeypatch.setenv("ZKWIRE_TEST_SERVERS", zookeeper.servers[0])
    with pytest.raises(NoZooKeeperError, match="names 1 of the 3 members"):
        async with open_zookeeper(members=3, provider="given"):
            pytest.fail("one server was taken for three")


async def test_no_process_and_no_file_is_left_after_the_block(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with open_zookeeper(members=3) as zk:
        await zk.members[0].freeze()
        await zk.members[1].kill()
        members = zk.members
        assert list(tmp_path.iterdir())
    assert not any(member.running for member in members)
    assert list(tmp_path.iterdir()) == []


async def test_cancellation_leaves_nothing_running():
    with trio.CancelScope() as scope:
        async with open_zookeeper() as zk:
            (member,) = zk.members
            scope.cancel()
            await trio.sleep_forever()
    assert scope.cancelled_caught
    assert not member.running


_STARTED_THEN_KILLED = """
import sys
from zkwire.testing import start_zookeeper

with start_zookeeper(provider=sys.argv[1]) as zk:
    zk.members[0].freeze()
    print(*zk.servers, flush=True)
    sys.stdin.read()
"""


def _refuses(address):
    host, port = address.split(":")
    with closing(socket.socket()) as probe:
        return probe.connect_ex((host, int(port))) == errno.ECONNREFUSED


async def test_servers_die_with_a_process_that_is_killed(zookeeper, tmp_path):
    local = "maven" if zookeeper.provider in {"docker", "given"} else zookeeper.provider
    process = await trio.lowlevel.open_process(
        [sys.executable, "-c", _STARTED_THEN_KILLED, local],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    async with process.stdin, process.stdout:
        address = (await process.stdout.receive_some()).decode().strip()
        assert not _refuses(address)
        process.kill()
        await process.wait()
        while not _refuses(address):  # noqa: ASYNC110  # the kernel tells nobody
            await trio.sleep(0.01)
