"""All watches of a session, over however many connections it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, final

import trio

from zkwire._errors import ZkwireError
from zkwire._models import WatchEvent
from zkwire._proto._request import Request
from zkwire._proto._watch_table import WatchTable
from zkwire._trio._watch import Watch
from zkwire._trio._watch_stream import WatchStream
from zkwire._types import WatchKind, Zxid

Watcher: TypeAlias = Watch | WatchStream


@final
class SessionWatches:
    """The armed watches of a session, which may outlive its connections.

    Hand one to each ``open_connection`` of a session: a connection sets again what
    it finds in it, and leaves it alone when it ends.
    """

    def __init__(self) -> None:
        self._table: WatchTable[Watcher] = WatchTable()
        self._wanted: Counter[tuple[WatchKind, str]] = Counter()
        self._removals: dict[str, trio.Event] = {}

    def __len__(self) -> int:
        return len(self._table)

    def has(self, path: str) -> bool:
        """Whether anybody watches exactly this server path, or is about to."""
        return self._table.has(path) or any((kind, path) in self._wanted for kind in WatchKind)

    def register(self, kind: WatchKind, path: str, watcher: Watcher) -> None:
        """Enter a watch that the server has set (for zkwire's own use)."""
        self._table.add(kind, path, watcher)

    def discard(self, path: str, watcher: Watcher) -> None:
        """Forget a watcher; its event, if one comes, finds nobody (for zkwire's own use)."""
        self._table.discard(path, watcher)

    def want(self, kind: WatchKind, path: str) -> None:
        """Somebody is about to watch a path (for zkwire's own use).

        Counted from before the request goes out: a stream that leaves while
        another's request is under way must not take the watch off behind it.
        """
        self._wanted[kind, path] += 1

    def unwant(self, kind: WatchKind, path: str) -> bool:
        """The reverse of ``want``; True if nobody wants this any more (for zkwire's own use)."""
        self._wanted[kind, path] -= 1
        if self._wanted[kind, path] > 0:
            return False
        del self._wanted[kind, path]
        return True

    def is_wanted(self, kind: WatchKind, path: str) -> bool:
        """Whether somebody watches this, or is about to (for zkwire's own use)."""
        return (kind, path) in self._wanted

    @contextmanager
    def removing(self, path: str) -> Generator[None]:
        """Hold back whoever wants to watch a path while its watch is taken off.

        Requests need not reach the wire in the order in which they were asked for:
        one may wait for a connection.  (For zkwire's own use.)
        """
        over = self._removals[path] = trio.Event()
        try:
            yield
        finally:
            del self._removals[path]
            over.set()

    async def settled(self, path: str) -> None:  # noqa: ASYNC910  # a step of watch(), which waits for the server
        """Wait until no watch of a path is being taken off (for zkwire's own use).

        A checkpoint only if it has to wait.
        """
        while (over := self._removals.get(path)) is not None:
            await over.wait()

    def deliver(self, event: WatchEvent) -> None:
        """Hand an event to whom it concerns; a path that nobody watches is no error."""
        for watcher in self._table.take(event.type, event.path):
            watcher.deliver(event)

    def rearm(self, last_zxid: Zxid) -> Iterator[Request[Any]]:
        """What sets the watches again on a new connection (for zkwire's own use)."""
        for stream in self._table.persistent():
            if isinstance(stream, WatchStream):
                stream.gap("reconnected")
        return self._table.rearm(last_zxid)

    def end(self, make_error: Callable[[], ZkwireError]) -> None:
        """End all watches: no connection will carry them on.

        Args:
            make_error: called once for each task that waits; what it returns is raised there.
        """
        for watcher in self._table.take_all():
            watcher.end(make_error)
