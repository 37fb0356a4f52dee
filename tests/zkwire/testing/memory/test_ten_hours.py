"""Histories of ten hours: what the virtual clock is for."""

from __future__ import annotations

import pytest
import trio

import zkwire
from zkwire import CreateMode, EventType
from zkwire.testing import open_memory_zookeeper

TEN_HOURS = 36_000.0


@pytest.mark.parametrize("session_timeout", [30.0, 40.0])
async def test_an_idle_session_lives_on_its_pings(autojump_clock, session_timeout):
    async with open_memory_zookeeper() as ensemble:
        stream = await ensemble.dial("zk1.invalid", 2181)
        options = {"session_timeout": session_timeout}
        async with zkwire.open_connection_over(stream, **options) as connection:
            await connection.create("/e", b"x", CreateMode.EPHEMERAL)
            created = (await connection.get("/e"))[1].czxid
            begun = trio.current_time()
            await trio.sleep(TEN_HOURS)
            assert trio.current_time() == begun + TEN_HOURS
            data, stat = await connection.get("/e")
            assert (data, stat.ephemeral_owner) == (b"x", connection.session.credentials.id)
            assert stat.czxid == created
            # Pings are no transactions: nothing has happened in all that time.
            after = await connection.create2("/after")
            assert after[1].czxid == created + 1
            counted = await ensemble.four_letter_word(ensemble.members[0], "srvr")
        (received,) = (line for line in counted.splitlines() if line.startswith("Received: "))
        # A ping at least every third of the timeout, and by far not one a second.
        pings = int(received.removeprefix("Received: "))
        assert TEN_HOURS * 3 / session_timeout <= pings < TEN_HOURS
        assert ensemble.sessions == {}


async def test_a_session_that_stops_after_ten_hours_is_missed_within_a_tick(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        streams = [await ensemble.dial(f"zk{n}.invalid", 2181) for n in (1, 2)]
        async with zkwire.open_connection_over(streams[0], session_timeout=30.0) as observer:
            async with zkwire.open_connection_over(streams[1], session_timeout=10.0) as other:
                await other.create("/e", b"x", CreateMode.EPHEMERAL)
                async with observer.watch("/e") as watch:
                    await trio.sleep(TEN_HOURS)
                    other.detach()
                    stopped = trio.current_time()
                    event = await anext(watch)
                assert event.type == EventType.NODE_DELETED
                # Its last ping is up to a sixth of the timeout old, and the expiry on a tick.
                assert 10.0 * 5 / 6 - 1 <= trio.current_time() - stopped <= 10.0 + 2.0 + 1.0
            assert list(ensemble.sessions.values()) == [30.0]


async def test_every_session_of_many_generations_ends(autojump_clock):
    async with open_memory_zookeeper() as ensemble:
        seen = set()
        for generation in range(100):
            stream = await ensemble.dial("zk1.invalid", 2181)
            async with zkwire.open_connection_over(stream, session_timeout=4.0) as connection:
                path = await connection.create("/g-", b"", CreateMode.EPHEMERAL_SEQUENTIAL)
                assert path == f"/g-{generation:010d}"
                seen.add(connection.session.credentials.id)
                connection.detach()
            await trio.sleep(360.0)
        assert len(seen) == 100
        assert ensemble.sessions == {}
        stream = await ensemble.dial("zk1.invalid", 2181)
        async with zkwire.open_connection_over(stream, session_timeout=4.0) as connection:
            assert await connection.get_children("/") == ["zookeeper"]
