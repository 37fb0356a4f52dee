"""ACLs, multis, streams of events and the ensemble's own operations against real servers."""

from __future__ import annotations

import base64
import hashlib

import pytest
import trio

import zkwire
from real_server import at_home, attach_again, connect
from zkwire import (
    Acl,
    Check,
    Create,
    Created,
    CreateMode,
    Delete,
    EventType,
    GetChildren,
    GetData,
    Identity,
    Perms,
    SetData,
    WatcherType,
)
from zkwire.testing import start_zookeeper

pytestmark = pytest.mark.zk

WORLD = Identity("world", "anyone")
ME = b"me:pw"
SUPER = b"super:pw"
CONFIG = "/zookeeper/config"


def digest_of(user_and_password: bytes) -> str:
    """What servers make of a digest credential."""
    user = user_and_password.partition(b":")[0].decode()
    return f"{user}:{base64.b64encode(hashlib.sha1(user_and_password).digest()).decode()}"


MINE = Acl(Perms.ALL, Identity("digest", digest_of(ME)))


@pytest.fixture(scope="module")
def odd_server():
    """A standalone server with what others have switched on off, and the reverse."""
    with start_zookeeper(
        config={"reconfigEnabled": False},
        system_properties={
            "zookeeper.extendedTypesEnabled": "false",
            "zookeeper.enforceQuota": "true",
            "zookeeper.watchManagerName": (
                "org.apache.zookeeper.server.watch.WatchManagerOptimized"
            ),
        },
    ) as ensemble:
        yield ensemble


# --- identities and ACLs ----------------------------------------------------------------------


async def test_an_identity_is_added_and_told(zookeeper):
    async with at_home(zookeeper) as (zk, _):
        assert await zk.whoami() == [Identity("ip", "127.0.0.1")]
        await zk.add_auth("digest", ME)
        assert sorted(await zk.whoami()) == [Identity("digest", "me"), Identity("ip", "127.0.0.1")]


async def test_an_acl_keeps_others_out(zookeeper):
    async with at_home(zookeeper, auth=[("digest", ME)]) as (zk, home):
        path = await zk.create(f"{home}/mine", b"m", acl=[Acl(Perms.ALL, Identity("auth", ""))])
        acl, stat = await zk.get_acl(path)
        assert acl == [MINE], "shown in full to whoever may change it"
        assert stat == await zk.exists(path)
        async with connect(zookeeper) as other:
            for refused in (
                other.get(path),
                other.get_acl(path),
                other.set(path, b""),
                other.set_acl(path, [Acl(Perms.ALL, WORLD)]),
                other.get_children(path),
                other.get_all_children_number(path),
                other.exists(path),
                other.create(f"{path}/child"),
                other.get_and_watch(path),
            ):
                with pytest.raises(zkwire.NoAuth) as caught:
                    await refused
                assert caught.value.outcome is zkwire.Outcome.REFUSED
            assert other.statistics().watches == 0
            await other.add_auth("digest", ME)
            assert (await other.get(path))[0] == b"m"


async def test_a_wrong_password_is_an_identity_that_opens_nothing(zookeeper):
    async with at_home(zookeeper, auth=[("digest", ME)]) as (zk, home):
        path = await zk.create(f"{home}/mine", acl=[MINE])
        async with connect(zookeeper, auth=[("digest", b"me:wrong")]) as other:
            with pytest.raises(zkwire.NoAuth):
                await other.get(path)


async def test_hashes_are_masked_for_those_who_may_only_read(zookeeper):
    async with at_home(zookeeper, auth=[("digest", ME)]) as (zk, home):
        path = await zk.create(f"{home}/n", acl=[MINE, Acl(Perms.READ, WORLD)])
        async with connect(zookeeper) as other:
            acl, _ = await other.get_acl(path)
            assert set(acl) == {
                Acl(Perms.ALL, Identity("digest", "me:x")),
                Acl(Perms.READ, WORLD),
            }


