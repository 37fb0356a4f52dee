"""A one-shot watch, as something to await."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self, final

import trio

from zkwire._models import WatchEvent


@final
class Watch:
    """Waits for the one event of a watch.

    Made by ``exists_and_watch`` and its like, never by hand.  Forgetting about it is
    harmless: an event that nobody waits for is thrown away.  Until that comes, though,
    client and server keep the watch: ``remove`` it, or use it as a context manager
    that does so at its end, where many are set that never fire.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        """The watched path, as the caller gave it."""
        self._over = trio.Event()
        self._event: WatchEvent | None = None
        self._make_error: Callable[[], Exception] | None = None
        self._let_go: Callable[[], None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

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
            ClosedResourceError: the watch has been removed.
        """
        await self._over.wait()
        if self._make_error is not None:
            raise self._make_error()
        assert self._event is not None
        return self._event

    def remove(self) -> None:
        """Give the watch up; one that is over already stays as it is.

        Not a checkpoint.  The server is told, and its answer not waited for, once nobody
        else has a watch of the kind on the path, or is about to.  Where a stream follows
        the same path, a server before 3.9 cannot be: its one event then finds nobody.
        """
        if not self._over.is_set():
            let_go, self._let_go = self._let_go, None
            self.end(_removed)
            if let_go is not None:
                let_go()

    def registered(self, let_go: Callable[[], None]) -> None:
        """Note how to give it up (for zkwire's own use)."""
        self._let_go = let_go

    def deliver(self, event: WatchEvent) -> None:
        """Hand over the event (for zkwire's own use)."""
        self._event = event if event.path == self.path else event._replace(path=self.path)
        self._over.set()

    def end(self, make_error: Callable[[], Exception]) -> None:
        """End without an event; each waiter gets an exception of its own (for zkwire's own use)."""
        self._make_error = make_error
        self._over.set()


def _removed() -> Exception:
    return trio.ClosedResourceError("the watch has been removed")
