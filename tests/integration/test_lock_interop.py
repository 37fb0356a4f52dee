"""Locks that other clients stand in line for too: mutual exclusion both ways, with real ones."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
import trio
from kazoo.client import KazooClient

from coordinator import open_coordinator
from lock_peers import KINDS, open_peer
from lock_rig import waits_in_line

pytestmark = pytest.mark.zk

TIMEOUT = 2.0
TICK = 0.1
ROUNDS = 20


@pytest.fixture
def path():
    """A node that no other test has, on the server."""
    return f"/t{uuid4().hex[:12]}"


def ours(zookeeper, path):
    return open_coordinator(zookeeper.servers, path, TIMEOUT, tick_time=TICK)


async def until_in_line(coordinator, count):
    await waits_in_line(lambda: coordinator.get_children("/lock"), count)


# --- kazoo ---------------------------------------------------------------------------------------


class Shared:
    """What only one of them may have at a time; asked from several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self.had_by: list[str] = []
        self.most = 0
        self._now = 0

    def enter(self, who: str) -> None:
        with self._guard:
            self._now += 1
            self.most = max(self.most, self._now)
            self.had_by.append(who)

    def leave(self) -> None:
        with self._guard:
            self._now -= 1


async def test_kazoo_and_we_exclude_each_other(zookeeper, path):
    shared = Shared()

    def kazoo_s_turns() -> None:
        client = KazooClient(",".join(zookeeper.servers), timeout=TIMEOUT)
        client.start(timeout=30)
        try:
            lock = client.Lock(f"{path}/lock", "kazoo", extra_lock_patterns=["-lock-"])
            for _ in range(ROUNDS):
                with lock:
                    shared.enter("kazoo")
                    threading.Event().wait(0.005)
                    shared.leave()
        finally:
            client.stop()
            client.close()

    async def our_turns(coordinator) -> None:
        for _ in range(ROUNDS):
            async with coordinator.lock("lock"):
                shared.enter("ours")
                await trio.sleep(0.005)
                shared.leave()

    with trio.fail_after(90):
        async with ours(zookeeper, path) as one, ours(zookeeper, path) as two:
            await one.wait_connected()
            async with trio.open_nursery() as nursery:
                for _ in range(2):
                    nursery.start_soon(trio.to_thread.run_sync, kazoo_s_turns)
                nursery.start_soon(our_turns, one)
                nursery.start_soon(our_turns, two)
            assert await one.get_children("/lock") == []
    assert shared.most == 1
    assert shared.had_by.count("kazoo") == shared.had_by.count("ours") == 2 * ROUNDS
    changes = sum(a != b for a, b in zip(shared.had_by, shared.had_by[1:], strict=False))
    assert changes > ROUNDS, "one after the other, not by turns"


# --- Curator and go-zookeeper --------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(700)
async def test_we_wait_for_theirs_and_they_for_ours(zookeeper, path, kind):
    async with ours(zookeeper, path) as coordinator, trio.open_nursery() as nursery:
        await coordinator.wait_connected()
        await coordinator.create("/lock")
        got = trio.Event()

        async def take():
            async with coordinator.lock("lock"):
                got.set()
                await trio.sleep_forever()

        async with open_peer(kind, zookeeper.servers[0], f"{path}/lock") as peer:
            await peer.tell("lock")
            await peer.says("locked")
            nursery.start_soon(take)
            await until_in_line(coordinator, 2)
            with trio.move_on_after(0.5):
                await got.wait()
            assert not got.is_set()
            await peer.tell("unlock")
            await peer.says("unlocked")
            with trio.fail_after(10):
                await got.wait()
            await peer.tell("lock")
            await until_in_line(coordinator, 2)
            assert await peer.is_silent(0.5)
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True):
                await peer.says("locked")


@pytest.mark.timeout(700)
async def test_curator_s_leader_selector_stands_in_the_same_election(zookeeper, path):
    async with ours(zookeeper, path) as coordinator:
        await coordinator.wait_connected()
        election = coordinator.election("lock", b"ours")
        async with open_peer("curator", zookeeper.servers[0], f"{path}/lock") as peer:
            async with election.campaign():
                assert (await election.leader()).data == b"ours"
                await peer.tell("lead")
                await until_in_line(coordinator, 2)
                assert await peer.is_silent(0.5)
            await peer.says("leading")
            assert (await election.leader()).data == b"curator"
            with trio.move_on_after(0.5) as scope:
                async with election.campaign():
                    pytest.fail("two leaders")
            assert scope.cancelled_caught
            await peer.tell("resign")
            await peer.says("resigned")
            with trio.fail_after(10):
                async with election.campaign() as held:
                    assert held.valid()
