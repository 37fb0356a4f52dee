"""A persistent watch, as a stream of events."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, Self, TypeAlias, final

import trio

from zkwire._arguments import require_int
from zkwire._errors import ZkwireError
from zkwire._models import WatchEvent

STREAM_CAPACITY: Final = 4096
"""Events that wait for a slow consumer.  About 1 MB; beyond it the stream says that
it has a gap rather than hold up the reader, and with it the session's pings."""


GapReason: TypeAlias = Literal["reconnected", "overflow", "new session", "rearmed"]


@dataclass(frozen=True, slots=True)
class WatchGap:
    """Events are missing here: read again.

    After a reconnect a server sets a persistent watch again and replays nothing
    (DataTree.setWatches).  A new session begins with no watches at all.  An overflow is
    the consumer's own slowness.  ``"rearmed"`` comes of servers before 3.9 alone, on which
    a second watch of the same path put this one out of action for a moment, in which
    something was changed.

    Whatever is read after a gap misses nothing: the watch is set again by then.
    """

    reason: GapReason


StreamItem: TypeAlias = WatchEvent | WatchGap


@final
class WatchStream:
    """The events of one ``watch()``, oldest first; for one consumer."""

    def __init__(
        self,
        path: str,
        client_path: Callable[[str], str],
        *,
        capacity: int = STREAM_CAPACITY,
        renew: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        require_int("capacity", capacity, least=1)
        self.path = path
        """The watched path, as the caller gave it."""
        self._client_path = client_path
        self._capacity = capacity
        # Sets the watch in the next session; None where the stream ends with its session.
        self._renew = renew
        self._renewal: trio.CancelScope | None = None
        self._items: deque[StreamItem] = deque()
        self._arrived = trio.Event()
        self._is_closed = False
        self._make_error: Callable[[], ZkwireError] | None = None

    def __repr__(self) -> str:
        return f"<WatchStream of {self.path}: {len(self._items)} waiting>"

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StreamItem:
        """Wait for the next event or gap; a checkpoint, and cancelling it loses nothing.

        Raises:
            ConnectionLost, SessionExpired, ConnectionClosed: nothing carries the watch
                on; raised behind the events that came before.
            ReplyError: a server refused to set it in a new session.
            BusyResourceError: another task waits for the same stream.
        """
        await trio.lowlevel.checkpoint()
        while not self._items:
            if self._is_closed:
                raise StopAsyncIteration
            if self._renewal is not None or self._arrived.statistics().tasks_waiting:
                raise trio.BusyResourceError("another task waits for this stream")
            if self._make_error is not None:
                await self._go_on(self._make_error)
                continue
            await self._arrived.wait()
            self._arrived = trio.Event()
        return self._items.popleft()

    async def _go_on(self, make_error: Callable[[], ZkwireError]) -> None:
        """Set the watch in the next session; cancelled or failing, to be done again."""
        if self._renew is None:
            raise make_error()
        # Cleared before: the next session may end while the watch is being set in it.
        self._make_error = None
        try:
            with trio.CancelScope() as self._renewal:
                await self._renew()
        except BaseException:
            self._make_error = make_error
            raise
        finally:
            self._renewal = None
        if not self._is_closed:
            self._items.appendleft(WatchGap("new session"))

    def deliver(self, event: WatchEvent) -> None:
        """Hand over an event, or note that there was no room for it (for zkwire's own use)."""
        if len(self._items) >= self._capacity:
            self.gap("overflow")
        else:
            path = self._client_path(event.path)
            self._push(event if path == event.path else event._replace(path=path))

    def gap(self, reason: GapReason) -> None:
        """Note that events are missing; two gaps in a row are one (for zkwire's own use)."""
        if not (self._items and isinstance(self._items[-1], WatchGap)):
            self._push(WatchGap(reason))

    def end(self, make_error: Callable[[], ZkwireError]) -> None:
        """End behind what has arrived (for zkwire's own use)."""
        self._make_error = make_error
        self._arrived.set()

    def close(self) -> None:
        """Stop listening (for zkwire's own use)."""
        self._is_closed = True
        self._items.clear()
        if self._renewal is not None:
            self._renewal.cancel()
        self._arrived.set()

    def _push(self, item: StreamItem) -> None:
        if not self._is_closed:
            self._items.append(item)
            self._arrived.set()
