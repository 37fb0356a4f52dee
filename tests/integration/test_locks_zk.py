"""Locks, elections and leases on real servers, some of which are killed and frozen."""

from __future__ import annotations

from uuid import uuid4

import pytest
import trio

import zkwire
from coordinator import LeaseLost, open_coordinator
from lock_rig import waits_in_line
from zkwire import Create
from zkwire.testing import open_zookeeper

pytestmark = pytest.mark.zk


@pytest.fixture
def root():
    """A root path that no other test has."""
    return f"/t{uuid4().hex[:12]}"


async def test_tokens_grow_also_when_the_parent_is_made_anew(zookeeper, root):
    async with open_coordinator(zookeeper.servers, root, 2.0, tick_time=0.1) as coordinator:
        tokens = []
        for number in range(6):
            async with coordinator.lock("x") as held:
                tokens.append(held.fencing_token)
                await held.multi([Create(f"/done-{number}", b"")])
                with pytest.raises(zkwire.NoNode) as caught:
                    await held.multi([Create("/not", b""), zkwire.Delete("/missing")])
                assert caught.value.index == 1
            if number % 2:
                await coordinator.delete("/x")
        assert tokens == sorted(set(tokens))
        assert len(await coordinator.get_children("/")) == 6


async def test_a_node_that_is_removed_ends_the_lock_and_its_guarded_writes(zookeeper, root):
    async with open_coordinator(zookeeper.servers, root, 2.0, tick_time=0.1) as coordinator:
        with pytest.raises(LeaseLost):  # noqa: PT012  # the block is what raises
            async with coordinator.lock("x") as held:
                await coordinator.delete(held.path)
                await held.multi([Create("/y", b"")])
        assert await coordinator.exists("/y") is None


async def test_a_lock_outlives_the_member_that_it_was_taken_through_and_the_leader():
    async with (
        open_zookeeper(3, 0.2) as ensemble,
        open_coordinator(ensemble.servers, "/app", 4.0, tick_time=0.2) as holder,
        open_coordinator(ensemble.servers, "/app", 4.0, tick_time=0.2) as waiter,
        trio.open_nursery() as nursery,
    ):
        got = trio.Event()

        async def wait():
            async with waiter.lock("x"):
                got.set()

        async with holder.lock("x") as held:
            nursery.start_soon(wait)
            await waits_in_line(lambda: holder.get_children("/x"), 2)
            for victim in (member_of(ensemble, holder), await ensemble.leader()):
                await victim.kill()
                await trio.sleep(1.0)
                assert held.valid()
                await victim.start()
                await ensemble.wait_ready()
            assert not got.is_set()
        with trio.fail_after(30):
            await got.wait()


async def test_frozen_servers_cannot_keep_a_lease_alive():
    async with (
        open_zookeeper(1, 0.2) as server,
        open_coordinator(server.servers, "/app", 2.0, tick_time=0.2) as coordinator,
    ):
        [member] = server.members
        try:
            with pytest.raises(LeaseLost):  # noqa: PT012  # the block is what raises
                async with coordinator.lease() as lease:
                    await trio.sleep(1.0)
                    await member.freeze()
                    frozen = trio.current_time()
                    try:
                        await trio.sleep_forever()
                    finally:
                        lasted = trio.current_time() - frozen
                        assert not lease.valid()
        finally:
            await member.resume()
        assert lasted < 2.0


def member_of(ensemble, coordinator):
    """The member that a coordinator is connected to."""
    return next(each for each in ensemble.members if each.address == str(coordinator.server))
