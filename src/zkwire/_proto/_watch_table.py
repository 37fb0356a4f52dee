"""The watches of a session: who waits for what, and what to set again after a reconnect.

A server keeps watches with the connection, so all are gone when it ends.  The
table outlives it: filled as replies come in, emptied as events come in, and read
out for setWatches when the session goes on over another connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from typing import Final, Generic, TypeVar

from zkwire._proto import _requests as build
from zkwire._proto._request import Request
from zkwire._types import EventType, WatchKind, Zxid

W = TypeVar("W")

# What an event consumes (ZKWatchManager.java): a deletion ends every kind.
_CONSUMES: Final = {
    EventType.NODE_CREATED: (WatchKind.DATA, WatchKind.EXIST),
    EventType.NODE_DATA_CHANGED: (WatchKind.DATA, WatchKind.EXIST),
    EventType.NODE_DELETED: (WatchKind.DATA, WatchKind.EXIST, WatchKind.CHILD),
    EventType.NODE_CHILDREN_CHANGED: (WatchKind.CHILD,),
}

_PERSISTENT: Final = WatchKind.PERSISTENT
_RECURSIVE: Final = WatchKind.PERSISTENT_RECURSIVE

ONE_SHOT: Final = (WatchKind.DATA, WatchKind.EXIST, WatchKind.CHILD)

# One packet over the server's jute.maxbuffer would be refused with the whole
# connection, again after every reconnect (ZOOKEEPER-706).  Java's bound.
BATCH_BYTES: Final = 128 * 1024


class WatchTable(Generic[W]):
    """Watchers by kind and server path, in the order in which they came."""

    def __init__(self) -> None:
        self._lists: dict[WatchKind, dict[str, dict[W, None]]] = {kind: {} for kind in WatchKind}

    def __len__(self) -> int:
        return sum(len(found) for paths in self._lists.values() for found in paths.values())

    def add(self, kind: WatchKind, path: str, watcher: W) -> None:
        """File a watcher; the server has set the watch."""
        self._lists[kind].setdefault(path, {})[watcher] = None

    def discard(self, path: str, watcher: W) -> None:
        """Forget a watcher; its event, if one comes, finds nobody."""
        for paths in self._lists.values():
            if (found := paths.get(path)) is not None:
                found.pop(watcher, None)
                if not found:
                    del paths[path]

    def has(self, path: str) -> bool:
        """Whether anybody watches exactly this path."""
        return any(path in paths for paths in self._lists.values())

    def at(self, kind: WatchKind, path: str) -> list[W]:
        """Who has a watch of this kind on exactly this path."""
        return list(self._lists[kind].get(path, ()))

    def pop(self, kind: WatchKind, path: str) -> list[W]:
        """The same, forgotten with it."""
        return list(self._lists[kind].pop(path, ()))

    @property
    def is_mixed(self) -> bool:
        """Whether watches that stay share a path with any of another kind."""
        recursive = self._lists[WatchKind.PERSISTENT_RECURSIVE].keys()
        staying = self._lists[WatchKind.PERSISTENT].keys()
        once = [self._lists[kind].keys() for kind in ONE_SHOT]
        return not recursive.isdisjoint(staying) or any(
            not paths.isdisjoint(streams) for paths in once for streams in (recursive, staying)
        )

    def persistent(self) -> list[W]:
        """The watchers that stay: those of persistent watches."""
        found: dict[W, None] = {}
        for kind in (WatchKind.PERSISTENT, WatchKind.PERSISTENT_RECURSIVE):
            for watchers in self._lists[kind].values():
                found.update(watchers)
        return list(found)

    def take(self, event: EventType | int, path: str) -> list[W]:
        """Whom an event concerns: each once, though it be filed twice.

        A server sends one frame however many of its watches match, so it is matched
        against every list here.  One-shot watches are consumed.
        """
        if not isinstance(event, EventType):
            return []
        lists = self._lists
        found = [lists[kind].pop(path) for kind in _CONSUMES[event] if path in lists[kind]]
        persistent, recursive = lists[_PERSISTENT], lists[_RECURSIVE]
        if path in persistent:
            found.append(persistent[path])
        # Such a frame may come because of somebody's child watch on the same node;
        # recursive watches have nothing to do with it (ZOOKEEPER-4475).
        if recursive and event is not EventType.NODE_CHILDREN_CHANGED:
            found += [recursive[watched] for watched in _at_or_above(path, recursive)]
        if len(found) == 1:  # as nearly always
            return list(found[0])
        return list(dict.fromkeys(chain.from_iterable(found)))

    def take_all(self) -> list[W]:
        """Every watcher; the table is empty afterwards."""
        taken: dict[W, None] = {}
        for paths in self._lists.values():
            for found in paths.values():
                taken.update(found)
            paths.clear()
        return list(taken)

    def rearm(self, last_zxid: Zxid) -> Iterator[Request[None]]:
        """The requests that set every watch again on a new connection.

        Args:
            last_zxid: the last one seen on the *old* connection.  The server
                compares each node with it to find what was missed, so one taken
                from a reply on the new connection would hide a change.
        """
        batch: dict[WatchKind, list[str]] = {}
        size = 0
        for kind, paths in self._lists.items():
            for path in paths:
                batch.setdefault(kind, []).append(path)
                size += 4 + len(path.encode())
                if size >= BATCH_BYTES:
                    yield build.set_watches(last_zxid, batch)
                    batch, size = {}, 0
        if batch:
            yield build.set_watches(last_zxid, batch)


def _at_or_above(path: str, watched: Collection[str]) -> list[str]:
    """Which of the watched paths are this one or lie above it."""
    if path.count("/") > len(watched):
        # Whichever is shorter: walking up a path of millions of elements takes hours.
        return [one for one in watched if path == one or path.startswith(one.rstrip("/") + "/")]
    found: list[str] = []
    while path and path != "/":
        if path in watched:
            found.append(path)
        path = path.rpartition("/")[0]
    if "/" in watched:
        found.append("/")
    return found
