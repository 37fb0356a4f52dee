"""One-shot watches, as something to await."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import trio

from zkwire._errors import ZkwireError
from zkwire._models import WatchEvent
from zkwire._proto._watch_table import WatchTable
from zkwire._types import WatchKind, Zxid


@final
class Watch:
    """Waits for the one event of a watch.

    Made by ``exists_and_watch`` and its like, never by hand.  Dropping it is
    harmless: an event that nobody waits for is thrown away.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        """The watched path, as the caller gave it."""
        self._over = trio.Event()
        self._event: WatchEvent | None = None
        self._make_error: Callable[[], ZkwireError] | None = None

    def __repr__(self) -> str:
        state = "fired" if self._event else "ended" if self._over.is_set() else "armed"
        return f"<Watch of {self.path}: {state}>"

    @property
    def event(self) -> WatchEvent | None:
        """The event, once it has come."""
        return self._event

    async def wait(self) -> WatchEvent:
        """Wait for the event.

        This is a checkpoint.  Cancelling it loses nothing: the watch stays armed,
        and any number of tasks may wait, again and again.

        Returns:
            The event, the same to every caller.

        Raises:
            ConnectionLost: the connection died, and nothing carries the watch on.
            ConnectionClosed: this side closed the connection.
            SessionExpired: the session that the watch belongs to is gone.
        """
        await self._over.wait()
        if self._make_error is not None:
            raise self._make_error()
        assert self._event is not None
        return self._event

    def fire(self, event_type: int, zxid: Zxid) -> None:
        """Hand over the event (for zkwire's own use)."""
        self._event = WatchEvent(event_type, self.path, zxid)
        self._over.set()

    def end(self, make_error: Callable[[], ZkwireError]) -> None:
        """End without an event; each waiter gets an exception of its own (for zkwire's own use)."""
        self._make_error = make_error
        self._over.set()


@final
class SessionWatches:
    """The armed one-shot watches of a session, which may outlive its connections.

    Hand one to each ``open_connection`` of a session: a connection re-arms what it
    finds in it, and leaves it alone when it ends.
    """

    def __init__(self) -> None:
        self._table: WatchTable[Watch] = WatchTable()

    def __len__(self) -> int:
        return len(self._table)

    @property
    def table(self) -> WatchTable[Watch]:
        """The entries (for zkwire's own use)."""
        return self._table

    def register(self, kind: WatchKind, path: str, watch: Watch) -> None:
        """Enter a watch that the server has set (for zkwire's own use)."""
        self._table.add(kind, path, watch)

    def deliver(self, event: WatchEvent) -> None:
        """Fire what an event consumes; a path that nobody watches is no error."""
        for watch in self._table.take(event.type, event.path):
            watch.fire(event.type, event.zxid)

    def end(self, make_error: Callable[[], ZkwireError]) -> None:
        """End all watches: no connection will carry them on.

        Args:
            make_error: called once for each task that waits; what it returns is raised there.
        """
        for watch in self._table.take_all():
            watch.end(make_error)
