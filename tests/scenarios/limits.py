"""Sizes and numbers at the limits."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of
from zkwire import ConnectionLost, CreateMode, InvalidArgument, Outcome

MAX_FRAME = 1_048_575


@scenario()
async def the_longest_data(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.connect() as zk:
        await zk.create(path)
        # Of a setData request everything but the data: header, path, lengths and version.
        most = MAX_FRAME - (8 + 4 + len(path) + 4 + 4)
        error = await error_of(zk.set(path, bytes(most + 1)))
        assert isinstance(error, InvalidArgument)
        stat = await zk.set(path, b"\xff" * most)
        data, _ = await zk.get(path)
        assert data == b"\xff" * most
        return error, stat.version, most - len(data)


@scenario()
async def a_longer_frame_costs_the_connection(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.connect(max_outbound_frame=2 * MAX_FRAME) as zk, stage.connect() as other:
        await zk.create(path, b"before")
        error = await error_of(zk.set(path, bytes(MAX_FRAME + 1)))
        assert isinstance(error, ConnectionLost)
        assert error.outcome is Outcome.UNKNOWN
        await other.sync(path)
        got = await other.get(path)
        assert got[0] == b"before"
        return error, got


@scenario()
async def many_requests_in_flight_keep_their_order(stage: Stage) -> object:
    path, versions = f"{stage.home}/n", []
    async with stage.connect(max_in_flight=50) as zk:
        await zk.create(path)

        async def write(number: int) -> None:
            stat = await zk.set(path, b"%d" % number)
            versions.append(stat.version)

        async with trio.open_nursery() as nursery:
            for number in range(500):
                nursery.start_soon(write, number)
        assert sorted(versions) == list(range(1, 501))
        return max(versions), (await zk.exists(path)).version


@scenario()
async def many_children(stage: Stage) -> object:
    home, mode = stage.home, CreateMode.PERSISTENT_SEQUENTIAL
    async with stage.connect() as zk:
        async with trio.open_nursery() as nursery:
            for _ in range(1000):
                nursery.start_soon(zk.create, f"{home}/child-", b"", mode)
        names, stat = await zk.get_children2(home)
        assert sorted(names) == [f"child-{number:010}" for number in range(1000)]
        return stat, await zk.get_all_children_number(home)
