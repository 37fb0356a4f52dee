"""Faults that hold back, on the virtual clock, where a moment is exact."""

from __future__ import annotations

import pytest
import trio

from fault_rig import exactly, memory_rig, send_all_it_takes, silent, until_end

BOUND = 512 * 1024  # several buffers of 64 KiB on the way, and no more


async def moment(stream: trio.abc.Stream, count: int = 1) -> float:
    await exactly(stream, count)
    return trio.current_time()


async def test_without_a_fault_bytes_and_ends_pass_at_once(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        await client.send_all(b"question")
        assert await exactly(server, 8) == b"question"
        await server.send_all(b"answer")
        await server.send_eof()
        assert await until_end(client) == b"answer"
        assert trio.current_time() == 0


async def test_latency_each_way(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        async with rig.faults.latency(2.0):
            await client.send_all(b"q")
            assert await moment(server) == 2
            await server.send_all(b"a")
            assert await moment(client) == 4
        await client.send_all(b"q")
        assert await moment(server) == 4


@pytest.mark.parametrize("direction", ["upstream", "downstream"])
async def test_latency_one_way(autojump_clock, direction):
    async with memory_rig() as rig, rig.faults.latency(2.0, direction=direction):
        client, server = await rig.pair()
        await client.send_all(b"q")
        assert await moment(server) == (2 if direction == "upstream" else 0)
        await server.send_all(b"a")
        assert await moment(client) == 2


async def test_latency_does_not_cost_bandwidth(autojump_clock):
    async with memory_rig() as rig, rig.faults.latency(1.0):
        client, server = await rig.pair()
        for _ in range(100):
            await client.send_all(b"q")
            await trio.sleep(0.001)
        assert await moment(server, 100) == pytest.approx(1.099)


async def test_latencies_add_up_and_what_one_held_back_goes_at_its_exit(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        async with rig.faults.latency(1.0), rig.faults.members[0].latency(2.0):
            await client.send_all(b"q")
            assert await moment(server) == 3
        async with rig.faults.latency(3600):
            await client.send_all(b"q")
            await trio.sleep(1)
        assert await moment(server) == 4


async def test_jitter_is_within_its_bounds_in_order_and_the_same_in_every_run(autojump_clock):
    async def run() -> list[float]:
        began, found = trio.current_time(), []
        async with memory_rig() as rig, rig.faults.latency(1.0, jitter=0.5):
            client, server = await rig.pair()
            for number in range(20):
                sent = trio.current_time()
                await client.send_all(bytes([number]))
                assert await exactly(server, 1) == bytes([number])
                found.append(trio.current_time() - sent)
        assert trio.current_time() > began
        return found

    delays = await run()
    assert all(0.5 <= delay <= 1.5 for delay in delays)
    assert max(delays) - min(delays) > 0.2
    assert await run() == pytest.approx(delays)


async def test_bandwidth(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        async with rig.faults.bandwidth(100, direction="upstream"):
            await client.send_all(bytes(1000))
            await server.send_all(bytes(1000))
            assert await moment(client, 1000) == 0
            assert await moment(server, 500) == pytest.approx(5)
            assert await moment(server, 500) == pytest.approx(10)
        await client.send_all(bytes(1000))
        assert await moment(server, 1000) == pytest.approx(10)


async def test_the_smallest_bandwidth_counts_and_a_sender_waits(autojump_clock):
    async with memory_rig() as rig, rig.faults.bandwidth(5), rig.faults.bandwidth(1):
        client, server = await rig.pair()
        assert await send_all_it_takes(client, 2048) < BOUND
        assert trio.current_time() < 10_000
        await exactly(server, 1)


async def test_slicer(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        async with rig.faults.slicer(3, 0.5):
            await client.send_all(b"abcdefgh")
            pieces = [(await server.receive_some(), trio.current_time()) for _ in range(3)]
        assert pieces == [(b"abc", 0), (b"def", 0.5), (b"gh", 1)]
        await client.send_all(b"abcdefgh")
        assert await server.receive_some() == b"abcdefgh"


async def test_slow_close_delays_the_end_and_nothing_else(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        async with rig.faults.slow_close(30):
            await server.send_all(b"bye")
            await server.aclose()
            assert await exactly(client, 3) == b"bye"
            assert trio.current_time() == 0
            assert await until_end(client) == b""
            assert trio.current_time() == 30


async def test_slow_close_is_over_at_its_exit(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        async with rig.faults.slow_close(30):
            await client.aclose()
            await trio.sleep(1)
        assert await until_end(server) == b""
        assert trio.current_time() == 1


async def test_timeout_holds_everything_and_lets_go_at_its_exit(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        async with rig.faults.timeout():
            await client.send_all(b"q")
            await server.send_all(b"a")
            assert await silent(server, 1e6)
            await server.send_eof()
            assert await silent(client, 1e6)
            late, late_server = await rig.pair()  # connections can be made, and are as silent
            await late.send_all(b"late")
            assert await silent(late_server, 1e6)
        assert await until_end(client) == b"a"
        assert await exactly(server, 1) == b"q"
        assert await exactly(late_server, 4) == b"late"


@pytest.mark.parametrize("direction", ["upstream", "downstream"])
async def test_timeout_one_way(autojump_clock, direction):
    async with memory_rig() as rig, rig.faults.timeout(direction=direction):
        client, server = await rig.pair()
        await client.send_all(b"q")
        await server.send_all(b"a")
        assert await silent(server, 1000) == (direction == "upstream")
        assert await silent(client, 1000) == (direction == "downstream")


async def test_a_frozen_direction_stops_reading(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        async with rig.faults.timeout():
            sent = await send_all_it_takes(client)
            assert 0 < sent < BOUND
        await exactly(server, sent)


async def test_a_server_that_does_not_read_makes_the_client_wait(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        sent = await send_all_it_takes(client)
        assert 0 < sent < BOUND
        await exactly(server, sent)


async def test_faults_compose(autojump_clock):
    async with (
        memory_rig() as rig,
        rig.faults.latency(2.0, direction="upstream"),
        rig.faults.slicer(2, 1.0, direction="upstream"),
        rig.faults.bandwidth(10, direction="downstream"),
    ):
        client, server = await rig.pair()
        await client.send_all(b"abcd")
        assert [await server.receive_some(), trio.current_time()] == [b"ab", 2]
        assert [await server.receive_some(), trio.current_time()] == [b"cd", 3]
        await server.send_all(bytes(20))
        assert await moment(client, 20) == pytest.approx(5)


async def test_a_fault_of_one_proxy_leaves_the_others_alone(autojump_clock):
    async with memory_rig(2) as rig, rig.faults.members[1].latency(5):
        for member, expected in ((0, 0), (1, 5)):
            client, server = await rig.pair(member)
            await client.send_all(b"q")
            assert await moment(server) == expected
