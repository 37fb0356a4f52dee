"""Several operations at once."""

from __future__ import annotations

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of, refusal
from zkwire import (
    Acl,
    BadVersion,
    Check,
    Create,
    CreateMode,
    Delete,
    GetChildren,
    GetData,
    Identity,
    NoAuth,
    NoChildrenForEphemerals,
    NodeExists,
    NoNode,
    NotEmpty,
    Perms,
    RolledBack,
    RuntimeInconsistency,
    SetData,
)


@scenario()
async def each_sees_what_those_before_it_did(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        results = await zk.multi(
            [
                Create(f"{home}/a", b"1"),
                Create(f"{home}/a/b"),
                SetData(f"{home}/a", b"2", 0),
                Check(f"{home}/a", 1),
                Delete(f"{home}/a/b"),
                Create(f"{home}/c", None, with_stat=False),
                Delete(f"{home}/c", 0),
                SetData(f"{home}/a", b"3", 1),
            ]
        )
        assert results[3] is None
        data, stat = await zk.get(f"{home}/a")
        assert (data, stat.version) == (b"3", 2)
        assert stat.czxid == stat.mzxid, "one transaction"
        return results, data, stat, await zk.get_children(home), await zk.exists(home)


@scenario()
async def nodes_of_every_kind_in_one(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        ops = [
            Create(f"{home}/{mode.name}-", b"1", mode, ttl=30.0 if mode.has_ttl else None)
            for mode in CreateMode
        ]
        results = await zk.multi(ops)
        owned = sorted(await zk.get_ephemerals(home))
        assert len(owned) == 2
        return results, sorted(await zk.get_children(home)), owned


@scenario()
async def a_failure_rolls_everything_back(stage: Stage) -> object:
    home, seen = stage.home, []
    async with stage.connect() as zk:
        await zk.create(f"{home}/n", b"1")
        await zk.create(f"{home}/n/child")
        await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
        failures = [
            (Create(f"{home}/n"), NodeExists),
            (Create(f"{home}/none/x"), NoNode),
            (Create(f"{home}/e/x"), NoChildrenForEphemerals),
            (Delete(f"{home}/n"), NotEmpty),
            (Delete(f"{home}/none"), NoNode),
            (Delete(f"{home}/n/child", 5), BadVersion),
            (SetData(f"{home}/n", b"", 5), BadVersion),
            (SetData(f"{home}/none", b""), NoNode),
            (Check(f"{home}/n", 5), BadVersion),
            (Check(f"{home}/none"), NoNode),
        ]
        for op, expected in failures:
            ops = [Create(f"{home}/new"), SetData(f"{home}/n", b"2"), op, Delete(f"{home}/new")]
            error = await refusal(zk.multi(ops), expected)
            assert error.index == 2
            kinds = [type(each) for each in error.results]
            assert kinds == [RolledBack, RolledBack, expected, RuntimeInconsistency]
            seen.append((error, error.index, error.results))
        after = sorted(await zk.get_children(home)), await zk.get(f"{home}/n")
        assert after[0] == ["e", "n"]
        assert after[1][0] == b"1"
        assert after[1][1].version == 0
        return seen, after


@scenario()
async def numbers_and_a_roll_back(stage: Stage) -> object:
    home, numbered = stage.home, CreateMode.PERSISTENT_SEQUENTIAL
    async with stage.connect() as zk:
        first = await zk.multi([Create(f"{home}/q-", mode=numbered)] * 2)
        error = await refusal(
            zk.multi([Create(f"{home}/q-", mode=numbered), Check(f"{home}/none")]), NoNode
        )
        second = await zk.multi([Create(f"{home}/q-", mode=numbered)])
        names = sorted(await zk.get_children(home))
        assert names == ["q-0000000000", "q-0000000001", "q-0000000002"]
        return first, error.results, second, names, await zk.exists(home)


@scenario()
async def checks_alone_and_nothing_at_all(stage: Stage) -> object:
    async with stage.connect() as zk:
        seen = [
            await zk.multi([Check(stage.home), Check(stage.home, 0), Check("/")]),
            await zk.multi([]),
            await refusal(zk.multi([Check(stage.home, 1)]), BadVersion),
            await zk.multi_read([]),
        ]
        assert seen[0] == [None, None, None]
        return seen


@scenario()
async def one_that_is_not_allowed(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        readable = [Acl(Perms.READ, Identity("world", "anyone"))]
        await zk.create(f"{home}/r", b"1", acl=readable)
        seen = []
        for op in (SetData(f"{home}/r", b"2"), Create(f"{home}/r/x"), Check(f"{home}/r")):
            try:
                seen.append(await zk.multi([Create(f"{home}/new"), op, Delete(f"{home}/new")]))
            except NoAuth as error:
                seen.append((error.index, error.results))
        return seen, await zk.get(f"{home}/r"), await zk.get_children(home)


@scenario()
async def reading_several(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        await zk.create(f"{home}/a", b"1")
        await zk.create(f"{home}/a/b", None)
        await zk.create(f"{home}/secret", acl=[Acl(Perms.ADMIN, Identity("world", "anyone"))])
        results = await zk.multi_read(
            [
                GetData(f"{home}/a"),
                GetChildren(f"{home}/none"),
                GetChildren(f"{home}/a"),
                GetData(f"{home}/secret"),
                GetData(f"{home}/a/b"),
            ]
        )
        assert results[0][0] == b"1"
        assert isinstance(results[1], NoNode)
        assert results[2] == ["b"]
        return results


@scenario()
async def a_multi_fires_the_watches_of_all_its_changes(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk, zk.watch(home, recursive=True) as stream:
        _, absent = await zk.exists_and_watch(f"{home}/a")
        _, _, children = await zk.get_children_and_watch(home)
        await error_of(zk.multi([Create(f"{home}/a"), Check(f"{home}/none")]))
        assert absent.event is None, "what was rolled back has not happened"
        await zk.multi(
            [
                Create(f"{home}/a"),
                SetData(f"{home}/a", b"1"),
                Create(f"{home}/b"),
                Delete(f"{home}/b"),
            ]
        )
        assert absent.event is not None, "the event comes before the reply"
        assert children.event is not None
        return [await anext(stream) for _ in range(4)], absent.event, children.event
