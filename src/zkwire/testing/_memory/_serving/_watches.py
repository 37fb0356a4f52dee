"""The watches of one member's connections: set, fired, made up for, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zkwire._types import EventType, WatcherType
from zkwire.testing._memory._database import Change, Database
from zkwire.testing._memory._serving._watch_table import (
    ANY_MODE,
    Watcher,
    WatchMode,
    WatchTable,
    parent_of,
)

NO_ZXID_SAID: Final = -1
"""In the header of a notification that makes up for a change which was missed."""

_PERSISTENT, _RECURSIVE = 0, 1  # of AddWatchRequest


class Watches:
    """Both tables: on nodes and their data, and on nodes' children."""

    def __init__(self) -> None:
        self._data = WatchTable()
        self._children = WatchTable()

    @property
    def count(self) -> int:
        """How many there are, each connection and path counted once a table."""
        return self._data.count + self._children.count

    def watch_data(self, path: str, watcher: Watcher) -> None:
        """Set a standard watch on a node, there or not."""
        self._data.add(path, watcher, WatchMode.STANDARD)

    def watch_children(self, path: str, watcher: Watcher) -> None:
        """Set a standard watch on a node's children."""
        self._children.add(path, watcher, WatchMode.STANDARD)

    def watch_persistently(self, path: str, watcher: Watcher) -> None:
        """Set a persistent watch, which is one in both tables."""
        self._data.add(path, watcher, WatchMode.PERSISTENT)
        self._children.add(path, watcher, WatchMode.PERSISTENT)

    def watch_below(self, path: str, watcher: Watcher) -> None:
        """Set a recursive watch, which never hears of children."""
        self._data.add(path, watcher, WatchMode.RECURSIVE)

    def add(self, path: str, watcher: Watcher, mode: int) -> bool:
        """Set a watch of an addWatch request; False for a mode that nobody knows."""
        if mode == _PERSISTENT:
            self.watch_persistently(path, watcher)
        elif mode == _RECURSIVE:
            self.watch_below(path, watcher)
        return mode in {_PERSISTENT, _RECURSIVE}

    def has(self, path: str, watcher: Watcher, kind: WatcherType) -> bool:
        """Whether a connection has a watch of this kind on a path."""
        return any(table.has(path, watcher, modes) for table, modes in self._looked_in(kind))

    def remove(self, path: str, watcher: Watcher, kind: WatcherType) -> bool:
        """Take back all watches of this kind; whether there was any."""
        removed = [table.remove(path, watcher, modes) for table, modes in self._looked_in(kind)]
        return any(removed)

    def forget(self, watcher: Watcher) -> None:
        """Drop the watches of a connection that has ended."""
        self._data.forget(watcher)
        self._children.forget(watcher)

    def fire(self, change: Change, zxid: int) -> None:
        """Notify of one change: first who watches the node, then who watches its parent."""
        path, acl = change.path, change.acl
        told = self._data.trigger(change.type, path, zxid, acl)
        if change.type is EventType.NODE_DATA_CHANGED:
            return
        if change.type is EventType.NODE_DELETED:
            self._children.trigger(change.type, path, zxid, acl, told)
        parent = parent_of(path)
        self._children.trigger(EventType.NODE_CHILDREN_CHANGED, parent, zxid, change.parent_acl)

    def rearm_data(self, database: Database, seen: int, path: str, watcher: Watcher) -> None:
        """Set a data watch again, or say what it missed since a zxid."""
        node = database.node(path)
        if node is None:
            watcher.notify(EventType.NODE_DELETED, path, NO_ZXID_SAID, None)
        elif node.stat.mzxid > seen:
            watcher.notify(EventType.NODE_DATA_CHANGED, path, NO_ZXID_SAID, None)
        else:
            self.watch_data(path, watcher)

    def rearm_exist(self, database: Database, path: str, watcher: Watcher) -> None:
        """Set a watch on a missing node again, or say that it is there."""
        node = database.node(path)
        if node is None:
            self.watch_data(path, watcher)
        else:
            watcher.notify(EventType.NODE_CREATED, path, NO_ZXID_SAID, None)

    def rearm_children(self, database: Database, seen: int, path: str, watcher: Watcher) -> None:
        """Set a child watch again, or say what it missed since a zxid."""
        node = database.node(path)
        if node is None:
            watcher.notify(EventType.NODE_DELETED, path, NO_ZXID_SAID, None)
        elif node.stat.pzxid > seen:
            watcher.notify(EventType.NODE_CHILDREN_CHANGED, path, NO_ZXID_SAID, None)
        else:
            self.watch_children(path, watcher)

    def _looked_in(self, kind: WatcherType) -> Sequence[tuple[WatchTable, WatchMode]]:
        match kind:
            case WatcherType.CHILDREN:
                return [(self._children, WatchMode.STANDARD)]
            case WatcherType.DATA:
                return [(self._data, WatchMode.STANDARD)]
            case WatcherType.PERSISTENT:
                both = WatchMode.PERSISTENT
                return [(self._children, both), (self._data, both)]
            case WatcherType.PERSISTENT_RECURSIVE:
                return [(self._data, WatchMode.RECURSIVE)]
            case WatcherType.ANY:
                return [(self._children, ANY_MODE), (self._data, ANY_MODE)]
