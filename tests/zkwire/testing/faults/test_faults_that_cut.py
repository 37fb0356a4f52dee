"""Faults that end connections, or do not let them begin: in memory, and over TCP."""

from __future__ import annotations

from contextlib import suppress

import pytest
import trio
import trio.testing

from fault_rig import exactly, memory_rig, silent, tcp_rig, until_end

both_kinds = pytest.mark.parametrize("rigged", [memory_rig, tcp_rig], ids=["memory", "tcp"])


async def talking(rig, member: int = 0) -> tuple[trio.abc.Stream, trio.abc.Stream]:
    """A connection that the proxy has on both sides: TCP's far end is there before."""
    client, server = await rig.pair(member)
    await client.send_all(b"q")
    await server.send_all(await exactly(server, 1))
    assert await exactly(client, 1) == b"q"
    return client, server


async def works(rig, member: int = 0) -> bool:
    client, server = await talking(rig, member)
    await client.aclose()
    return await until_end(server) == b""


async def is_reset(stream: trio.abc.Stream) -> None:
    with pytest.raises(trio.BrokenResourceError):
        await stream.receive_some()


@both_kinds
async def test_reset_peer(rigged):
    async with rigged() as rig:
        client, server = await talking(rig)
        async with rig.faults.reset_peer():
            await is_reset(client)
            await is_reset(server)
            later = await rig.connect()
            await is_reset(later)
        assert await works(rig)


@both_kinds
async def test_down(rigged):
    async with rigged() as rig:
        client, server = await talking(rig)
        servers = rig.faults.servers
        async with rig.faults.down():
            await is_reset(client)
            await is_reset(server)
            for _ in range(3):
                with pytest.raises(OSError, match=r"down|failed"):
                    await rig.connect()
        assert rig.faults.servers == servers
        assert await works(rig)
        seen = rig.faults.members[0].statistics
        assert (seen.accepted, seen.refused) == (2, 3)
        assert [each.accepted for each in seen.attempts] == [True, False, False, False, True]


@both_kinds
async def test_down_lasts_until_the_last_exit(rigged):
    async with rigged() as rig:
        async with rig.faults.down():
            async with rig.faults.members[0].down():
                pass
            with pytest.raises(OSError, match=r"down|failed"):
                await rig.connect()
        assert await works(rig)


@both_kinds
async def test_down_of_one_of_two(rigged):
    async with rigged(2) as rig, rig.faults.members[0].down():
        with pytest.raises(OSError, match=r"down|failed"):
            await rig.connect(0)
        assert await works(rig, 1)


@both_kinds
async def test_a_server_that_is_gone_is_no_connection_through_the_proxy(rigged):
    async with rigged() as rig:
        client, server = await rig.pair()
        await trio.aclose_forcefully(server)
        with suppress(trio.BrokenResourceError):
            assert await until_end(client) == b""


@both_kinds
@pytest.mark.parametrize("nbytes", [0, 1, 5])
async def test_limit_data(rigged, nbytes):
    async with rigged() as rig:
        client, server = await rig.pair()
        await server.send_all(b"before")
        assert await exactly(client, 6) == b"before"
        async with rig.faults.limit_data(nbytes):
            with suppress(trio.BrokenResourceError):  # it may be cut before all is taken
                await server.send_all(b"0123456789")
            assert await until_end(client) == b"0123456789"[:nbytes]
            new_client, new_server = await rig.pair()
            with suppress(trio.BrokenResourceError):
                await new_server.send_all(b"0123456789")
            assert await until_end(new_client) == b"0123456789"[:nbytes]
        assert await works(rig)


@both_kinds
async def test_limit_data_upstream_delivers_every_byte_before_the_end(rigged):
    async with rigged() as rig, rig.faults.limit_data(4, direction="upstream"):
        client, server = await rig.pair()
        await server.send_all(b"unlimited")
        assert await exactly(client, 9) == b"unlimited"
        await client.send_all(b"abcdef")
        assert await until_end(server) == b"abcd"


@both_kinds
async def test_accept_then_close(rigged):
    async with rigged() as rig:
        client, server = await rig.pair()
        async with rig.faults.accept_then_close():
            assert await until_end(await rig.connect()) == b""
            await client.send_all(b"q")
            assert await exactly(server, 1) == b"q"
        assert await works(rig)
        assert rig.faults.members[0].statistics.accepted == 3


@both_kinds
async def test_half_open_with_the_server_gone(rigged):
    async with rigged() as rig:
        client, server = await rig.pair()
        async with rig.faults.half_open():
            assert await until_end(server) == b""
            await client.send_all(b"anybody?")
            new = await rig.connect()
            await new.send_all(b"anybody?")
            with pytest.raises(trio.WouldBlock):
                rig.accepted.receive_nowait()
            assert rig.faults.members[0].statistics.bytes_upstream == 0
        await is_reset(client)
        await is_reset(new)
        assert await works(rig)


async def test_a_half_open_connection_is_silent(autojump_clock):
    async with memory_rig() as rig:
        client, _ = await rig.pair()
        async with rig.faults.half_open():
            assert await silent(client, 1e6)
        await is_reset(client)


@both_kinds
async def test_half_open_with_the_client_gone(rigged):
    async with rigged() as rig:
        client, server = await rig.pair()
        async with rig.faults.half_open(direction="downstream"):
            assert await until_end(client) == b""
            await server.send_all(b"anybody?")
            new, new_server = await rig.pair()
            assert await until_end(new) == b""
            await new_server.send_all(b"anybody?")
            assert rig.faults.members[0].statistics.open == 2
        await is_reset(server)
        await is_reset(new_server)


@both_kinds
async def test_a_reset_is_passed_on(rigged):
    async with rigged(2) as rig:
        client, server = await talking(rig)
        async with rig.faults.members[0].reset_peer():
            await is_reset(client)
            await is_reset(server)
        other, other_server = await rig.pair(1)
        await other.aclose()
        assert await until_end(other_server) == b""
