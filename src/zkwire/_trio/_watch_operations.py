"""Watches: one-shot ones with a read, and streams of events that stay."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar

import trio

from zkwire._errors import MarshallingError, ZkwireError
from zkwire._models import Stat
from zkwire._proto import _requests as build
from zkwire._proto._request import Request
from zkwire._trio._performer import Performer
from zkwire._trio._session_watches import SessionWatches
from zkwire._trio._watch import Watch
from zkwire._trio._watch_stream import STREAM_CAPACITY, WatchStream
from zkwire._types import WatcherType, WatchKind

T = TypeVar("T")

REMOVE_GRACE: Final = 1.0
"""Seconds that taking a stream's watch off the server may take."""


class WatchOperations(Performer):
    """The operations that watch.

    A read that sets a watch and is cancelled leaves none: where the server has set it all
    the same, it is taken off as soon as the reply says so.
    """

    async def exists_and_watch(self, path: str) -> tuple[Stat | None, Watch]:
        """Look whether a node is there, and watch for it to come, change or go.

        Raises:
            ReplyError: as for ``exists``; then no watch is set.
        """
        watch = Watch(path)
        request = build.exists(self.server_path(path), watch=True)
        return await self.arm(request, watch), watch

    async def get_and_watch(self, path: str) -> tuple[bytes | None, Stat, Watch]:
        """Read a node, and watch for it to change or go.

        Raises:
            ReplyError: as for ``get``; then no watch is set.
        """
        watch = Watch(path)
        request = build.get_data(self.server_path(path), watch=True)
        data, stat = await self.arm(request, watch)
        return data, stat, watch

    async def get_children_and_watch(self, path: str) -> tuple[list[str], Stat, Watch]:
        """List a node's children, and watch for one to come or go, or for the node to go.

        Raises:
            ReplyError: as for ``get_children``; then no watch is set.
        """
        watch = Watch(path)
        request = build.get_children2(self.server_path(path), watch=True)
        children, stat = await self.arm(request, watch)
        return children, stat, watch

    async def arm(self, request: Request[T], watch: Watch) -> T:
        """Perform a read that sets a watch (for the coordinator's own use).

        A checkpoint.  Cancelled after the request was sent, the watch that the server sets
        is taken off again as soon as the reply says that it is there.
        """
        assert request.watch is not None
        assert request.path is not None
        watches = self.watches
        watches.want(request.watch, request.path)
        try:
            await watches.settled(request.path)
            return await self.perform(request, watch=watch)
        finally:
            watches.unwant(request.watch, request.path)

    @asynccontextmanager
    async def watch(
        self, path: str, *, recursive: bool = False, capacity: int = STREAM_CAPACITY
    ) -> AsyncGenerator[WatchStream]:
        """Follow a node's changes as a stream (servers from 3.6).

        Entering is a checkpoint, and leaving is one: it takes the watch off the
        server, unless somebody else follows the same path, within a second.

        A stream tells that something changed, not what it is now: after an event, and
        above all after a ``WatchGap``, read.

        Args:
            path: need not exist; the watch outlives its deletion.
            recursive: follow every node below too.  Such a stream tells of nodes that
                come, change and go, and never of changed lists of children.
            capacity: items that may wait for the consumer, 1 or more; beyond them the
                stream has a gap.

        Yields:
            The stream, to be iterated by one task.

        Raises:
            MarshallingError: the server runs with a watch manager that cannot do this.
            ReplyError: the server refused for another reason.
        """
        stream = WatchStream(path, self.client_path, capacity=capacity)
        try:
            async with self.feed(stream, recursive=recursive):
                yield stream
        finally:
            stream.close()

    @asynccontextmanager
    async def feed(self, stream: WatchStream, *, recursive: bool) -> AsyncGenerator[None]:
        """Have events go to a stream while the block lasts (for the coordinator's own use)."""
        kind = WatchKind.PERSISTENT_RECURSIVE if recursive else WatchKind.PERSISTENT
        server_path = self.server_path(stream.path)
        watches = self.watches
        request = build.add_watch(server_path, recursive=recursive)
        watches.want(kind, server_path)
        try:
            await watches.settled(server_path)
            await self.perform(request, watch=stream)
            yield
        finally:
            watches.discard(server_path, stream)
            if watches.unwant(kind, server_path):
                with trio.move_on_after(REMOVE_GRACE, shield=True):
                    await self._take_off(watches, server_path, kind)

    async def _take_off(self, watches: SessionWatches, server_path: str, kind: WatchKind) -> None:
        """Remove a watch that nobody wants any more; if that fails its events find nobody."""
        await watches.settled(server_path)
        if watches.is_wanted(kind, server_path):
            return
        exact = {
            WatchKind.PERSISTENT: WatcherType.PERSISTENT,
            WatchKind.PERSISTENT_RECURSIVE: WatcherType.PERSISTENT_RECURSIVE,
        }[kind]
        with watches.removing(server_path):
            try:
                await self.perform(build.remove_watches(server_path, exact))
            except MarshallingError:
                # Before 3.9 a server knows no finer word than "any", which would take the
                # one-shot watches of the path with it.
                if not watches.has(server_path):
                    await self._remove_any(server_path)
                else:
                    watches.stream_left(kind, server_path)
            except ZkwireError:
                pass

    async def _remove_any(self, server_path: str) -> None:  # noqa: ASYNC910  # a step of watch()
        with suppress(ZkwireError):
            await self.perform(build.remove_watches(server_path, WatcherType.ANY))

    async def check_watches(self, path: str, kind: WatcherType) -> None:
        """Ask the server whether this connection has watches of a kind on a path.

        Raises:
            NoWatcher: it has none.
            MarshallingError: a server before 3.9 was asked for a persistent kind.
        """
        await self.perform(build.check_watches(self.server_path(path), kind))

    async def remove_watches(self, path: str, kind: WatcherType) -> None:
        """Have the server forget this connection's watches of a kind on a path.

        Whoever waits for one of them waits for ever: this is for protocol tests and
        for watches whose waiters are gone.

        Raises:
            NoWatcher: it had none.
            MarshallingError: a server before 3.9 was asked for a persistent kind.
        """
        await self.perform(build.remove_watches(self.server_path(path), kind))
