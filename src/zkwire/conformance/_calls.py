"""Every request by name, with whatever fields a check wants to send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from zkwire import OPEN_ACL_UNSAFE, Acl, OpCode
from zkwire._jute import records
from zkwire.conformance._link import AUTH, SET_WATCHES, LinkBase
from zkwire.conformance._reply import Reply, Result, results_of

Op: TypeAlias = tuple[int, bytes]
"""One operation of a multi: its type and its record."""

ANY: Final = -1
OPEN: Final = list(OPEN_ACL_UNSAFE)
END: Final = records.MULTI_HEADER.encode(-1, True, -1)


def creation(
    path: str | None,
    data: bytes | None = b"",
    *,
    flags: int = 0,
    acl: Sequence[Acl] | None = OPEN_ACL_UNSAFE,
) -> bytes:
    """A CreateRequest."""
    entries = None if acl is None else list(acl)
    return records.CREATE_REQUEST.encode(path, data, entries, flags)


def ttl_creation(path: str, ttl: int, *, flags: int = 5) -> bytes:
    """A CreateTTLRequest."""
    return records.CREATE_TTL_REQUEST.encode(path, b"", OPEN, flags, ttl)


def listed(ops: Sequence[Op]) -> bytes:
    """The body of a multi, without its end."""
    return b"".join(records.MULTI_HEADER.encode(kind, False, -1) + body for kind, body in ops)


class Link(LinkBase):
    """A session, and the protocol's requests.

    Every method sends one request and waits for its reply; it is a checkpoint, and cancelled
    it leaves the connection good for ``aclose`` alone.
    """

    async def create(
        self,
        path: str | None,
        data: bytes | None = b"",
        *,
        flags: int = 0,
        acl: Sequence[Acl] | None = OPEN_ACL_UNSAFE,
        op: int = OpCode.CREATE,
    ) -> Reply:
        """Opcodes 1, 15 and 19."""
        return await self.call(op, creation(path, data, flags=flags, acl=acl))

    async def create_ttl(self, path: str, ttl: int, *, flags: int = 5) -> Reply:
        """Opcode 21; ``ttl`` in milliseconds."""
        return await self.call(OpCode.CREATE_TTL, ttl_creation(path, ttl, flags=flags))

    async def delete(self, path: str, version: int = ANY) -> Reply:
        """Opcode 2."""
        return await self.call(OpCode.DELETE, records.DELETE_REQUEST.encode(path, version))

    async def exists(self, path: str | None, *, watch: bool = False) -> Reply:
        """Opcode 3."""
        return await self.call(OpCode.EXISTS, records.EXISTS_REQUEST.encode(path, watch))

    async def get_data(self, path: str | None, *, watch: bool = False) -> Reply:
        """Opcode 4."""
        return await self.call(OpCode.GET_DATA, records.GET_DATA_REQUEST.encode(path, watch))

    async def set_data(self, path: str, data: bytes | None, version: int = ANY) -> Reply:
        """Opcode 5."""
        body = records.SET_DATA_REQUEST.encode(path, data, version)
        return await self.call(OpCode.SET_DATA, body)

    async def get_acl(self, path: str) -> Reply:
        """Opcode 6."""
        return await self.call(OpCode.GET_ACL, records.GET_ACL_REQUEST.encode(path))

    async def set_acl(self, path: str, acl: Sequence[Acl] | None, version: int = ANY) -> Reply:
        """Opcode 7."""
        entries = None if acl is None else list(acl)
        body = records.SET_ACL_REQUEST.encode(path, entries, version)
        return await self.call(OpCode.SET_ACL, body)

    async def get_children(self, path: str, *, watch: bool = False) -> Reply:
        """Opcode 8."""
        body = records.GET_CHILDREN_REQUEST.encode(path, watch)
        return await self.call(OpCode.GET_CHILDREN, body)

    async def get_children2(self, path: str, *, watch: bool = False) -> Reply:
        """Opcode 12."""
        body = records.GET_CHILDREN2_REQUEST.encode(path, watch)
        return await self.call(OpCode.GET_CHILDREN2, body)

    async def sync(self, path: str) -> Reply:
        """Opcode 9."""
        return await self.call(OpCode.SYNC, records.SYNC_REQUEST.encode(path))

    async def multi(self, *ops: Op) -> Reply:
        """Opcode 14."""
        return await self.call(OpCode.MULTI, listed(ops) + END)

    async def multi_results(self, *ops: Op) -> list[Result]:
        """Opcode 14, as the list that comes back."""
        return results_of((await self.multi(*ops)).ok().body)

    async def multi_read(self, *ops: Op) -> Reply:
        """Opcode 22."""
        return await self.call(OpCode.MULTI_READ, listed(ops) + END)

    async def reconfig(
        self, joining: str | None, leaving: str | None, config_id: int, members: str | None = None
    ) -> Reply:
        """Opcode 16."""
        body = records.RECONFIG_REQUEST.encode(joining, leaving, members, config_id)
        return await self.call(OpCode.RECONFIG, body)

    async def check_watches(self, path: str, kind: int) -> Reply:
        """Opcode 17."""
        body = records.CHECK_WATCHES_REQUEST.encode(path, kind)
        return await self.call(OpCode.CHECK_WATCHES, body)

    async def remove_watches(self, path: str, kind: int) -> Reply:
        """Opcode 18."""
        body = records.REMOVE_WATCHES_REQUEST.encode(path, kind)
        return await self.call(OpCode.REMOVE_WATCHES, body)

    async def add_watch(self, path: str, mode: int) -> Reply:
        """Opcode 106."""
        return await self.call(OpCode.ADD_WATCH, records.ADD_WATCH_REQUEST.encode(path, mode))

    async def set_watches(
        self,
        zxid: int,
        *,
        data: list[str] | None = None,
        exist: list[str] | None = None,
        child: list[str] | None = None,
        xid: int | None = SET_WATCHES,
    ) -> Reply:
        """Opcode 101."""
        body = records.SET_WATCHES.encode(zxid, data or [], exist or [], child or [])
        return await self.call(OpCode.SET_WATCHES, body, xid=xid)

    async def set_watches2(
        self,
        zxid: int,
        *,
        data: list[str] | None = None,
        exist: list[str] | None = None,
        child: list[str] | None = None,
        persistent: list[str] | None = None,
        recursive: list[str] | None = None,
    ) -> Reply:
        """Opcode 105."""
        body = records.SET_WATCHES2.encode(
            zxid, data or [], exist or [], child or [], persistent or [], recursive or []
        )
        return await self.call(OpCode.SET_WATCHES2, body, xid=SET_WATCHES)

    async def auth(self, scheme: str, credentials: bytes, *, xid: int = AUTH) -> Reply:
        """Opcode 100."""
        body = records.AUTH_PACKET.encode(0, scheme, credentials)
        return await self.call(OpCode.AUTH, body, xid=xid)

    async def sasl(self, token: bytes | None) -> Reply:
        """Opcode 102."""
        return await self.call(OpCode.SASL, records.GET_SASL_REQUEST.encode(token))

    async def get_ephemerals(self, prefix: str | None) -> Reply:
        """Opcode 103."""
        body = records.GET_EPHEMERALS_REQUEST.encode(prefix)
        return await self.call(OpCode.GET_EPHEMERALS, body)

    async def get_all_children_number(self, path: str) -> Reply:
        """Opcode 104."""
        body = records.GET_ALL_CHILDREN_NUMBER_REQUEST.encode(path)
        return await self.call(OpCode.GET_ALL_CHILDREN_NUMBER, body)

    async def who_am_i(self) -> Reply:
        """Opcode 107."""
        return await self.call(OpCode.WHO_AM_I)

    async def close_session(self) -> Reply:
        """Opcode -11."""
        return await self.call(OpCode.CLOSE_SESSION)
