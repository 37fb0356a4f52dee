"""A coordinator in memory whose watches, sessions and connections a test plays with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

import zkwire
from coordinator import State, open_coordinator
from zkwire import WatchEvent
from zkwire.testing import open_faults, open_memory_zookeeper


class Rig:
    """A coordinator, its server in memory, and a second client of that."""

    def __init__(self, ensemble, faults, coordinator, other):
        self.ensemble, self.faults = ensemble, faults
        self.coordinator, self.other = coordinator, other

    async def watches_on_server(self) -> int:
        member = self.ensemble.members[0]
        words = (await self.ensemble.four_letter_word(member, "mntr")).split()
        return int(words[words.index("zk_watch_count") + 1])

    async def expire(self) -> None:
        """End the session, and wait for the next."""
        transitions = self.coordinator.transitions()
        await self.ensemble.expire(self.coordinator.session.id)
        async for transition in transitions:
            if transition.state is State.CONNECTED:
                return

    @asynccontextmanager
    async def away(self):
        transitions = self.coordinator.transitions()
        async with self.faults.down():
            assert (await anext(transitions)).state is State.SUSPENDED
            yield
        assert (await anext(transitions)).state is State.CONNECTED


@asynccontextmanager
async def watching() -> AsyncGenerator[Rig]:
    """A rig whose coordinator is connected."""
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        open_coordinator(faults.servers, "/app", dial=faults.dial) as coordinator,
        zkwire.open_connection_over(ensemble.members[0].connect()) as other,
    ):
        await coordinator.wait_connected()
        yield Rig(ensemble, faults, coordinator, other)


def short(item):
    return item[:2] if isinstance(item, WatchEvent) else item


async def taken(stream, count: int) -> list:
    with trio.fail_after(60):
        return [short(await anext(stream)) for _ in range(count)]


async def settled(rig) -> int:
    await rig.coordinator.sync("/")
    return await rig.watches_on_server()
