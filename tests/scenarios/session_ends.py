"""How sessions end."""

from __future__ import annotations

import trio
from trio.testing import wait_all_tasks_blocked

from scenarios._registry import scenario
from scenarios._stage import Stage, until_gone
from scenarios._transcript import fate
from zkwire import (
    Connection,
    CreateMode,
    SessionExpired,
)

SHORT = 0.6


async def attaching(stage: Stage, zk: Connection, **options: object) -> object:
    """The error by which the servers refuse a session, which they must."""

    async def attach() -> None:
        async with stage.attach(zk, **options):
            pass

    return await fate(attach())


@scenario()
async def closing_ends_it_at_once(stage: Stage) -> object:
    path = f"{stage.home}/e"
    async with stage.connect() as observer:
        async with stage.connect() as zk:
            await zk.create(path, mode=CreateMode.EPHEMERAL)
            await observer.sync(path)
            before = await observer.exists(path)
            assert before is not None
        assert await observer.exists(path) is None
        error = await attaching(stage, zk)
        assert isinstance(error, SessionExpired)
        return before, error


@scenario()
async def what_is_under_way_is_answered_before_the_end(stage: Stage) -> object:
    async with stage.connect() as observer:
        async with stage.connect() as zk, trio.open_nursery() as nursery:
            for number in range(100):
                nursery.start_soon(zk.create, f"{stage.home}/{number:02}")
            await wait_all_tasks_blocked()
            await zk.aclose()
        names = sorted(await observer.get_children(stage.home))
        assert len(names) == 100
        return names


@scenario()
async def left_alone_it_expires_after_its_timeout(stage: Stage) -> object:
    path = f"{stage.home}/e"
    async with stage.connect() as observer:
        async with stage.connect(session_timeout=SHORT) as zk:
            await zk.create(path, mode=CreateMode.EPHEMERAL)
            zk.detach()
        assert await observer.exists(path) is not None
        await until_gone(observer, path)
        assert trio.current_time() - zk.last_contact >= SHORT
        error = await attaching(stage, zk)
        assert isinstance(error, SessionExpired)
        return error


@scenario()
async def servers_can_end_it(stage: Stage) -> object:
    path = f"{stage.home}/e"
    async with stage.connect() as observer, stage.connect() as zk:
        await zk.create(path, mode=CreateMode.EPHEMERAL)
        _, watch = await zk.exists_and_watch(f"{stage.home}/never")
        await stage.expire(zk.session.credentials.id)
        with trio.fail_after(10):
            await zk.wait_lost()
            await until_gone(observer, path)
        lost = [await fate(zk.exists(path)), await fate(watch.wait())]
        error = await attaching(stage, zk)
        assert isinstance(error, SessionExpired)
        return lost, error
