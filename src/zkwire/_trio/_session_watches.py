"""All watches of a session, over however many connections it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, Protocol, TypeAlias, final

import trio

from zkwire._errors import ZkwireError
from zkwire._models import WatchEvent
from zkwire._proto import _requests as build
from zkwire._proto._request import Request
from zkwire._proto._watch_table import ONE_SHOT, WatchTable
from zkwire._trio._watch import Watch
from zkwire._trio._watch_stream import WatchStream
from zkwire._types import EventType, WatcherType, WatchKind, Zxid

Watcher: TypeAlias = Watch | WatchStream

_STAYING: Final = (WatchKind.PERSISTENT, WatchKind.PERSISTENT_RECURSIVE)
# A server does not tell a watch on an absent node from one on a node that is there.
_ON_SERVER: Final = {
    WatchKind.DATA: WatcherType.DATA,
    WatchKind.EXIST: WatcherType.DATA,
    WatchKind.CHILD: WatcherType.CHILDREN,
}


class SendAside(Protocol):
    """Sends a request for which nobody waits, if the connection is there to take it."""

    def __call__(self, request: Request[Any], *, must_succeed: bool) -> None:
        """Queue it; if it ``must_succeed``, a refusal costs the connection."""


@final
class SessionWatches:
    """The armed watches of a session, which may outlive its connections.

    Hand one to each ``open_connection`` of a session: a connection sets again what
    it finds in it, and leaves it alone when it ends.
    """

    def __init__(self) -> None:
        self.keeps_kinds_apart: bool | None = None
        """Whether the server keeps watches of several kinds on one path apart, as all do
        since 3.9 (ZOOKEEPER-4466); None: not found out (for zkwire's own use)."""
        self._table: WatchTable[Watcher] = WatchTable()
        self._wanted: Counter[tuple[WatchKind, str]] = Counter()
        self._removals: dict[str, trio.Event] = {}
        # What the server watches for us, though its last watcher has gone.
        self._unowned: set[tuple[WatcherType, str]] = set()
        # Where it watches for a stream that has left, which it did not let us say.
        self._left_over: set[str] = set()
        self._events_at: dict[str, int] = {}
        self._send: SendAside | None = None

    def __len__(self) -> int:
        return len(self._table)

    # --- who watches what -----------------------------------------------------------------

    def has(self, path: str) -> bool:
        """Whether anybody watches exactly this server path, or is about to."""
        return self._table.has(path) or any((kind, path) in self._wanted for kind in WatchKind)

    def has_kind(self, path: str, *kinds: WatchKind) -> bool:
        """Whether anybody watches a path so, or is about to (for zkwire's own use)."""
        return any((kind, path) in self._wanted or self._table.at(kind, path) for kind in kinds)

    def register(self, kind: WatchKind, path: str, watcher: Watcher) -> None:
        """Enter a watch that the server has set (for zkwire's own use)."""
        self._table.add(kind, path, watcher)
        if isinstance(watcher, Watch):
            self._unowned.discard((_ON_SERVER[kind], path))
            watcher.registered(partial(self._remove, kind, path, watcher))

    def discard(self, path: str, watcher: Watcher) -> None:
        """Forget a watcher; its event, if one comes, finds nobody (for zkwire's own use).

        A one-shot watch is taken off the server by that, as by its own ``remove``; a stream's
        is left to its block.
        """
        if isinstance(watcher, Watch):
            watcher.remove()
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
        if kind in ONE_SHOT:
            self._take_off(kind, path)
        return True

    def is_wanted(self, kind: WatchKind, path: str) -> bool:
        """Whether somebody watches this, or is about to (for zkwire's own use)."""
        return (kind, path) in self._wanted

    # --- taking off -----------------------------------------------------------------------

    def _remove(self, kind: WatchKind, path: str, watch: Watch) -> None:
        self._table.discard(path, watch)
        self.abandon(kind, path)

    def abandon(self, kind: WatchKind, path: str) -> None:
        """The server has a one-shot watch that one watcher less waits for (for zkwire's own use).

        Taken off at once if it was the last; while another's request for the same path is
        under way, which would find its watch gone, not before that is over.
        """
        self._unowned.add((_ON_SERVER[kind], path))
        self._take_off(kind, path)

    def _take_off(self, kind: WatchKind, path: str) -> None:
        on_server = _ON_SERVER[kind]
        if (on_server, path) not in self._unowned:
            return
        same = [each for each in ONE_SHOT if _ON_SERVER[each] is on_server]
        if any((each, path) in self._wanted for each in same):
            return
        self._unowned.discard((on_server, path))
        self._sweep()
        if self._send is None or any(self._table.at(each, path) for each in same):
            return
        # Before 3.9 the stream's watch would go as well, whatever kind is named [ZOOKEEPER-4466].
        if self.keeps_kinds_apart or not self.has_kind(path, *_STAYING):
            self._send(build.remove_watches(path, on_server), must_succeed=False)

    def stream_left(self, kind: WatchKind, path: str) -> None:
        """A server before 3.9 keeps a stream's watch that it could not be asked to take off.

        Others watch the path.  The other kind of stream needs its own back in that place;
        behind the last one-shot watch it is taken off.  (For zkwire's own use.)
        """
        self._left_over.add(path)
        others = self._table.at(WatchKind.PERSISTENT, path)
        if kind is WatchKind.PERSISTENT_RECURSIVE and others and self._send is not None:
            self._send(build.add_watch(path, recursive=False), must_succeed=True)
            self.gap_at(path)

    def _sweep(self) -> None:
        for path in [each for each in self._left_over if not self.has(each)]:
            self._left_over.discard(path)
            if self._send is not None:
                self._send(build.remove_watches(path, WatcherType.ANY), must_succeed=False)

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

    # --- events ---------------------------------------------------------------------------

    def deliver(self, event: WatchEvent) -> None:
        """Hand an event to whom it concerns; a path that nobody watches is no error."""
        if event.zxid > 0:
            self.keeps_kinds_apart = True  # both are of 3.9.0 (ZOOKEEPER-4655)
        elif event.path in self._events_at:
            self._events_at[event.path] += 1
        if self.keeps_kinds_apart is not False:
            self._hand_out(event, self._table.take(event.type, event.path))
        elif event.type is not EventType.NODE_CHILDREN_CHANGED:
            self._hand_out(event, self._table.take(event.type, event.path))
            self._tell_parent(event)
        elif self._table.at(WatchKind.PERSISTENT_RECURSIVE, event.path):
            # Its streams have heard of it by _tell_parent.
            self._hand_out(event, self._table.pop(WatchKind.CHILD, event.path))
        else:
            self._hand_out(event, self._table.take(event.type, event.path))
        if self._left_over:
            self._sweep()

    def _tell_parent(self, event: WatchEvent) -> None:
        """Make up for what a recursive watch has put out of action on a server before 3.9.

        There it takes the place of every other watch of the same path, and is not told of
        lists of children: but that a child came or went is the same news.
        """
        if event.type not in {EventType.NODE_CREATED, EventType.NODE_DELETED}:
            return
        parent = event.path.rpartition("/")[0] or "/"
        concerned = self._table.pop(WatchKind.CHILD, parent)
        if self._table.at(WatchKind.PERSISTENT_RECURSIVE, parent):
            concerned += self._table.at(WatchKind.PERSISTENT, parent)
        same_news = WatchEvent(EventType.NODE_CHILDREN_CHANGED, parent, event.zxid)
        self._hand_out(same_news, concerned)

    def _hand_out(self, event: WatchEvent, concerned: list[Watcher]) -> None:
        for watcher in concerned:
            watcher.deliver(event)

    def events_at(self, path: str) -> int:
        """How many events of a path have come, counted from the first call for it on.

        (For zkwire's own use.)
        """
        return self._events_at.setdefault(path, 0)

    def gap_at(self, path: str) -> None:
        """Tell the streams of a path that events may be missing (for zkwire's own use)."""
        for kind in _STAYING:
            for stream in self._table.at(kind, path):
                if isinstance(stream, WatchStream):
                    stream.gap("rearmed")

    # --- connections ----------------------------------------------------------------------

    def attach(self, send: SendAside) -> bool:
        """Go on over another connection, which knows nothing yet (for zkwire's own use).

        Returns:
            Whether it matters if its server keeps watches of several kinds apart.
        """
        self._send = send
        self.keeps_kinds_apart = None
        self._unowned.clear()
        self._left_over.clear()
        self._events_at.clear()
        return self._table.is_mixed

    def detach(self, send: SendAside) -> None:
        """A connection is over; another may have taken its place (for zkwire's own use)."""
        if self._send == send:
            self._send = None

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
