"""A session over its next connection: streams, ephemerals, and very many watches."""

from __future__ import annotations

from contextlib import AsyncExitStack

from scenarios._registry import scenario
from scenarios._stage import Stage
from zkwire import CreateMode, SessionWatches, WatchGap


@scenario()
async def a_stream_has_a_gap_and_goes_on(stage: Stage) -> object:
    home, kept, seen = stage.home, SessionWatches(), []
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(stage.connect())
        async with stage.connect(watches=kept) as zk:
            streams = [
                await stack.enter_async_context(zk.watch(home, recursive=recursive))
                for recursive in (False, True)
            ]
            await writer.set(home, b"seen")
            seen += [await anext(stream) for stream in streams]
            zk.detach()
        await writer.set(home, b"missed")
        async with stage.attach(zk, watches=kept) as again:
            await again.sync(home)
            await writer.set(home, b"seen again")
            for stream in streams:
                items = [await anext(stream), await anext(stream)]
                assert items[0] == WatchGap("reconnected")
                seen += items
    return seen


@scenario()
async def ephemerals_and_their_numbers_go_on(stage: Stage) -> object:
    home, mode, made = stage.home, CreateMode.EPHEMERAL_SEQUENTIAL, []
    async with stage.connect() as zk:
        made.append(await zk.create(f"{home}/e-", mode=mode))
        zk.detach()
    for _ in range(3):
        async with stage.attach(zk) as again:
            assert again.session.credentials == zk.session.credentials
            made.append(await again.create(f"{home}/e-", mode=mode))
            owned = await again.get_ephemerals(home)
            assert sorted(owned) == made
            again.detach()
        zk = again
    return made, again.next_xid


@scenario()
async def thousands_of_watches_are_set_again(stage: Stage) -> object:
    home, kept, count = stage.home, SessionWatches(), 1500
    # Some 250 bytes each: more than fits one request.
    paths = [f"{home}/{'x' * 200}-{number}" for number in range(count)]
    async with stage.connect() as other:
        async with stage.connect(watches=kept) as zk:
            watches = [(await zk.exists_and_watch(path))[-1] for path in paths]
            zk.detach()
        await other.create(paths[0])
        await other.create(paths[-1])
        async with stage.attach(zk, watches=kept) as again:
            await again.sync(home)
            fired = [index for index, watch in enumerate(watches) if watch.event]
            assert fired == [0, count - 1]
            await other.create(paths[7])
            event = await watches[7].wait()
            assert len(kept) == count - 3
            return fired, event.type, len(kept)
