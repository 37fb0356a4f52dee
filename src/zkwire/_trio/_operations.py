"""The operations of the protocol, for whatever can perform a request."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeVar

from zkwire._models import OPEN_ACL_UNSAFE, Acl, Stat
from zkwire._proto import _requests as build
from zkwire._proto._requests import Request
from zkwire._trio._watch import Watch
from zkwire._types import ANY_VERSION, CreateMode

T = TypeVar("T")


class Operations(ABC):
    """One method for each operation.

    Every method is a checkpoint.  If it is cancelled, a request that was already
    queued may still be applied; the connection stays usable and the late reply is
    discarded.

    Every method raises ``InvalidArgument`` or ``InvalidArgumentType`` before
    anything is sent, the ``ReplyError`` that the server answered with,
    ``ConnectionLost`` with an outcome, and ``ConnectionClosed`` after this side
    has closed.  Any of them may meet ``MarshallingError``, ``Throttled``,
    ``SessionExpired`` and ``SessionClosedRequireSaslAuth``; those listed with a
    method are its own.
    """

    @abstractmethod
    async def perform(self, request: Request[T], *, watch: Watch | None = None) -> T:
        """Send a request and wait for its reply.

        Args:
            request: carries paths of the server.
            watch: registered when the reply says that the server has set a watch.
        """

    def server_path(self, path: str) -> str:
        """The server's path for one of this handle's."""
        return path

    def client_path(self, path: str) -> str:
        """This handle's path for one of the server's."""
        return path

    def _server_path_to_create(self, path: str, mode: CreateMode) -> str:
        """``/`` with a sequential mode is the empty prefix below the root, not the root itself."""
        server_path = self.server_path(path)
        if path == "/" and mode.is_sequential and server_path != "/":
            return server_path + "/"
        return server_path

    async def create(
        self,
        path: str,
        data: bytes | None = b"",
        mode: CreateMode = CreateMode.PERSISTENT,
        *,
        acl: Sequence[Acl] = OPEN_ACL_UNSAFE,
        ttl: float | None = None,
    ) -> str:
        """Make a node.

        Args:
            path: where; for a sequential mode the server appends ten digits, and
                the path may end with ``/``.
            data: null (None) and empty are kept apart.
            mode: how the node lives.
            acl: who may do what; at least one entry.
            ttl: seconds without children and without a change of data after which
                the server may remove the node; for the TTL modes alone, and there
                required.  At most 2**40-1 milliseconds.

        Returns:
            The path that was made, number included.

        Raises:
            NodeExists: there is one already.
            NoNode: the parent is missing.
            NoChildrenForEphemerals: the parent is ephemeral.
            NoAuth: the parent's ACL does not allow it.
            InvalidAcl: the server refuses the ACL.
            QuotaExceeded: a quota is enforced, and full.
            Unimplemented: TTL nodes are switched off on the server.
        """
        request = build.create(self._server_path_to_create(path, mode), data, mode, acl, ttl)
        return self.client_path(await self.perform(request))

    async def create2(
        self,
        path: str,
        data: bytes | None = b"",
        mode: CreateMode = CreateMode.PERSISTENT,
        *,
        acl: Sequence[Acl] = OPEN_ACL_UNSAFE,
        ttl: float | None = None,
    ) -> tuple[str, Stat]:
        """Make a node as ``create`` does, and learn its Stat too.

        Raises:
            ReplyError: as for ``create``.
        """
        request = build.create2(self._server_path_to_create(path, mode), data, mode, acl, ttl)
        created, stat = await self.perform(request)
        return self.client_path(created), stat

    async def delete(self, path: str, version: int = ANY_VERSION) -> None:
        """Remove a node.

        Args:
            path: a node without children.
            version: the data version that it must have, or -1 for any.

        Raises:
            NoNode: there is none.
            BadVersion: it has another version.
            NotEmpty: it has children.
            NoAuth: the parent's ACL does not allow it.
            BadArguments: it is one of the server's own nodes.
        """
        await self.perform(build.delete(self.server_path(path), version))

    async def exists(self, path: str) -> Stat | None:
        """Look whether a node is there.

        Returns:
            Its Stat, or None.

        Raises:
            NoAuth: the node is there and may not be read (servers from 3.7.3, 3.8.4, 3.9.2).
        """
        return await self.perform(build.exists(self.server_path(path)))

    async def get(self, path: str) -> tuple[bytes | None, Stat]:
        """Read a node.

        Raises:
            NoNode: there is none.
            NoAuth: its ACL does not allow it.
        """
        return await self.perform(build.get_data(self.server_path(path)))

    async def set(self, path: str, data: bytes | None, version: int = ANY_VERSION) -> Stat:
        """Write a node.

        Args:
            path: an existing node.
            data: null (None) and empty are kept apart.
            version: the data version that it must have, or -1 for any.

        Returns:
            The node's new Stat.

        Raises:
            NoNode: there is none.
            BadVersion: it has another version.
            NoAuth: its ACL does not allow it.
            QuotaExceeded: a quota is enforced, and full.
        """
        return await self.perform(build.set_data(self.server_path(path), data, version))

    async def get_children(self, path: str) -> list[str]:
        """List the names of a node's children, in no order.

        Raises:
            NoNode: there is no such node.
            NoAuth: its ACL does not allow it.
        """
        return await self.perform(build.get_children(self.server_path(path)))

    async def get_children2(self, path: str) -> tuple[list[str], Stat]:
        """List the names of a node's children, in no order, with the node's own Stat.

        Raises:
            ReplyError: as for ``get_children``.
        """
        return await self.perform(build.get_children2(self.server_path(path)))

    async def sync(self, path: str) -> None:
        """Have the connected server catch up with the leader.

        A read that is sent after it, on the same connection, sees every change
        that was committed before this call.  It is not a quorum round: a leader
        that has been deposed and does not know it yet still answers.

        Raises:
            NotReadOnly: the server is read-only.
        """
        await self.perform(build.sync(self.server_path(path)))

    async def exists_and_watch(self, path: str) -> tuple[Stat | None, Watch]:
        """Look whether a node is there, and watch for it to come, change or go.

        Raises:
            ReplyError: as for ``exists``; then no watch is set.
        """
        watch = Watch(path)
        request = build.exists(self.server_path(path), watch=True)
        return await self.perform(request, watch=watch), watch

    async def get_and_watch(self, path: str) -> tuple[bytes | None, Stat, Watch]:
        """Read a node, and watch for it to change or go.

        Raises:
            ReplyError: as for ``get``; then no watch is set.
        """
        watch = Watch(path)
        request = build.get_data(self.server_path(path), watch=True)
        data, stat = await self.perform(request, watch=watch)
        return data, stat, watch

    async def get_children_and_watch(self, path: str) -> tuple[list[str], Stat, Watch]:
        """List a node's children, and watch for one to come or go, or for the node to go.

        Raises:
            ReplyError: as for ``get_children``; then no watch is set.
        """
        watch = Watch(path)
        request = build.get_children2(self.server_path(path), watch=True)
        children, stat = await self.perform(request, watch=watch)
        return children, stat, watch
