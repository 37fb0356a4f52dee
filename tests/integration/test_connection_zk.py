"""Every operation of a connection against a real server."""

from __future__ import annotations

import pytest
import trio

import zkwire
from real_server import at_home, connect
from zkwire import CreateMode

pytestmark = pytest.mark.zk

READ_BY_ALL = zkwire.Acl(zkwire.Perms.READ, zkwire.Identity("world", "anyone"))
FRAME_LIMIT = 1_048_575  # jute.maxbuffer, as servers have it unless told otherwise


# --- create -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["create", "create2"])
@pytest.mark.parametrize("mode", CreateMode)
async def test_every_mode_makes_its_kind_of_node(mode, method, zookeeper):
    async with at_home(zookeeper) as (zk, home):
        ttl = 60.0 if mode.has_ttl else None
        made = await getattr(zk, method)(f"{home}/n", b"data", mode, ttl=ttl)
        path = made if method == "create" else made[0]
        assert path == (f"{home}/n0000000000" if mode.is_sequential else f"{home}/n")
        data, stat = await zk.get(path)
        assert data == b"data"
        assert stat.ephemeral_owner == (zk.session.credentials.id if mode.is_ephemeral else 0)
        if method == "create2":
            assert made[1] == stat
        if mode.is_ephemeral:
            with pytest.raises(zkwire.NoChildrenForEphemerals):
                await zk.create(f"{path}/child")
        else:
            await zk.create(f"{path}/child")


