"""A coordinator's watches, over reconnects and to the end of the session."""

from __future__ import annotations

from contextlib import asynccontextmanager

import trio

from coordinator import State
from scenarios._coordinating import STEADY, held, told
from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of
from scenarios.words import figures, quiet
from zkwire import EventType, SessionExpired, WatchGap


@asynccontextmanager
async def away(faults, transitions):
    """While the block lasts, the coordinator has no connection."""
    async with faults.down():
        await told(transitions, State.SUSPENDED)
        yield
    await told(transitions, State.CONNECTED)


@scenario()
async def what_changed_meanwhile_is_told(stage: Stage) -> object:
    home = stage.home
    async with (
        stage.faults() as faults,
        stage.connect() as other,
        stage.coordinate(via=faults) as coordinator,
    ):
        _, transitions = await held(coordinator)
        for name in ("written", "removed", "parent", "quiet"):
            await coordinator.create(f"/{name}")
        watches = {
            "written": (await coordinator.get_and_watch("/written"))[-1],
            "removed": (await coordinator.exists_and_watch("/removed"))[-1],
            "parent": (await coordinator.get_children_and_watch("/parent"))[-1],
            "made": (await coordinator.exists_and_watch("/made"))[-1],
            "quiet": (await coordinator.get_and_watch("/quiet"))[-1],
        }
        async with away(faults, transitions):
            await other.set(f"{home}/written", b"1")
            await other.delete(f"{home}/removed")
            await other.create(f"{home}/parent/child")
            await other.create(f"{home}/made")
            assert all(watch.event is None for watch in watches.values())
        seen = {}
        with trio.fail_after(10):
            for name in ("written", "removed", "parent", "made"):
                seen[name] = await watches[name].wait()
            assert watches["quiet"].event is None
            await other.set(f"{home}/quiet", b"1")
            seen["quiet"] = await watches["quiet"].wait()
        types = [event.type for event in seen.values()]
        assert types == [
            EventType.NODE_DATA_CHANGED,
            EventType.NODE_DELETED,
            EventType.NODE_CHILDREN_CHANGED,
            EventType.NODE_CREATED,
            EventType.NODE_DATA_CHANGED,
        ]
        return seen, len(coordinator.watches)


@scenario()
async def what_did_not_change_is_watched_on(stage: Stage) -> object:
    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        session, transitions = await held(coordinator)
        _, watch = await coordinator.exists_and_watch("/n")
        for _ in range(2):
            async with away(faults, transitions):
                pass
            await trio.sleep(STEADY)
            assert await coordinator.exists("/none") is None
            assert watch.event is None, "it fired for nothing"
        await coordinator.create("/n")
        event = await watch.wait()
        assert event.type is EventType.NODE_CREATED
        return event, len(session.watches)


@scenario(control=True)
async def each_is_set_once_at_the_server(stage: Stage) -> object:
    await quiet(stage)
    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        _, transitions = await held(coordinator)
        await coordinator.exists_and_watch("/n")
        await coordinator.get_children_and_watch("/")
        counts = []
        async with coordinator.watch("/", recursive=True):
            for _ in range(2):
                counts.append(figures(await stage.word("mntr"))["zk_watch_count"])
                async with away(faults, transitions):
                    pass
                await trio.sleep(STEADY)
                await coordinator.sync("/")
            counts.append(figures(await stage.word("mntr"))["zk_watch_count"])
        counts.append(figures(await stage.word("mntr"))["zk_watch_count"])
        assert counts == ["3", "3", "3", "2"]
        return counts


@scenario()
async def a_stream_goes_on_with_a_gap(stage: Stage) -> object:
    home, items = stage.home, []
    async with (
        stage.faults() as faults,
        stage.connect() as other,
        stage.coordinate(via=faults) as coordinator,
    ):
        _, transitions = await held(coordinator)
        async with coordinator.watch("/", recursive=True) as stream:
            await other.create(f"{home}/before")
            items.append(await anext(stream))
            async with away(faults, transitions):
                await other.create(f"{home}/missed")
            await coordinator.sync("/")
            await other.create(f"{home}/after")
            items += [await anext(stream), await anext(stream)]
        assert items[1] == WatchGap("reconnected")
        assert [items[0].path, items[2].path] == ["/before", "/after"]
        return items, sorted(await coordinator.get_children("/"))


@scenario()
async def those_of_a_session_end_with_it(stage: Stage) -> object:
    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        session, transitions = await held(coordinator)
        _, once = await coordinator.exists_and_watch("/n")
        async with session.watch("/") as stream, coordinator.watch("/") as lasting:
            await coordinator.set("/", b"1")
            async with faults.down():
                await told(transitions, State.SUSPENDED)
                await stage.expire(session.id)
            await told(transitions, State.EXPIRED, State.CONNECTING, State.CONNECTED)
            first = await anext(stream)
            errors = [await error_of(anext(stream)), await error_of(once.wait())]
            assert all(type(error) is SessionExpired for error in errors)
            items = [await anext(lasting), await anext(lasting)]
            assert items == [first, WatchGap("new session")]
            await coordinator.set("/", b"2")
            items.append(await anext(lasting))
        _, again = await coordinator.exists_and_watch("/n")
        await coordinator.create("/n")
        return first, errors, items, await again.wait()
