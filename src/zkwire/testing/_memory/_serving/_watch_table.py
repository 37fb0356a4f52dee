"""One of a member's two watch tables.

As in ZooKeeper since 3.9.0: an entry for each connection and path, which holds a set of modes
that do not disturb each other (ZOOKEEPER-4466).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import Flag, auto
from typing import Final, Protocol

from zkwire._models import Acl
from zkwire._types import EventType


class WatchMode(Flag):
    """How long a watch lasts, and how far it reaches."""

    STANDARD = auto()
    PERSISTENT = auto()
    RECURSIVE = auto()


ANY_MODE: Final = WatchMode.STANDARD | WatchMode.PERSISTENT | WatchMode.RECURSIVE
_NONE: Final = WatchMode(0)


class Watcher(Protocol):
    """A connection, as far as its watches are concerned."""

    def notify(self, event: EventType, path: str, zxid: int, acl: Sequence[Acl] | None, /) -> None:
        """Tell the client, if it may read what has the ACL; None is not held against it."""
        ...


class WatchTable:
    """Who watches what."""

    def __init__(self) -> None:
        # A dict in place of a set: the order of notifications must not depend on addresses.
        self._by_path: dict[str, dict[Watcher, WatchMode]] = {}
        self._paths_of: dict[Watcher, set[str]] = {}
        self._recursive = 0

    @property
    def count(self) -> int:
        """Pairs of a connection and a path."""
        return sum(len(watchers) for watchers in self._by_path.values())

    def add(self, path: str, watcher: Watcher, mode: WatchMode) -> None:
        """Watch a path in one more mode."""
        watchers = self._by_path.setdefault(path, {})
        before = watchers.get(watcher, _NONE)
        self._paths_of.setdefault(watcher, set()).add(path)
        self._put(watchers, watcher, before, before | mode)

    def has(self, path: str, watcher: Watcher, modes: WatchMode) -> bool:
        """Whether the connection watches the path in any of these modes."""
        return bool(self._by_path.get(path, {}).get(watcher, _NONE) & modes)

    def remove(self, path: str, watcher: Watcher, modes: WatchMode) -> bool:
        """Stop watching a path in these modes; whether anything was there to stop."""
        if not self.has(path, watcher, modes):
            return False
        watchers = self._by_path[path]
        before = watchers[watcher]
        self._put(watchers, watcher, before, before & ~modes)
        self._tidy(path, watcher)
        return True

    def forget(self, watcher: Watcher) -> None:
        """Drop all watches of a connection that has ended."""
        for path in sorted(self._paths_of.get(watcher, ())):
            watchers = self._by_path[path]
            self._put(watchers, watcher, watchers[watcher], _NONE)
            self._tidy(path, watcher)

    def trigger(
        self,
        event: EventType,
        path: str,
        zxid: int,
        acl: Sequence[Acl] | None,
        told: Collection[Watcher] = (),
    ) -> Collection[Watcher]:
        """Notify who watches the path, and who watches it from above; those, told or not.

        Standard watches are consumed, also where the notification is then withheld: from
        those in ``told``, and from those who may not read the node.
        """
        reached = self._reached(path)
        for watcher in reached:
            if watcher not in told:
                watcher.notify(event, path, zxid, acl)
        return reached

    def _reached(self, path: str) -> dict[Watcher, None]:
        here = self._by_path.get(path)
        reached: dict[Watcher, None] = {}
        for watcher, modes in list(here.items()) if here else ():
            reached[watcher] = None
            if here is not None and modes & WatchMode.STANDARD:
                self._put(here, watcher, modes, modes & ~WatchMode.STANDARD)
                self._tidy(path, watcher)
        if self._recursive:
            for above in _ancestors(path):
                for watcher, modes in self._by_path.get(above, {}).items():
                    if modes & WatchMode.RECURSIVE:
                        reached[watcher] = None
        return reached

    def _put(
        self,
        watchers: dict[Watcher, WatchMode],
        watcher: Watcher,
        before: WatchMode,
        after: WatchMode,
    ) -> None:
        self._recursive += (WatchMode.RECURSIVE in after) - (WatchMode.RECURSIVE in before)
        watchers[watcher] = after

    def _tidy(self, path: str, watcher: Watcher) -> None:
        """Drop an entry that holds no mode any more, and what it leaves empty."""
        watchers = self._by_path[path]
        if watchers[watcher]:
            return
        del watchers[watcher]
        if not watchers:
            del self._by_path[path]
        paths = self._paths_of[watcher]
        paths.remove(path)
        if not paths:
            del self._paths_of[watcher]


def parent_of(path: str) -> str:
    """The path of a node's parent."""
    return path.rpartition("/")[0] or "/"


def _ancestors(path: str) -> Iterator[str]:
    """The paths above one, from its parent to the root."""
    while path not in {"/", ""}:
        path = parent_of(path)
        yield path