async def test_sequential_names_count_up_and_may_be_the_number_alone(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        made = [await zk.create(f"{home}/", mode=CreateMode.PERSISTENT_SEQUENTIAL) for _ in "abc"]
        assert made == [f"{home}/{number:010}" for number in range(3)]


async def test_a_ttl_node_goes_when_its_time_has_passed_but_not_the_longest(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        path = f"{home}/n"
        await zk.create(path, mode=CreateMode.PERSISTENT_WITH_TTL, ttl=(2**40 - 1) / 1000)
        assert await zk.exists(path) is not None
        with pytest.raises(zkwire.InvalidArgument):
            await zk.create(f"{home}/m", mode=CreateMode.PERSISTENT_WITH_TTL, ttl=2**40 / 1000)


# --- data -------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [None, b"", b"\0", b"data" * 1000])
async def test_null_empty_and_full_data_come_back_as_they_went(data, zookeeper):
    async with at_home(zookeeper) as (zk, home):
        await zk.create(f"{home}/n", data)
        got, stat = await zk.get(f"{home}/n")
        assert got == data
        assert stat.data_length == len(data or b"")
        await zk.set(f"{home}/n", b"other")
        stat = await zk.set(f"{home}/n", data)
        assert (await zk.get(f"{home}/n")) == (data, stat)
        assert stat.version == 2


async def test_the_longest_frame_is_accepted_and_one_byte_more_refused_here(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        path = f"{home}/n"
        await zk.create(path)
        data = bytes(FRAME_LIMIT - (8 + 4 + len(path) + 4 + 4))
        await zk.set(path, data)
        got, _ = await zk.get(path)  # its reply is longer than the limit
        assert got == data
        with pytest.raises(zkwire.InvalidArgument, match="1048576 bytes, where servers accept"):
            await zk.set(path, data + b"x")
        assert await zk.exists(path) is not None
    async with connect(zookeeper, max_outbound_frame=FRAME_LIMIT + 1) as zk:
        # That the check is worth having: the server closes without a word.
        with pytest.raises(zkwire.ConnectionLost) as caught:
            await zk.set(path, data + b"x")
        assert caught.value.outcome is zkwire.Outcome.UNKNOWN


# --- reading ----------------------------------------------------------------------------------


async def test_exists_get_and_children_agree(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        names = ["a", "ü-ümläut", "日本語", "with space"]
        for name in names:
            await zk.create(f"{home}/{name}", name.encode())
        assert sorted(await zk.get_children(home)) == sorted(names)
        children, stat = await zk.get_children2(home)
        assert sorted(children) == sorted(names)
        assert stat == await zk.exists(home)
        assert stat.num_children == 4
        for name in names:
            data, stat = await zk.get(f"{home}/{name}")
            assert data == name.encode()
            assert stat == await zk.exists(f"{home}/{name}")
        assert await zk.get_children(f"{home}/a") == []
        assert await zk.exists(f"{home}/none") is None


async def test_sync_lets_another_members_write_be_read(zookeeper_ensemble):
    async with (
        at_home(zookeeper_ensemble, member=0) as (writer, home),
        connect(zookeeper_ensemble, member=1) as reader,
    ):
        for number in range(20):
            await writer.create(f"{home}/{number}")
            await reader.sync(home)
            assert await reader.exists(f"{home}/{number}") is not None


async def test_a_thousand_at_once_come_back_each_to_its_own(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        done = []

        async def read(number):
            path = f"{home}/{number}"
            data, stat = await zk.get(path)
            assert data == str(number).encode()
            done.append((zk.last_zxid, number))
            assert stat.version == 0

        async with trio.open_nursery() as nursery:
            for number in range(1000):
                nursery.start_soon(zk.create, f"{home}/{number}", str(number).encode())
        async with trio.open_nursery() as nursery:
            for number in range(1000):
                nursery.start_soon(read, number)
        assert sorted(number for _, number in done) == list(range(1000))


async def test_replies_keep_the_order_of_the_calls(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        await zk.create(f"{home}/n")
        versions = {}

        async def write(number):
            versions[number] = (await zk.set(f"{home}/n", b"%d" % number)).version

        async with trio.open_nursery() as nursery:
            for number in range(200):
                nursery.start_soon(write, number)
                await trio.lowlevel.checkpoint()
        assert versions == {number: number + 1 for number in range(200)}


async def test_a_server_takes_request_numbers_through_their_wrap(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        zk._protocol._next_xid = 2**31 - 3  # years of requests away by itself
        async with trio.open_nursery() as nursery:
            for number in range(20):
                nursery.start_soon(zk.create, f"{home}/{number}")
        assert len(await zk.get_children(home)) == 20


# --- refusals ---------------------------------------------------------------------------------


async def test_versions_are_asserted(zookeeper):
    async with at_home(zookeeper) as (zk, home):
        path = f"{home}/n"
        await zk.create(path)
        assert (await zk.set(path, b"1", version=0)).version == 1
        with pytest.raises(zkwire.BadVersion, match=path):
            await zk.set(path, b"2", version=0)
        with pytest.raises(zkwire.BadVersion):
            await zk.delete(path, version=0)
        with pytest.raises(zkwire.BadVersion):
            await zk.set(path, b"2", version=2**31 - 1)
        await zk.delete(path, version=1)
        assert await zk.exists(path) is None


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (zkwire.NoNode, lambda zk, home: zk.get(f"{home}/none")),
        (zkwire.NoNode, lambda zk, home: zk.set(f"{home}/none", b"")),
        (zkwire.NoNode, lambda zk, home: zk.delete(f"{home}/none")),
        (zkwire.NoNode, lambda zk, home: zk.get_children(f"{home}/none")),
        (zkwire.NoNode, lambda zk, home: zk.get_children2(f"{home}/none")),
        (zkwire.NoNode, lambda zk, home: zk.create(f"{home}/none/n")),
        (zkwire.NoNode, lambda zk, home: zk.get_and_watch(f"{home}/none")),
        (zkwire.NodeExists, lambda zk, home: zk.create(home)),
        (zkwire.NotEmpty, lambda zk, home: zk.delete(home)),
        (zkwire.BadArguments, lambda zk, home: zk.delete("/")),
        (zkwire.NoAuth, lambda zk, home: zk.set(f"{home}/fixed", b"")),
        (zkwire.NoAuth, lambda zk, home: zk.create(f"{home}/fixed/n")),
        (
            zkwire.InvalidAcl,
            lambda zk, home: zk.create(
                f"{home}/n", acl=[zkwire.Acl(31, zkwire.Identity("no-such-scheme", "x"))]
            ),
        ),
    ],
)
async def test_a_refusal_is_an_exception_of_its_kind_and_harms_nothing_else(error, call, zookeeper):
    async with at_home(zookeeper) as (zk, home):
        await zk.create(f"{home}/fixed", acl=[READ_BY_ALL])
        with pytest.raises(error) as caught:
            await call(zk, home)
        assert type(caught.value) is error
        assert caught.value.outcome is zkwire.Outcome.REFUSED
        assert await zk.get_children(home) == ["fixed"]
