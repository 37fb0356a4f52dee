"""Nodes: making, reading, writing and removing them, alone and several at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from zkwire._errors import ReplyError
from zkwire._models import OPEN_ACL_UNSAFE, Acl, Stat
from zkwire._proto import _requests as build
from zkwire._proto._multi import (
    Check,
    Create,
    Created,
    Delete,
    GetChildren,
    GetData,
    ReadOp,
    ReadResult,
    SetData,
    WriteOp,
    WriteResult,
    failure_of,
)
from zkwire._trio._performer import Performer
from zkwire._types import ANY_VERSION, SEQUENTIAL_MODES, CreateMode


class NodeOperations(Performer):
    """The operations on nodes."""

    def _server_path_to_create(self, path: str, mode: CreateMode) -> str:
        """``/`` with a sequential mode is the empty prefix below the root, not the root itself."""
        server_path = self.server_path(path)
        # Not a question to the mode: one of another type is refused later, by name.
        if path == "/" and mode in SEQUENTIAL_MODES and server_path != "/":
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

    async def get_acl(self, path: str) -> tuple[list[Acl], Stat]:
        """Read who may do what with a node.

        Servers show digest hashes only to those who may change the ACL.

        Raises:
            NoNode: there is no such node.
            NoAuth: its ACL allows neither reading nor administering it.
        """
        return await self.perform(build.get_acl(self.server_path(path)))

    async def set_acl(self, path: str, acl: Sequence[Acl], version: int = ANY_VERSION) -> Stat:
        """Say who may do what with a node.

        Args:
            path: an existing node.
            acl: at least one entry.
            version: the version that the ACL (``Stat.aversion``) must have, or -1 for any.

        Returns:
            The node's new Stat.

        Raises:
            NoNode: there is no such node.
            BadVersion: its ACL has another version.
            InvalidAcl: the server refuses the ACL.
            NoAuth: its present ACL does not allow it.
        """
        return await self.perform(build.set_acl(self.server_path(path), acl, version))

    async def multi(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Apply several writes, all or none of them, as one transaction.

        Args:
            ops: ``Create``, ``Delete``, ``SetData`` and ``Check``, applied in this order,
                each seeing what those before it did.  All of them must fit one frame.

        Returns:
            A result for each: ``Created``, None, Stat, None.

        Raises:
            ReplyError: the error of the operation that failed.  ``index`` says which
                one it was, ``results`` what became of each: ``RolledBack`` before it,
                ``RuntimeInconsistency`` behind it.
        """
        mapped = [self._at_server(op) for op in ops]
        results = await self.perform(build.multi(mapped))
        if (error := failure_of(results)) is not None:
            raise error
        return [self._at_client(result) for result in results]

    async def multi_read(self, ops: Sequence[ReadOp]) -> list[ReadResult | ReplyError]:
        """Read several nodes in one request; each succeeds or fails for itself.

        Not a snapshot: the protocol does not say that nothing changes in between.

        Args:
            ops: ``GetData`` and ``GetChildren``.

        Returns:
            For each ``(data, Stat)``, the list of names, or an unraised ``ReplyError``.

        Raises:
            ReplyError: the request as a whole was refused.
        """
        mapped = [self._at_server(op) for op in ops]
        return await self.perform(build.multi_read(mapped))

    def _at_server(self, op: object) -> Any:  # noqa: ANN401  # of the type that came in
        """An operation with the server's path; what is none is refused when it is encoded."""
        if isinstance(op, Create):
            return replace(op, path=self._server_path_to_create(op.path, op.mode))
        if isinstance(op, Delete | SetData | Check | GetData | GetChildren):
            return replace(op, path=self.server_path(op.path))
        return op

    def _at_client(self, result: WriteResult | ReplyError) -> WriteResult:
        if isinstance(result, Created):
            return result._replace(path=self.client_path(result.path))
        assert not isinstance(result, ReplyError), "a multi without a failure has no errors"
        return result
