"""Every operation, cancelled at each of its waits: no shifted reply, no task left behind."""

from __future__ import annotations

from contextlib import suppress

import pytest
import trio

import zkwire
from coordinator import open_coordinator
from stepping import cancel_at_each_step
from zkwire import Create, CreateMode, Delete, GetChildren, GetData, Perms, SetData
from zkwire.testing import open_faults, open_memory_zookeeper

OPEN = zkwire.OPEN_ACL_UNSAFE

OPERATIONS = {
    "create": lambda c: c.create("/n-", b"", CreateMode.PERSISTENT_SEQUENTIAL),
    "create ephemeral": lambda c: c.create("/n-", b"", CreateMode.EPHEMERAL_SEQUENTIAL),
    "create2": lambda c: c.create2("/n-", b"", CreateMode.PERSISTENT_SEQUENTIAL),
    "delete": lambda c: c.delete("/missing"),
    "exists": lambda c: c.exists("/here"),
    "get": lambda c: c.get("/here"),
    "set": lambda c: c.set("/here", b"data"),
    "get_children": lambda c: c.get_children("/"),
    "get_children2": lambda c: c.get_children2("/"),
    "get_acl": lambda c: c.get_acl("/here"),
    "set_acl": lambda c: c.set_acl("/here", [zkwire.Acl(Perms.ALL, OPEN[0].identity)]),
    "sync": lambda c: c.sync("/"),
    "multi": lambda c: c.multi([Create("/m"), SetData("/m", b"1"), Delete("/m")]),
    "multi_read": lambda c: c.multi_read([GetData("/here"), GetChildren("/")]),
    "exists_and_watch": lambda c: c.exists_and_watch("/here"),
    "get_and_watch": lambda c: c.get_and_watch("/here"),
    "get_children_and_watch": lambda c: c.get_children_and_watch("/"),
    "get_ephemerals": lambda c: c.get_ephemerals(),
    "get_all_children_number": lambda c: c.get_all_children_number("/"),
    "whoami": lambda c: c.whoami(),
    "add_auth": lambda c: c.add_auth("digest", b"a:b"),
    "get_config": lambda c: c.get_config(),
    "wait_connected": lambda c: c.wait_connected(),
}


async def watch(coord):
    async with coord.watch("/here", recursive=True) as stream:
        await coord.set("/here", b"changed")
        await anext(stream)


OPERATIONS["watch"] = watch


async def tolerant(operation, coord):
    with suppress(zkwire.NoNode, zkwire.ConnectionLost):
        await operation(coord)


async def settled(coord, marks):
    """The replies belong to their requests still, in order."""
    for mark in marks:
        await coord.set("/here", mark)
        assert (await coord.get("/here"))[0] == mark
        assert await coord.get_children("/empty") == []


@pytest.mark.parametrize("name", OPERATIONS)
async def test_at_each_wait(name, autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        open_coordinator(ensemble.servers, "/app", dial=ensemble.dial) as coord,
    ):
        await coord.create("/here")
        await coord.create("/empty")
        session = coord.session
        tasks = trio.lowlevel.current_statistics().tasks_living

        async def look(_was_cancelled):
            await settled(coord, [b"1", b"2"])

        was_cancelled = await cancel_at_each_step(
            lambda: tolerant(OPERATIONS[name], coord), after_each=look
        )
        assert was_cancelled[0]
        assert not was_cancelled[-1]
        assert trio.lowlevel.current_statistics().tasks_living == tasks
        assert coord.session is session
        statistics = coord.statistics()
        assert statistics.requests_in_flight == 0
        assert statistics.connections == 1


@pytest.mark.parametrize("name", ["create", "get", "multi", "get_and_watch", "watch"])
async def test_at_each_wait_with_the_connection_cut_right_after(name, autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        open_coordinator(faults.servers, "/app", dial=faults.dial) as coord,
    ):
        await coord.create("/here")
        await coord.create("/empty")
        session = coord.session

        async def look(_was_cancelled):
            async with faults.reset_peer():
                await coord.suspended.wait()
            await coord.wait_connected()
            await settled(coord, [b"1"])

        assert not (
            await cancel_at_each_step(lambda: tolerant(OPERATIONS[name], coord), after_each=look)
        )[-1]
        assert coord.session is session
