"""A stream of events that outlives sessions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import zkwire
from coordinator._session import Session


@asynccontextmanager
async def lasting_watch(
    wait_for_session: Callable[[], Awaitable[Session]],
    path: str,
    client_path: Callable[[str], str],
    *,
    recursive: bool,
    capacity: int,
) -> AsyncGenerator[zkwire.WatchStream]:
    """Follow a node's changes in one session after another; see ``Coordinator.watch``.

    No task of its own sets the watch in the next session: the consumer does, where it has
    taken all that the last one had to say.  Nothing is lost by that, since the gap comes
    behind it.
    """
    # What there is to leave: the place in the session that the stream is fed by.
    place = AsyncExitStack()
    is_left = False

    async def renew() -> None:  # noqa: ASYNC910  # a step of WatchStream.__anext__
        while True:
            await place.aclose()
            session = await wait_for_session()
            try:
                entered = AsyncExitStack()
                await entered.enter_async_context(session.feed(stream, recursive=recursive))
            except zkwire.SessionExpired:
                continue
            if is_left:  # meanwhile, by another task
                await entered.aclose()
            else:
                place.push_async_exit(entered)
            return

    stream = zkwire.WatchStream(path, client_path, capacity=capacity, renew=renew)
    try:
        await renew()
        yield stream
    finally:
        is_left = True
        stream.close()
        await place.aclose()
