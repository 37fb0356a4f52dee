"""Nodes: every operation on one, and every way it is refused."""

from __future__ import annotations

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of, fate, refusal
from zkwire import (
    BadArguments,
    BadVersion,
    CreateMode,
    NoChildrenForEphemerals,
    NodeExists,
    NoNode,
    NotEmpty,
    Outcome,
)

TTL = 30.0


@scenario()
async def every_mode_of_creation(stage: Stage) -> object:
    seen = {}
    async with stage.connect() as zk:
        for mode in CreateMode:
            ttl = TTL if mode.has_ttl else None
            path, stat = await zk.create2(f"{stage.home}/{mode.name}-", b"1", mode, ttl=ttl)
            assert await zk.exists(path) == stat
            assert path.endswith("-") != mode.is_sequential
            assert (stat.ephemeral_owner == zk.session.credentials.id) == mode.is_ephemeral
            again = await zk.create(f"{stage.home}/{mode.name}-again-", None, mode, ttl=ttl)
            seen[mode] = path, stat, again
    return seen


@scenario()
async def null_data_is_not_empty_data(stage: Stage) -> object:
    path, seen = f"{stage.home}/n", []
    async with stage.connect() as zk:
        await zk.create(path, None)
        for data in (None, b"", b"\0", b"x" * 1000, None):
            await zk.set(path, data)
            got, stat = await zk.get(path)
            assert got == data
            seen.append((got, stat))
        await zk.create(f"{path}/empty", b"")
        await zk.create(f"{path}/null", None)
        seen += [await zk.get(f"{path}/empty"), await zk.get(f"{path}/null")]
    assert seen[-2][0] == b""
    assert seen[-1][0] is None
    return seen


@scenario()
async def versions_guard_writes(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.connect() as zk:
        await zk.create(path)
        stats = [await zk.set(path, b"1", version=0), await zk.set(path, b"2")]
        errors = [
            await refusal(zk.set(path, b"3", version=1), BadVersion),
            await refusal(zk.set(path, b"3", version=3), BadVersion),
            await refusal(zk.delete(path, version=1), BadVersion),
        ]
        data = await zk.get(path)
        assert data[0] == b"2"
        await zk.delete(path, version=2)
        return stats, errors, data, await zk.exists(path)


@scenario()
async def what_is_not_there(stage: Stage) -> object:
    path = f"{stage.home}/nothing"
    async with stage.connect() as zk:
        assert await zk.exists(path) is None
        return [
            await refusal(zk.get(path), NoNode),
            await refusal(zk.set(path, b""), NoNode),
            await refusal(zk.delete(path), NoNode),
            await refusal(zk.get_children(path), NoNode),
            await refusal(zk.get_children2(path), NoNode),
            await refusal(zk.get_acl(path), NoNode),
            await refusal(zk.get_all_children_number(path), NoNode),
            await refusal(zk.create(f"{path}/child"), NoNode),
            await fate(zk.sync(path)),
        ]


@scenario()
async def what_is_in_the_way(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.connect() as zk:
        await zk.create(path)
        await zk.create(f"{path}/child")
        await zk.create(f"{stage.home}/e", mode=CreateMode.EPHEMERAL)
        seen = [
            await refusal(zk.create(path), NodeExists),
            await refusal(zk.create2(path, mode=CreateMode.EPHEMERAL), NodeExists),
            await refusal(zk.delete(path), NotEmpty),
            await refusal(zk.create(f"{stage.home}/e/child"), NoChildrenForEphemerals),
        ]
        await zk.delete(f"{path}/child")
        await zk.delete(path)
        return seen, sorted(await zk.get_children(stage.home))


@scenario()
async def children_and_their_counters(stage: Stage) -> object:
    seen = []
    async with stage.connect() as zk:
        for name in ("a", "b", "a/1", "a/1/x"):
            await zk.create(f"{stage.home}/{name}")
        names, stat = await zk.get_children2(stage.home)
        seen.append((sorted(names), stat))
        assert sorted(names) == ["a", "b"]
        await zk.delete(f"{stage.home}/b")
        await zk.set(f"{stage.home}/a", b"does not count")
        names, stat = await zk.get_children2(stage.home)
        seen.append((names, stat))
        assert stat.cversion == 3, "two creations and a deletion"
        seen.append(await zk.get_all_children_number(stage.home))
        seen.append(await zk.get_children(f"{stage.home}/a/1"))
        assert seen[-2:] == [3, ["x"]]
    return seen


@scenario()
async def the_servers_own_nodes(stage: Stage) -> object:
    async with stage.connect() as zk:
        config, stat = await zk.get_config()
        assert config == b""
        return [
            stat.version,
            sorted(await zk.get_children("/zookeeper")),
            await refusal(zk.delete("/zookeeper"), BadArguments),
            await refusal(zk.delete("/zookeeper/config"), BadArguments),
            await refusal(zk.delete("/zookeeper/quota"), BadArguments),
            await refusal(zk.delete("/"), BadArguments),
            await refusal(zk.create("/zookeeper"), NodeExists),
            await refusal(zk.create("/"), NodeExists),
        ]


@scenario()
async def names_of_every_alphabet(stage: Stage) -> object:
    names = ["ü", "日本", "a b", "...", "-", "é́", "x" * 200]
    async with stage.connect() as zk:
        made = [await fate(zk.create(f"{stage.home}/{name}", name.encode())) for name in names]
        found = sorted(await zk.get_children(stage.home))
        assert found == sorted(names)
        # Two units of UTF-16, the first of which servers refuse: it never gets there.
        error = await error_of(zk.create(f"{stage.home}/😀"))
        assert error.outcome is Outcome.NOT_SENT
        return made, found, error, [(await zk.get(f"{stage.home}/{name}"))[0] for name in found]


@scenario()
async def another_client_sees_it_behind_a_sync(stage: Stage) -> object:
    async with stage.connect() as writer, stage.connect() as reader:
        await writer.create(f"{stage.home}/n", b"1")
        await reader.sync(stage.home)
        before = await reader.get(f"{stage.home}/n")
        written = await writer.set(f"{stage.home}/n", b"2")
        await reader.sync(stage.home)
        data, stat = await reader.get(f"{stage.home}/n")
        assert (data, stat) == (b"2", written)
        assert before[1].mzxid < stat.mzxid <= reader.last_zxid
        return before, data, stat
