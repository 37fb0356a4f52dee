"""Steps that the regression tests share: a coordinator and others beside it, all in memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import trio

import zkwire
from coordinator import Coordinator, LeaseLost, State, Transition, Transitions, open_coordinator
from scripted_server import Tap
from server_frames import frames_of


def coordinate(
    there: Any, session_timeout: float = 6.0, **options: Any
) -> AbstractAsyncContextManager[Coordinator]:
    """A coordinator of an ensemble in memory, or of the faults in front of one."""
    given = {"dial": there.dial, **options}
    return open_coordinator(there.servers, "/", session_timeout, **given)


def look_into(ensemble: Any, **options: Any) -> AbstractAsyncContextManager[zkwire.Connection]:
    """Somebody else, with a session of their own, whose connection nothing happens to."""
    host, port = ensemble.servers[0].rsplit(":", 1)
    given = {"session_timeout": 40.0, **options}
    return zkwire.open_connection(host, int(port), dial=ensemble.dial, **given)


async def told_of(transitions: Transitions, state: State) -> tuple[Transition, list[State]]:
    """Follow transitions up to a state: the one to it, and all states on the way, with it."""
    seen = []
    while True:
        transition = await anext(transitions)
        seen.append(transition.state)
        if transition.state is state:
            return transition, seen


async def hold_until_lost(
    coord: Coordinator, path: str, *, task_status: Any = trio.TASK_STATUS_IGNORED, **options: Any
) -> None:
    """Hold a lock for as long as it lasts (a task); its handle is the start's value."""
    with suppress(LeaseLost):
        async with coord.lock(path, **options) as held:
            task_status.started(held)
            await trio.sleep_forever()


@asynccontextmanager
async def holding(coord: Coordinator, path: str) -> AsyncGenerator[Callable[[], None]]:
    """A lock that another task holds, until the value is called or the block is left."""
    async with trio.open_nursery() as nursery:
        scope = trio.CancelScope()

        async def hold(*, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
            with scope:
                await hold_until_lost(coord, path, task_status=task_status)

        await nursery.start(hold)
        yield scope.cancel
        scope.cancel()


class Tapped:
    """A way to an ensemble that keeps what is written, connection by connection."""

    def __init__(self, ensemble: Any) -> None:
        self.servers = ensemble.servers
        self.taps: list[Tap] = []
        self._dial = ensemble.dial

    async def dial(self, host: str, port: int) -> trio.abc.Stream:
        tap = Tap(await self._dial(host, port))
        self.taps.append(tap)
        return tap

    def opcodes(self, connection: int) -> list[int]:
        """The opcodes of what a connection was used for, behind the handshake."""
        frames = frames_of(b"".join(self.taps[connection].writes))[1:]
        return [int.from_bytes(frame[4:8], "big", signed=True) for frame in frames]
