"""Nodes that live as long as a session."""

from __future__ import annotations

from scenarios._registry import scenario
from scenarios._stage import Stage, until_gone
from scenarios._transcript import refusal
from zkwire import Create, CreateMode, Delete, NoChildrenForEphemerals, SetData

SHORT = 0.6
EPHEMERAL = CreateMode.EPHEMERAL


@scenario()
async def each_session_lists_its_own(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as one, stage.connect() as two:
        await one.create(f"{home}/d")
        for path in (f"{home}/a", f"{home}/ab", f"{home}/d/x"):
            await one.create(path, mode=EPHEMERAL)
        await two.create(f"{home}/c", mode=EPHEMERAL)
        seen = [
            sorted(await one.get_ephemerals(home)),
            sorted(await one.get_ephemerals(f"{home}/a")),
            sorted(await one.get_ephemerals(f"{home}/d")),
            sorted(await two.get_ephemerals()),
            await two.get_ephemerals(f"{home}/a"),
        ]
        assert seen[1] == [f"{home}/a", f"{home}/ab"], "it is a prefix of text"
        assert seen[3:] == [[f"{home}/c"], []]
        return seen


@scenario()
async def all_of_a_session_go_when_it_expires(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as observer:
        async with stage.connect(session_timeout=SHORT) as zk:
            await zk.create(f"{home}/stays")
            paths = [f"{home}/e", f"{home}/stays/e"]
            for path in paths:
                await zk.create(path, mode=EPHEMERAL)
            paths.append(await zk.create(f"{home}/stays/q-", mode=CreateMode.EPHEMERAL_SEQUENTIAL))
            zk.detach()
        async with observer.watch(home, recursive=True) as stream:
            events = [await anext(stream) for _ in paths]
        assert {event.path for event in events} == set(paths)
        assert len({event.zxid for event in events}) == 1, "one transaction"
        left = await observer.get_children2(f"{home}/stays")
        assert left[0] == []
        return set(paths), {event.type for event in events}, left


@scenario()
async def others_may_write_and_remove_them(stage: Stage) -> object:
    path = f"{stage.home}/e"
    async with stage.connect() as other:
        async with stage.connect() as owner:
            first = await owner.create2(path, mode=EPHEMERAL)
            written = await other.set(path, b"by another")
            assert written.ephemeral_owner == owner.session.credentials.id
            await other.delete(path)
            assert await owner.get_ephemerals(stage.home) == []
            _, again = await other.create2(path, mode=EPHEMERAL)
        # Its first owner has gone, which is no matter to the second.
        stat = await other.exists(path)
        assert stat == again
        return first, written, stat


@scenario()
async def they_have_no_children_of_any_kind(stage: Stage) -> object:
    path, seen = f"{stage.home}/e", []
    async with stage.connect() as zk:
        await zk.create(path, mode=EPHEMERAL)
        for mode in CreateMode:
            ttl = 30.0 if mode.has_ttl else None
            create = zk.create(f"{path}/c", mode=mode, ttl=ttl)
            seen.append((mode, await refusal(create, NoChildrenForEphemerals)))
        assert await zk.get_children(path) == []
    return seen


@scenario()
async def one_made_by_a_multi_belongs_to_its_session(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as observer:
        async with stage.connect() as zk:
            results = await zk.multi(
                [
                    Create(f"{home}/e", b"1", EPHEMERAL),
                    SetData(f"{home}/e", b"2"),
                    Create(f"{home}/f", mode=EPHEMERAL),
                    Delete(f"{home}/f"),
                ]
            )
            owned = await zk.get_ephemerals(home)
            assert owned == [f"{home}/e"]
        await until_gone(observer, f"{home}/e")
        return results, owned, await observer.get_children2(home)