async def test_an_acl_has_a_version_of_its_own(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        await zk.set(home, b"data")
        _, before = await zk.get_acl(home)
        assert (before.version, before.aversion) == (1, 0)
        stat = await zk.set_acl(home, [Acl(Perms.ALL, WORLD)], 0)
        assert (stat.version, stat.aversion) == (1, 1)
        with pytest.raises(zkwire.BadVersion):
            await zk.set_acl(home, [Acl(Perms.ALL, WORLD)], 0)
        with pytest.raises(zkwire.NoNode):
            await zk.set_acl(f"{home}/none", [Acl(Perms.ALL, WORLD)])
        with pytest.raises(zkwire.NoNode):
            await zk.get_acl(f"{home}/none")


@pytest.mark.parametrize(
    "identity",
    [Identity("nosuch", "x"), Identity("auth", ""), Identity("world", "x"), Identity("ip", "x")],
)
async def test_an_acl_that_names_nobody_is_refused(identity, zookeeper):
    """``auth`` without an identity of the connection is one: an address alone does not count."""
    async with at_home(zookeeper) as (zk, home):
        with pytest.raises(zkwire.InvalidAcl):
            await zk.create(f"{home}/n", acl=[Acl(Perms.ALL, identity)])
        with pytest.raises(zkwire.InvalidAcl):
            await zk.set_acl(home, [Acl(Perms.ALL, identity)])
        assert zk.is_alive


async def test_a_scheme_that_no_server_knows_costs_the_connection(zookeeper):
    async with connect(zookeeper) as zk:
        with pytest.raises(zkwire.AuthFailed):
            await zk.add_auth("nosuch", b"x")
        with trio.fail_after(10):
            await zk.wait_lost()
    with pytest.raises(zkwire.AuthFailed):
        async with connect(zookeeper, auth=[("digest", ME), ("nosuch", b"x")]):
            pytest.fail("opened")


async def test_what_was_missed_behind_an_acl_is_told_to_the_identity_that_may_read(zookeeper):
    """The identity comes before the watches: else the server drops what it has to catch up."""
    watches, auth = zkwire.SessionWatches(), [("digest", ME)]
    async with at_home(zookeeper, auth=auth) as (writer, home):
        path = await writer.create(f"{home}/mine", acl=[MINE])
        async with connect(zookeeper, watches=watches, auth=auth) as zk:
            _, _, watch = await zk.get_and_watch(path)
            zk.detach()
        await writer.set(path, b"new")
        async with attach_again(zookeeper, zk, watches=watches, auth=auth):
            with trio.fail_after(10):
                assert (await watch.wait()).type is EventType.NODE_DATA_CHANGED


# --- multi ------------------------------------------------------------------------------------


def _all_kinds(home: str) -> list:
    return [
        Create(f"{home}/p", b"1"),
        Create(f"{home}/e", b"2", CreateMode.EPHEMERAL),
        Create(f"{home}/s-", b"3", CreateMode.PERSISTENT_SEQUENTIAL),
        Create(f"{home}/es-", b"4", CreateMode.EPHEMERAL_SEQUENTIAL),
        Create(f"{home}/c", b"5", CreateMode.CONTAINER),
        Create(f"{home}/t", b"6", CreateMode.PERSISTENT_WITH_TTL, ttl=60),
        Create(f"{home}/ts-", b"7", CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, ttl=60),
        SetData(f"{home}/p", b"later ones see earlier ones", 0),
        Check(f"{home}/p", 1),
        Delete(f"{home}/p", 1),
        Check(home),
    ]


async def test_all_kinds_of_operations_in_one(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        results = await zk.multi(_all_kinds(home))
        created, (written, *rest) = results[:7], results[7:]
        assert [one.path.removeprefix(home) for one in created] == [
            "/p",
            "/e",
            "/s-0000000002",
            "/es-0000000003",
            "/c",
            "/t",
            "/ts-0000000006",
        ]
        assert rest == [None, None, None]
        assert written.version == 1
        (no_stat,) = await zk.multi([Create(f"{home}/n", with_stat=False)])
        assert no_stat == Created(f"{home}/n", None)
        zxids = {one.stat.czxid for one in created} | {written.mzxid}
        assert len(zxids) == 1, "one transaction"
        for one in created[1:]:
            assert (await zk.exists(one.path)) == one.stat
        assert await zk.exists(f"{home}/p") is None


FAILURES = [
    (lambda home: Create(home), zkwire.NodeExists),
    (lambda home: Create(f"{home}/no/parent"), zkwire.NoNode),
    (lambda home: Create(f"{home}/e/child"), zkwire.NoChildrenForEphemerals),
    (lambda home: Create(f"{home}/n", acl=[Acl(31, Identity("x", ""))]), zkwire.InvalidAcl),
    (lambda home: Delete(f"{home}/none"), zkwire.NoNode),
    (lambda home: Delete(home), zkwire.NotEmpty),
    (lambda home: Delete(f"{home}/e", 7), zkwire.BadVersion),
    (lambda home: SetData(f"{home}/none", b""), zkwire.NoNode),
    (lambda home: SetData(home, b"", 7), zkwire.BadVersion),
    (lambda home: Check(f"{home}/none"), zkwire.NoNode),
    (lambda home: Check(home, 7), zkwire.BadVersion),
]


@pytest.mark.parametrize(("fail", "error"), FAILURES)
async def test_a_failure_at_any_place_undoes_all(fail, error, zookeeper):
    async with at_home(zookeeper) as (zk, home):
        await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
        before = await zk.get_children2(home)
        good = [Create(f"{home}/new"), SetData(f"{home}/new", b"x")]
        for index in range(3):
            ops = [*good[:index], fail(home), *good[index:]] if index < 2 else [*good, fail(home)]
            with pytest.raises(error) as caught:
                await zk.multi(ops)
            assert caught.value.index == index
            assert caught.value.path == ops[index].path
            assert caught.value.outcome is zkwire.Outcome.REFUSED
            kinds = [type(one) for one in caught.value.results]
            behind = [zkwire.RuntimeInconsistency] * (2 - index)
            assert kinds == [zkwire.RolledBack] * index + [error] + behind
        assert await zk.get_children2(home) == before
        assert zk.is_alive


async def test_no_operation_is_a_success(zookeeper):
    async with at_home(zookeeper) as (zk, _):
        assert await zk.multi([]) == []
        assert await zk.multi_read([]) == []


async def test_watches_fire_for_a_multi_before_its_reply(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        _, _, watch = await zk.get_and_watch(home)
        await zk.multi([SetData(home, b"1"), SetData(home, b"2")])
        assert watch.event is not None


async def test_several_reads_each_for_itself(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        await zk.create(f"{home}/a", None)
        await zk.create(f"{home}/secret", acl=[MINE])
        none, secret = f"{home}/none", f"{home}/secret"
        ops = [GetData(f"{home}/a"), GetData(none), GetChildren(home), GetChildren(none)]
        data, missing, children, missing_too, denied = await zk.multi_read([*ops, GetData(secret)])
        assert data == await zk.get(f"{home}/a")
        assert sorted(children) == ["a", "secret"]
        assert (type(missing), missing.path) == (zkwire.NoNode, none)
        assert type(missing_too) is zkwire.NoNode
        assert (type(denied), denied.path) == (zkwire.NoAuth, secret)
        with pytest.raises(zkwire.NoWatcher):
            await zk.check_watches(home, WatcherType.ANY)


# --- counting and listing ---------------------------------------------------------------------


async def test_ephemerals_are_listed_by_plain_prefix(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        for name in ("a", "ab", "b"):
            await zk.create(f"{home}/{name}", mode=CreateMode.EPHEMERAL)
        await zk.create(f"{home}/ac")
        assert sorted(await zk.get_ephemerals()) == [f"{home}/{name}" for name in ("a", "ab", "b")]
        assert sorted(await zk.get_ephemerals(f"{home}/a")) == [f"{home}/a", f"{home}/ab"]
        assert await zk.get_ephemerals("/none") == []
        async with connect(zookeeper) as other:
            assert await other.get_ephemerals() == [], "of one's own session alone"


async def test_all_nodes_below_are_counted(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        assert await zk.get_all_children_number(home) == 0
        for name in ("a", "a/b", "a/b/c", "d"):
            await zk.create(f"{home}/{name}")
        assert await zk.get_all_children_number(home) == 4
        assert await zk.get_all_children_number("/") > 4
        with pytest.raises(zkwire.NoNode):
            await zk.get_all_children_number(f"{home}/none")


# --- servers with other settings --------------------------------------------------------------


async def test_what_is_switched_off_is_refused_and_costs_nothing_else(odd_server):
    async with at_home(odd_server) as (zk, home):
        with pytest.raises(zkwire.Unimplemented):
            await zk.create(f"{home}/t", mode=CreateMode.PERSISTENT_WITH_TTL, ttl=1)
        ttl = Create(f"{home}/t", mode=CreateMode.PERSISTENT_WITH_TTL, ttl=1)
        with pytest.raises(zkwire.Unimplemented) as caught:
            await zk.multi([Check(home), ttl])
        assert caught.value.index == 1
        with pytest.raises(zkwire.ReconfigDisabled):
            await zk.reconfig(joining=["server.2=127.0.0.1:1:2;3"])
        with pytest.raises(zkwire.MarshallingError):
            async with zk.watch(home):
                pytest.fail("this watch manager knows no persistent watches")
        assert await zk.exists(home) is not None


async def test_a_quota_is_enforced(odd_server):
    async with at_home(odd_server) as (zk, home):
        for part in ("", *home.split("/")[1:]):
            quota = f"/zookeeper/quota/{part}".rstrip("/")
            if await zk.exists(quota) is None:
                await zk.create(quota)
        limits = b"count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2"
        await zk.create(f"{quota}/zookeeper_limits", limits)
        await zk.create(f"{quota}/zookeeper_stats", b"count=1,bytes=0")
        await zk.create(f"{home}/one")
        with pytest.raises(zkwire.QuotaExceeded):
            await zk.create(f"{home}/two")
        with pytest.raises(zkwire.QuotaExceeded):
            await zk.set(home, bytes(11))
        with pytest.raises(zkwire.QuotaExceeded) as caught:
            await zk.multi([SetData(home, bytes(11))])
        assert caught.value.index == 0


async def test_a_server_alone_has_no_configuration_to_change(zookeeper):
    async with at_home(zookeeper) as (zk, _):
        assert (await zk.get_config())[0] == b""
        with pytest.raises(zkwire.Unimplemented):
            await zk.reconfig(leaving=["1"])


# --- ensembles --------------------------------------------------------------------------------


async def test_the_configuration_can_be_read_by_all_and_changed_by_few(zookeeper_ensemble):
    async with at_home(zookeeper_ensemble) as (zk, _):
        config, stat = await zk.get_config()
        *members, version = config.decode().splitlines()
        assert [line.partition("=")[0] for line in members] == [f"server.{n}" for n in (1, 2, 3)]
        assert version.startswith("version=")
        assert stat.data_length == len(config)
        with pytest.raises(zkwire.NoAuth):
            await zk.reconfig(leaving=["3"])


async def test_an_ensemble_is_changed():
    with start_zookeeper(
        3,
        system_properties={"zookeeper.DigestAuthenticationProvider.superDigest": digest_of(SUPER)},
    ) as ensemble:
        async with connect(ensemble, auth=[("digest", SUPER)]) as zk:
            config, stat = await zk.get_config()
            lines = config.decode().splitlines()
            _, _, watch = await zk.get_and_watch(CONFIG)
            leader = ensemble.leader().id
            gone = next(number for number in (2, 3) if number != leader)

            with pytest.raises(zkwire.BadVersion):
                await zk.reconfig(leaving=[str(gone)], from_config=2**40)
            with pytest.raises(zkwire.BadArguments):
                await zk.reconfig(joining=["nonsense"])
            assert watch.event is None

            smaller, after = await zk.reconfig(leaving=[str(gone)])
            left = [line for line in lines[:-1] if not line.startswith(f"server.{gone}=")]
            assert smaller.decode().splitlines()[:-1] == left
            assert after.mzxid > stat.mzxid
            with trio.fail_after(10):
                event = await watch.wait()
            assert event[:2] == (EventType.NODE_DATA_CHANGED, CONFIG)
            assert (await zk.get_config())[0] == smaller

            version = int(smaller.decode().splitlines()[-1].removeprefix("version="), 16)
            nobody = [f"server.{n}=127.0.0.1:{n}:{n + 3}:participant;{n + 6}" for n in (7, 8)]
            with pytest.raises(zkwire.NewConfigNoQuorum):
                await zk.reconfig(new_members=nobody)
            whole, _ = await zk.reconfig(new_members=lines[:-1], from_config=version)
            assert whole.decode().splitlines()[:-1] == lines[:-1]


async def test_a_member_without_its_majority_serves_reads_to_those_who_agree():
    with start_zookeeper(
        3,
        config={"localSessionsEnabled": True, "localSessionsUpgradingEnabled": True},
        system_properties={"readonlymode.enabled": "true"},
    ) as ensemble:
        async with connect(ensemble, read_only=True) as zk:
            assert not zk.session.read_only
            path = await zk.create("/n", b"data")
            await zk.sync(path)
        for member in ensemble.members[1:]:
            member.kill()
        with trio.fail_after(30):
            while not await _is_read_only(ensemble):  # noqa: ASYNC110  # has no event to await
                await trio.sleep(0.1)  # it has not noticed yet, or still holds an election
            await _assert_serves_reads_only(ensemble, path)
        with pytest.raises(zkwire.ServerUnusable):
            async with connect(ensemble):
                pytest.fail("opened")


async def _is_read_only(ensemble) -> bool:
    try:
        async with connect(ensemble, read_only=True) as zk:
            zk.detach()
            return zk.session.read_only
    except (zkwire.ServerUnusable, zkwire.ConnectionLost, OSError):
        return False


async def _assert_serves_reads_only(ensemble, path: str) -> None:
    async with connect(ensemble, read_only=True) as zk:
        assert zk.session.read_only
        assert (await zk.get(path))[0] == b"data"
        assert await zk.exists("/none") is None
        assert "n" in await zk.get_children("/")
        assert await zk.whoami() == [Identity("ip", "127.0.0.1")]
        assert (await zk.multi_read([GetData(path)]))[0][0] == b"data"
        for refused in (
            zk.create("/m"),
            zk.delete(path),
            zk.set(path, b""),
            zk.set_acl(path, [Acl(31, WORLD)]),
            zk.multi([Check(path)]),
            zk.sync(path),
        ):
            with pytest.raises(zkwire.NotReadOnly):
                await refused
        async with zk.watch(path):
            assert zk.is_alive
