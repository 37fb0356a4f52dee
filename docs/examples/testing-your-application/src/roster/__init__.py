"""Who is on duty: every worker keeps a node in ZooKeeper for as long as it lives."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import trio

import zkwire
from coordinator import Coordinator, Session, open_coordinator


def open_roster(
    servers: list[str], root_path: str = "/on-duty", *, dial: zkwire.Dial | None = None
) -> AbstractAsyncContextManager[Coordinator]:
    """Reach the roster; a test passes the ``dial`` of its servers in memory, or of its faults."""
    return open_coordinator(servers, root_path, session_timeout=10.0, dial=dial)


async def stay_on_duty(roster: Coordinator, worker: str) -> None:
    """Keep a worker listed until the roster is left, in one session after another."""
    async for session in roster.sessions():
        async with session.scope():  # cancelled when the session is lost or expires
            await _list(session, worker)
            await trio.sleep_forever()


async def wait_until_on_duty(roster: Coordinator, workers: set[str]) -> None:
    """Wait until these workers are on duty, and nobody else."""
    while True:
        names, _, watch = await roster.get_children_and_watch("/")
        if set(names) == workers:
            return
        await watch.wait()


async def _list(session: Session, worker: str) -> None:
    while True:
        try:
            await session.create(f"/{worker}", mode=zkwire.CreateMode.EPHEMERAL)
        except zkwire.ConnectionLost:
            continue  # it may have been made: the next attempt finds out
        except zkwire.NodeExists:
            stat, watch = await session.exists_and_watch(f"/{worker}")
            if stat is not None and stat.ephemeral_owner != session.id:
                await watch.wait()  # of an earlier life, whose session has yet to expire
            elif stat is not None:
                return  # ours: the server made it, and its answer was lost
        else:
            return
