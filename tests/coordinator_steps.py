"""Steps that tests of a coordinator share: into a session, through its states, and out of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import trio

import zkwire
from coordinator import Coordinator, Session, State, Transition, Transitions, open_coordinator


async def told(transitions: Transitions, *states: State) -> Transition:
    """Follow transitions until these states have come, in this order; returns the last."""
    transition = None
    for state in states:
        transition = await anext(transitions)
        assert transition.state is state, transition
    assert transition is not None
    return transition


@asynccontextmanager
async def connected(
    servers: list[str], root_path: str = "/app", *, session_timeout: float = 1.0
) -> AsyncGenerator[tuple[Coordinator, Transitions]]:
    """A coordinator that is connected, and its transitions from then on."""
    async with open_coordinator(servers, root_path, session_timeout) as coordinator:
        transitions = coordinator.transitions()
        with trio.fail_after(60):
            await told(transitions, State.CONNECTED)
            yield coordinator, transitions


def observer(address: str, **options: Any) -> AbstractAsyncContextManager[zkwire.Connection]:
    """Somebody else, at a server, with a session of their own."""
    host, port = address.rsplit(":", 1)
    return zkwire.open_connection(host, int(port), **{"session_timeout": 2.0, **options})


async def end_session(address: str, session: Session) -> None:
    """Have the server end a session that is alive, as if its time were over."""
    while True:
        try:
            async with observer(address, credentials=session.credentials):
                pass
        except (zkwire.ServerUnusable, zkwire.ConnectionLost):
            # The session's owner has attached again, and the server closes the older of two.
            await trio.lowlevel.checkpoint()
        except zkwire.SessionExpired:
            return
