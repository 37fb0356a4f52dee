"""An observer on the side of the majority, who tells when nodes are gone."""

from __future__ import annotations

from collections.abc import Callable, Collection

import trio

import coordinator
import zkwire

PATIENCE = 20.0
"""Seconds, the observer's own session timeout: it must outlive what it observes."""


async def look_out(
    server: str,
    home: str,
    paths: Collection[str],
    gone: Callable[[str], None],
    *,
    tick: float,
    ready: trio.Event,
) -> None:
    """Watch nodes until cancelled, and call ``gone`` as soon as one is seen to be.

    ``ready`` is set once every node has been seen, so that none is taken for gone which
    has not come yet.
    """
    async with coordinator.open_coordinator([server], home, PATIENCE, tick_time=tick) as coord:
        seen: set[str] = set()

        async def read(path: str) -> None:
            if await coord.exists(path) is not None:
                seen.add(path)
            elif path in seen:
                gone(path)

        async def read_all() -> None:
            async with trio.open_nursery() as nursery:
                for path in paths:
                    nursery.start_soon(read, path)

        while True:
            try:
                async with coord.watch("/", recursive=True) as stream:
                    await coord.sync("/")
                    await read_all()
                    if not ready.is_set():
                        if missing := set(paths) - seen:
                            raise RuntimeError(f"{len(missing)} nodes are not there")
                        ready.set()
                    async for item in stream:
                        if isinstance(item, zkwire.WatchGap):
                            await read_all()
                        elif item.type is zkwire.EventType.NODE_DELETED and item.path in seen:
                            gone(item.path)
            except (zkwire.ConnectionLost, zkwire.SessionExpired):
                pass  # set it anew; what went meanwhile is found by reading
