"""A session's watches over its next connection: what changed meanwhile is caught up with."""

from __future__ import annotations

from scenarios._registry import scenario
from scenarios._stage import Stage
from zkwire import EventType, SessionWatches, Watch


def events_of(watches: dict[str, Watch]) -> dict[str, object]:
    """What each has fired with, or None."""
    return {name: watch.event for name, watch in watches.items()}


class Away:
    """A client that watches, and is away for a while, during which another changes things."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.watches: dict[str, Watch] = {}

    async def play(self, before, meanwhile) -> dict[str, object]:
        """Watch, leave, have things changed, come back; returns what has fired."""
        home, kept = self.stage.home, SessionWatches()
        async with self.stage.connect() as other:
            async with self.stage.connect(watches=kept) as zk:
                await before(other)
                await zk.sync(home)
                for name in sorted(await zk.get_children(home)):
                    path = f"{home}/{name}"
                    self.watches[f"data {name}"] = (await zk.get_and_watch(path))[-1]
                    self.watches[f"list {name}"] = (await zk.get_children_and_watch(path))[-1]
                for name in ("new1", "new2"):
                    watch = (await zk.exists_and_watch(f"{home}/{name}"))[-1]
                    self.watches[f"absent {name}"] = watch
                zk.detach()
            await meanwhile(other)
            async with self.stage.attach(zk, watches=kept) as again:
                await again.sync(home)  # behind the watches
                return events_of(self.watches)


@scenario()
async def what_was_written_meanwhile_fires(stage: Stage) -> object:
    home = stage.home

    async def before(zk) -> None:
        for name in ("a", "b"):
            await zk.create(f"{home}/{name}")

    async def meanwhile(zk) -> None:
        await zk.set(f"{home}/a", b"1")
        await zk.set(f"{home}/a", b"2")

    seen = await Away(stage).play(before, meanwhile)
    assert seen["data a"].type is EventType.NODE_DATA_CHANGED
    assert [name for name, event in seen.items() if event] == ["data a"]
    return seen


@scenario()
async def what_was_removed_meanwhile_fires(stage: Stage) -> object:
    home = stage.home

    async def before(zk) -> None:
        for name in ("a", "b"):
            await zk.create(f"{home}/{name}")

    async def meanwhile(zk) -> None:
        await zk.delete(f"{home}/a")

    seen = await Away(stage).play(before, meanwhile)
    fired = {name: event.type for name, event in seen.items() if event}
    deleted = EventType.NODE_DELETED
    assert fired == {"data a": deleted, "list a": deleted}
    return seen


@scenario()
async def what_came_meanwhile_fires(stage: Stage) -> object:
    home = stage.home

    async def before(zk) -> None:
        await zk.create(f"{home}/a")

    async def meanwhile(zk) -> None:
        await zk.create(f"{home}/a/child")
        await zk.create(f"{home}/new1")
        await zk.create(f"{home}/new2")
        await zk.delete(f"{home}/new2")

    seen = await Away(stage).play(before, meanwhile)
    fired = {name: event.type for name, event in seen.items() if event}
    # Of what came and went again nobody is told.
    assert fired == {
        "list a": EventType.NODE_CHILDREN_CHANGED,
        "absent new1": EventType.NODE_CREATED,
    }
    return seen


@scenario()
async def a_node_made_anew_meanwhile_counts_as_changed(stage: Stage) -> object:
    home = stage.home

    async def before(zk) -> None:
        await zk.create(f"{home}/a")

    async def meanwhile(zk) -> None:
        await zk.delete(f"{home}/a")
        await zk.create(f"{home}/a")

    seen = await Away(stage).play(before, meanwhile)
    fired = {name: event.type for name, event in seen.items() if event}
    assert fired["data a"] is EventType.NODE_DATA_CHANGED
    return seen


@scenario()
async def what_did_not_change_stays_watched(stage: Stage) -> object:
    home, kept = stage.home, SessionWatches()
    async with stage.connect() as other:
        async with stage.connect(watches=kept) as zk:
            await zk.create(f"{home}/a")
            watches = {
                "data": (await zk.get_and_watch(f"{home}/a"))[-1],
                "list": (await zk.get_children_and_watch(f"{home}/a"))[-1],
                "absent": (await zk.exists_and_watch(f"{home}/b"))[-1],
            }
            zk.detach()
        for _ in range(2):
            async with stage.attach(zk, watches=kept) as again:
                await again.sync(home)
                assert set(events_of(watches).values()) == {None}
                again.detach()
            zk = again
        async with stage.attach(zk, watches=kept) as again:
            await again.create(f"{home}/b")
            await again.create(f"{home}/a/c")
            await other.set(f"{home}/a", b"1")
            seen = {name: await watch.wait() for name, watch in watches.items()}
            assert len(kept) == 0
            return seen
