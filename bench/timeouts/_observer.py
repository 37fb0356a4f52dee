"""The servers' own view: when the nodes of sessions go, seen on members that do not suffer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import trio

import coordinator
import zkwire

PATIENCE = 30.0
"""Seconds, the observers' own session timeout: they must outlive what they observe."""
AGAIN = 0.05
BEGIN = 30.0
"""Seconds for them to have seen what there is."""


class Sightings:
    """What the observers saw.

    Attributes:
        gone: By session id, when the first of them saw that its node was gone, by
            ``trio.current_time``.
        held: The ids of the sessions whose nodes were seen.
    """

    def __init__(self) -> None:
        self.gone: dict[str, float] = {}
        self.held: set[str] = set()

    def note_held(self, owner: str) -> None:
        self.held.add(owner)

    def note_gone(self, owner: str) -> None:
        # In one process: the clock's readings need no comparing, the first one is the least.
        self.gone.setdefault(owner, trio.current_time())


@asynccontextmanager
async def open_observers(servers: Sequence[str], home: str) -> AsyncGenerator[Sightings]:
    """Watch every ephemeral node two levels below ``home`` from each of these servers.

    Entering is a checkpoint, and waits until each observer has seen what there is; cancelled,
    nothing stays.  Leaving ends the observers.

    Raises:
        trio.TooSlowError: An observer has seen nothing within 30 seconds.
    """
    sightings = Sightings()
    async with trio.open_nursery() as nursery:
        begun = [trio.Event() for _ in servers]
        for server, event in zip(servers, begun, strict=True):
            nursery.start_soon(_Observer(server, home, sightings, event).observe)
        with trio.fail_after(BEGIN):
            for event in begun:
                await event.wait()
        yield sightings
        nursery.cancel_scope.cancel()


class _Observer:
    """One, with a session of its own."""

    def __init__(self, server: str, home: str, sightings: Sightings, begun: trio.Event) -> None:
        self._server = server
        self._home = home
        self._sightings = sightings
        self._begun = begun
        self._owners: dict[str, str] = {}

    async def observe(self) -> None:
        opened = coordinator.open_coordinator([self._server], self._home, PATIENCE)
        async with opened as coord:
            while True:
                try:
                    async with coord.watch("/", recursive=True) as stream:
                        await coord.sync("/")
                        await self._read_all(coord)
                        self._begun.set()
                        async for item in stream:
                            if isinstance(item, zkwire.WatchGap):
                                await self._read_all(coord)
                            elif item.type is zkwire.EventType.NODE_DELETED:
                                self._lacks(item.path)
                            elif item.type is zkwire.EventType.NODE_CREATED:
                                await self._read(coord, item.path)
                except (zkwire.ConnectionLost, zkwire.ReplyError):
                    await trio.sleep(AGAIN)  # set anew; what went meanwhile is found by reading

    async def _read_all(self, coord: coordinator.Coordinator) -> None:
        found: list[str] = []
        for name in await coord.get_children("/"):
            found += [f"/{name}/{child}" for child in await coord.get_children(f"/{name}")]
        for path in self._owners.keys() - set(found):
            self._lacks(path)
        for path in found:
            await self._read(coord, path)

    async def _read(self, coord: coordinator.Coordinator, path: str) -> None:
        stat = await coord.exists(path)
        if stat is None:
            self._lacks(path)
        elif stat.ephemeral_owner:
            owner = f"0x{stat.ephemeral_owner & (2**64 - 1):x}"
            if self._owners.get(path, owner) != owner:
                self._lacks(path)
            self._owners[path] = owner
            self._sightings.note_held(owner)

    def _lacks(self, path: str) -> None:
        if (owner := self._owners.pop(path, None)) is not None:
            self._sightings.note_gone(owner)
