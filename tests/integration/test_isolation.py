"""Ensembles whose members have networks of their own: what is seen of that, and what stays."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from isolation import ISOLATED, needs_namespaces
from zkwire.testing import NoZooKeeperError, open_zookeeper, start_zookeeper

pytestmark = pytest.mark.zk


@pytest.fixture(autouse=True)
def _servers_of_our_own(monkeypatch):
    """Only a JVM of our own has a network of its own, whatever the other tests run on."""
    if os.environ.get("ZKWIRE_TEST_PROVIDER") not in ("maven", "debian"):
        monkeypatch.delenv("ZKWIRE_TEST_PROVIDER", raising=False)


@needs_namespaces
async def test_the_port_of_a_dead_member_refuses_and_a_restarted_one_has_it_again():
    async with open_zookeeper(**ISOLATED) as ensemble:
        member = ensemble.members[0]
        address = member.address
        await member.kill()
        with trio.fail_after(10):
            while not _refuses(address):  # noqa: ASYNC110  # the kernel tells nobody
                await trio.sleep(0.01)
        await member.start()
        assert member.address == address
        assert not _refuses(address)
        await ensemble.wait_ready()


def _refuses(address):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # accepted just as it ended
        return False
    return False


@needs_namespaces
async def test_ensembles_side_by_side_leave_this_namespace_as_it_was():
    before = socket.if_nameindex()
    async with open_zookeeper(**ISOLATED) as one, open_zookeeper(**ISOLATED) as other:
        assert socket.if_nameindex() == before
        assert not set(one.servers) & set(other.servers)
        async with one.members[0].partition():
            assert one.members[0].partitioned
            assert not other.members[0].partitioned
            await other.wait_ready()
            assert await other.mode(other.members[0]) in {"leader", "follower"}


def test_only_what_can_be_isolated_is_asked_for():
    with pytest.raises(ValueError, match="no peers"), start_zookeeper(isolated=True):
        pass
    with pytest.raises(TypeError, match="isolated"), start_zookeeper(3, isolated="yes"):
        pass
    with (
        pytest.raises(NoZooKeeperError, match="docker: isolated members"),
        start_zookeeper(3, isolated=True, provider="docker"),
    ):
        pass


VICTIM = """
import os, sys
from zkwire.testing import start_zookeeper

with start_zookeeper(3, isolated=True) as ensemble, ensemble.members[0].partition():
    print(" ".join(ensemble.servers), flush=True)
    sys.stdin.read()
"""


def _processes():
    """The network namespace and the parent of every process that we may see."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            namespace = os.readlink(entry / "ns" / "net")
        except OSError:  # it has just ended
            continue
        found[int(entry.name)] = namespace, int(stat.rpartition(")")[2].split()[1])
    return found


@needs_namespaces
async def test_nothing_outlives_the_process_however_it_ends(tmp_path):
    victim = await trio.lowlevel.open_process(
        [sys.executable, "-c", VICTIM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    async with victim.stdin, victim.stdout:
        with trio.fail_after(60):
            assert len((await victim.stdout.receive_some()).split()) == 3
        children = {pid: ns for pid, (ns, parent) in _processes().items() if parent == victim.pid}
        assert len(children) == 6  # a JVM and a forwarder for each
        assert len(set(children.values())) == 3
        assert os.readlink("/proc/self/ns/net") not in children.values()
        victim.kill()
        await victim.wait()
    with trio.fail_after(30):
        while _left(children):  # noqa: ASYNC110  # the kernel tells nobody
            await trio.sleep(0.05)


def _left(children):
    running = {pid: namespace for pid, (namespace, _) in _processes().items()}
    return children.items() & running.items()
