"""A tree by itself: writes are prepared and applied at once, one zxid after the other."""

from __future__ import annotations

from zkwire import Acl, Identity, OpCode, Stat
from zkwire.testing._memory._database import (
    Applied,
    CloseSession,
    Committed,
    CreateNode,
    CreateSession,
    Database,
    Origin,
    Write,
    prepare,
)
from zkwire.testing._memory._settings import Settings

WORLD = Identity("world", "anyone")
ADDRESS = Identity("ip", "127.0.0.1")
SESSION = 0x100
OTHER = 0x200


def world(perms: int = 31) -> tuple[Acl, ...]:
    return (Acl(perms, WORLD),)


class OneDatabase:
    """A database with two sessions (zxids 1 and 2), and a clock that is set by hand."""

    def __init__(self, **config: object) -> None:
        self.settings = Settings.from_config(config)
        self.database = Database()
        self.now_ms = 1_000
        for session_id in (SESSION, OTHER):
            self.do(CreateSession(session_id, 30_000))

    def do(self, write: Write, session: int = SESSION, *who: Identity) -> Applied:
        origin = Origin(session, frozenset({ADDRESS, *who}))
        txn = prepare(self.database, write, origin, self.settings)
        return self.database.apply(Committed(self.database.last_zxid + 1, self.now_ms, txn))

    def make(
        self,
        path: str | None,
        data: bytes | None = b"",
        *,
        flags: int = 0,
        acl: tuple[Acl, ...] | None = world(),
        ttl: int = -1,
        session: int = SESSION,
        who: tuple[Identity, ...] = (),
    ) -> Applied:
        opcode = {4: OpCode.CREATE_CONTAINER, 5: OpCode.CREATE_TTL, 6: OpCode.CREATE_TTL}
        write = CreateNode(path, data, acl, flags, ttl, opcode.get(flags, OpCode.CREATE2))
        return self.do(write, session, *who)

    def close(self, session: int = SESSION) -> Applied:
        return self.do(CloseSession(session), 0)

    def stat(self, path: str) -> Stat:
        node = self.database.node(path)
        assert node is not None, path
        return node.stat

    def has(self, path: str) -> bool:
        return self.database.node(path) is not None
