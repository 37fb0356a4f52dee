"""A server with settings of its own: a quota that is enforced, a super user, quick clean-up."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage, until_gone
from scenarios._transcript import error_of, fate, refusal
from scenarios.acls import digest
from zkwire import (
    Acl,
    BadVersion,
    CreateMode,
    Delete,
    Identity,
    NoAuth,
    NodeExists,
    NoNode,
    Perms,
    QuotaExceeded,
    SetData,
)

ours = scenario(
    control=True,
    config={
        "enforceQuota": "true",
        "DigestAuthenticationProvider.superDigest": digest("super", "secret").id,
        "znode.container.checkIntervalMs": 100,
    },
)


@ours
async def a_quota_is_enforced(stage: Stage) -> object:
    home, limits = stage.home, f"/zookeeper/quota{stage.home}"
    async with stage.connect() as zk:
        await zk.create(limits)
        text = b"count=-1,bytes=-1,byteHardLimit=20,countHardLimit=3"
        await zk.create(f"{limits}/zookeeper_limits", text)
        await zk.create(f"{limits}/zookeeper_stats", b"count=1,bytes=0")
        seen = [
            await zk.create(f"{home}/a", b"x" * 10),
            await zk.create(f"{home}/b", b"x" * 5),
            await refusal(zk.create(f"{home}/c"), QuotaExceeded),
            await refusal(zk.set(f"{home}/b", b"x" * 11), QuotaExceeded),
            await zk.set(f"{home}/b", b"x" * 10),
            await refusal(zk.multi([Delete(f"{home}/a"), SetData(home, b"x")]), QuotaExceeded),
        ]
        await zk.delete(f"{home}/a")
        seen.append(await zk.create(f"{home}/c", b"x" * 10))
        stats, _ = await zk.get(f"{limits}/zookeeper_stats")
        return seen, stats


@ours
async def a_soft_quota_is_counted_and_no_more(stage: Stage) -> object:
    home, limits = stage.home, f"/zookeeper/quota{stage.home}"
    async with stage.connect() as zk:
        await zk.create(f"{home}/before", b"12345")
        await zk.create(limits)
        await zk.create(f"{limits}/zookeeper_limits", b"count=1,bytes=1")
        await zk.create(f"{limits}/zookeeper_stats", b"count=0,bytes=0")
        seen = []
        for change in (
            zk.create(f"{home}/a", b"x" * 100),
            zk.create(f"{home}/a/b", b"x"),
            zk.set(f"{home}/a", b""),
            zk.delete(f"{home}/a/b"),
        ):
            await change
            seen.append((await zk.get(f"{limits}/zookeeper_stats"))[0])
        return seen


@ours
async def the_super_user_may_do_everything(stage: Stage) -> object:
    path, closed = f"{stage.home}/n", [Acl(Perms.READ, digest("bob", "secret"))]
    async with stage.connect() as zk:
        await zk.create(path, b"1", acl=closed)
        errors = [await refusal(zk.get(path), NoAuth), await refusal(zk.set(path, b""), NoAuth)]
        await zk.add_auth("digest", b"super:wrong")
        errors.append(await refusal(zk.get(path), NoAuth))
        await zk.add_auth("digest", b"super:secret")
        got = await zk.get(path)
        await zk.set(path, b"2")
        await zk.create(f"{path}/child")
        acl, _ = await zk.get_acl(path)
        assert acl == closed, "the hash is shown"
        everybody = [Acl(Perms.ALL, Identity("world", "anyone"))]
        changed = await zk.set_acl(path, everybody)
        who = {each for each in await zk.whoami() if each.scheme != "ip"}
        return errors, got, changed, who


@ours
async def containers_go_when_their_last_child_has(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        for name in ("used", "never", "in use"):
            await zk.create(f"{home}/{name}", mode=CreateMode.CONTAINER)
        for name in ("used", "in use"):
            await zk.create(f"{home}/{name}/child", mode=CreateMode.EPHEMERAL)
        _, watch = await zk.exists_and_watch(f"{home}/used")
        await zk.delete(f"{home}/used/child")
        with trio.fail_after(10):
            event = await watch.wait()
        names = sorted(await zk.get_children(home))
        assert names == ["in use", "never"], "one that never had a child stays"
        return event, names, await fate(zk.create(f"{home}/used/late"))


@ours
async def a_node_goes_when_its_time_to_live_is_over(stage: Stage) -> object:
    home, mode = stage.home, CreateMode.PERSISTENT_WITH_TTL
    async with stage.connect() as zk:
        began = trio.current_time()
        for name in ("short", "parent"):
            await zk.create(f"{home}/{name}", mode=mode, ttl=0.3)
        await zk.create(f"{home}/long", mode=mode, ttl=30.0)
        await zk.create(f"{home}/parent/child")
        await until_gone(zk, f"{home}/short")
        assert trio.current_time() - began >= 0.25
        names = sorted(await zk.get_children(home))
        assert names == ["long", "parent"]
        await zk.delete(f"{home}/parent/child")
        await until_gone(zk, f"{home}/parent")
        return names, await zk.get_children(home)


@ours
async def every_transaction_has_the_next_number(stage: Stage) -> object:
    home, seen = stage.home, []
    async with stage.connect() as zk:
        _, first = await zk.create2(f"{home}/n")
        last = first.czxid

        async def took(name: str, operation) -> None:
            nonlocal last
            await fate(operation)
            seen.append((name, zk.last_zxid - last))
            last = zk.last_zxid

        await took("a write", zk.set(f"{home}/n", b"1"))
        await took("a refused write", zk.set(f"{home}/n", b"1", 7))
        await took("another", zk.create(f"{home}/none/x"))
        await took("a read", zk.get(f"{home}/n"))
        await took("a refused read", zk.get(f"{home}/none"))
        await took("a sync", zk.sync(home))
        multi = [SetData(f"{home}/n", b"2"), SetData(f"{home}/n", b"3")]
        await took("a multi", zk.multi(multi))
        await took("a refused multi", zk.multi([*multi, Delete(home)]))
        await took("an identity", zk.add_auth("digest", b"bob:secret"))
        async with stage.connect():
            await took("another session", zk.exists(home))
        await took("its end", zk.exists(home))
        stat = await zk.exists(f"{home}/n")
        assert dict(seen)["a write"] == dict(seen)["a multi"] == 1
        assert dict(seen)["a refused write"] == 1, "a refusal is a transaction too"
        return seen, stat.mzxid - stat.czxid, stat.pzxid - stat.czxid


@ours
async def which_numbers_a_node_keeps(stage: Stage) -> object:
    path, seen = f"{stage.home}/n", []
    async with stage.connect() as zk:
        _, first = await zk.create2(path)

        async def look(name: str) -> None:
            stat = await zk.exists(path)
            numbers = (stat.czxid, stat.mzxid, stat.pzxid)
            times = stat.ctime == first.ctime, stat.mtime >= stat.ctime
            assert times == (True, True)
            seen.append((name, [number - first.czxid for number in numbers]))

        await look("made")
        await zk.set(path, b"1")
        await look("written")
        await zk.create(f"{path}/c")
        await look("a child made")
        await zk.set(f"{path}/c", b"1")
        await look("the child written")
        await zk.delete(f"{path}/c")
        await look("the child removed")
        await zk.set_acl(path, [Acl(Perms.ALL, Identity("world", "anyone"))])
        await look("its rights changed")
        errors = [
            await error_of(zk.set(path, b"", 9)),
            await error_of(zk.create(path)),
            await error_of(zk.delete(f"{path}/none")),
        ]
        assert [type(error) for error in errors] == [BadVersion, NodeExists, NoNode]
        await look("nothing done")
        return seen
