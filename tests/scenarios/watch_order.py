"""In which order events come, with each other and with replies."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage
from zkwire import (
    CreateMode,
    Watch,
)


@scenario()
async def the_event_comes_before_the_new_data(stage: Stage) -> object:
    path, seen = f"{stage.home}/n", []
    async with stage.connect() as reader, stage.connect() as writer:
        await writer.create(path, b"0")
        await reader.sync(path)
        for number in range(1, 20):
            _, _, watch = await reader.get_and_watch(path)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(writer.set, path, b"%d" % number)
                while (data := (await reader.get(path))[0]) != b"%d" % number:
                    assert data == b"%d" % (number - 1)
            assert watch.event is not None, "new data was seen before the event"
            seen.append(watch.event)
    return seen


@scenario()
async def a_node_s_own_event_comes_before_its_parent_s(stage: Stage) -> object:
    path, order = f"{stage.home}/n", []

    async def note(watch: Watch) -> None:
        order.append(await watch.wait())

    async with stage.connect(bytewise=True) as zk:
        for change in (zk.create, zk.delete):
            async with trio.open_nursery() as nursery:
                for watch in (
                    (await zk.get_children_and_watch(stage.home))[-1],
                    (await zk.exists_and_watch(path))[-1],
                ):
                    nursery.start_soon(note, watch)
                await change(path)
    assert [event.path for event in order] == [path, stage.home] * 2
    return order


@scenario()
async def watches_on_ephemerals_fire_when_their_session_ends(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        async with stage.connect() as owner:
            for name in ("a", "b", "c"):
                await owner.create(f"{home}/{name}", mode=CreateMode.EPHEMERAL)
            await zk.sync(home)
            watches = [(await zk.exists_and_watch(f"{home}/{name}"))[-1] for name in "abc"]
            _, _, children = await zk.get_children_and_watch(home)
        with trio.fail_after(10):
            events = [await watch.wait() for watch in [*watches, children]]
        zxids = {event.zxid for event in events}
        assert len(zxids) == 1, "all go in one transaction"
        assert await zk.get_children(home) == []
        return events
