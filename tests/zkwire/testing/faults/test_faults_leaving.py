"""What the proxies have counted, and what is left when they are gone, or a fault is."""

from __future__ import annotations

from contextlib import suppress

import pytest
import trio

from fault_rig import exactly, memory_rig, tcp_rig, until_end

both_kinds = pytest.mark.parametrize("rigged", [memory_rig, tcp_rig], ids=["memory", "tcp"])


@both_kinds
async def test_statistics(rigged):
    async with rigged() as rig:
        before = trio.current_time()
        client, server = await rig.pair()
        await client.send_all(b"123")
        await exactly(server, 3)
        await server.send_all(b"12345")
        await exactly(client, 5)
        seen = rig.faults.members[0].statistics
        assert (seen.open, seen.bytes_upstream, seen.bytes_downstream) == (1, 3, 5)
        assert before <= seen.attempts[0].time <= trio.current_time()
        await client.aclose()
        await server.aclose()
        assert seen.open == 1


@both_kinds
async def test_leaving_ends_what_is_open(rigged):
    async with rigged() as rig:
        client, _ = await rig.pair()
        frozen = rig.faults.timeout()
        await frozen.__aenter__()
        await client.send_all(b"stuck")
        proxy = rig.faults.members[0]
        assert proxy.statistics.open == 1
    assert proxy.statistics.open == 0
    with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        assert await until_end(client) == b""
    await frozen.__aexit__(None, None, None)


async def test_what_the_block_raises_comes_out_as_it_is():
    async def fail() -> None:
        async with memory_rig() as rig, rig.faults.latency(1):
            await rig.pair()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()


async def test_cancelled_on_entry_nothing_is_wrong():
    async with memory_rig() as rig:
        faults = rig.faults
        for fault in (faults.latency(1), faults.timeout(), faults.down(), faults.half_open()):
            with trio.CancelScope() as scope:
                scope.cancel()
                async with fault:
                    raise AssertionError
        client, server = await rig.pair()
        await client.send_all(b"q")
        assert await exactly(server, 1) == b"q"
