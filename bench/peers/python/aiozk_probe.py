"""As a program: sessions of aiozk, and what it tells; see ``_events``.

Its user learns of changes by waiting for a state.  Its LOST means that the session is given
up for a new one: since a server said that it has expired, or since the handshake of a new
connection failed.  Where that handshake takes too long the session is given up without LOST.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiozk import ZKClient, exc
from aiozk.states import States

from bench.peers.python import _events
from bench.peers.python._events import Watched, emit

STATES = (States.CONNECTED, States.SUSPENDED, States.READ_ONLY, States.LOST)


async def keep(watched: Watched, index: int) -> None:
    await asyncio.sleep(watched.delay(index))
    client = ZKClient(",".join(watched.servers), session_timeout=watched.timeout)
    session, told, tasks = client.session, States.LOST, set[asyncio.Task[None]]()
    known = None
    # It returns once connected, so that is waited for beside it.
    tasks.add(asyncio.create_task(client.start()))
    while True:
        others = [state for state in STATES if state != told]
        future = session.state.wait_for(*others)
        await future
        for state in others:
            with suppress(KeyError):
                session.state.remove_waiting(future, state)
        told = session.state.current_state
        if told == States.CONNECTED:
            to = f"{session.conn.host}:{session.conn.port}"
            emit(index, _events.CONNECTED, id=_events.hexadecimal(session.session_id), to=to)
            tasks.add(asyncio.create_task(ask(client, watched, index)))
            if session.session_id != known:
                known = session.session_id
                tasks.add(asyncio.create_task(make_node(client, watched, index, known)))
        elif told == States.SUSPENDED:
            emit(index, _events.SUSPENDED, raw=told)
        elif told == States.LOST:
            emit(index, _events.EXPIRED, raw=told)
        tasks = {task for task in tasks if not task.done()}


async def ask(client: ZKClient, watched: Watched, index: int) -> None:
    with suppress(exc.ZKError):
        await client.exists(watched.path)
        emit(index, _events.ANSWERED)


async def make_node(client: ZKClient, watched: Watched, index: int, session: int) -> None:
    """Make the ephemeral node, for as long as the session is the one that it is for."""
    node = watched.node(index)
    while client.session.session_id == session:
        try:
            await client.create(node, ephemeral=True)
        except exc.NodeExists:
            _, stat = await client.get(node)
            if stat.ephemeral_owner != session:
                await asyncio.sleep(_events.IN_THE_WAY)
                continue
        except exc.ZKError:
            await asyncio.sleep(_events.IN_THE_WAY)
            continue
        emit(index, _events.EPHEMERAL)
        return


async def keep_all(watched: Watched) -> None:
    async with asyncio.TaskGroup() as group:
        for index in range(watched.sessions):
            group.create_task(keep(watched, index))


if __name__ == "__main__":
    _events.main("aiozk", "aiozk", lambda watched: asyncio.run(keep_all(watched)))
