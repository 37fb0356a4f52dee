"""Scalars and enumerations of the protocol.  A leaf: imports nothing of zkwire."""

from __future__ import annotations

from enum import Enum, IntEnum, IntFlag
from typing import Final, NewType

Xid = NewType("Xid", int)
"""Request number of one connection, echoed by its reply; a signed 32-bit number."""

Zxid = NewType("Zxid", int)
"""Transaction id of the ensemble: epoch in the high half, counter in the low half."""

NO_ZXID: Final = Zxid(0)
"""Before anything was seen."""

SessionId = NewType("SessionId", int)
"""Signed 64-bit; the high byte is the id of the server that made the session."""

ANY_VERSION: Final = -1
"""As a version argument: whatever the node's version is."""


class OpCode(IntEnum):
    """What a client may ask of a server.

    The servers' own opcodes, -10 (createSession) and 20 (deleteContainer), are
    left out so that nothing can send them.
    """

    CREATE = 1
    DELETE = 2
    EXISTS = 3
    GET_DATA = 4
    SET_DATA = 5
    GET_ACL = 6
    SET_ACL = 7
    GET_CHILDREN = 8
    SYNC = 9
    PING = 11
    GET_CHILDREN2 = 12
    CHECK = 13
    MULTI = 14
    CREATE2 = 15
    RECONFIG = 16
    CHECK_WATCHES = 17
    REMOVE_WATCHES = 18
    CREATE_CONTAINER = 19
    CREATE_TTL = 21
    MULTI_READ = 22
    AUTH = 100
    SET_WATCHES = 101
    SASL = 102
    GET_EPHEMERALS = 103
    GET_ALL_CHILDREN_NUMBER = 104
    SET_WATCHES2 = 105
    ADD_WATCH = 106
    WHO_AM_I = 107
    CLOSE_SESSION = -11


class SpecialXid(IntEnum):
    """Request numbers that are answered outside the order of ordinary requests."""

    NOTIFICATION = -1
    PING = -2
    AUTH = -4
    SET_WATCHES = -8


class CreateMode(Enum):
    """How a node lives and whether the server numbers it.

    Each member fixes flags and opcode together.  Servers accept several
    mismatched pairs and then store the wrong kind of node (opcode 1 with the
    container flag makes a plain persistent node), so a pair cannot be chosen
    freely here.
    """

    PERSISTENT = 0
    EPHEMERAL = 1
    PERSISTENT_SEQUENTIAL = 2
    EPHEMERAL_SEQUENTIAL = 3
    CONTAINER = 4
    PERSISTENT_WITH_TTL = 5
    PERSISTENT_SEQUENTIAL_WITH_TTL = 6

    @property
    def flags(self) -> int:
        """The number on the wire."""
        return self.value

    @property
    def is_sequential(self) -> bool:
        """Whether the server appends a number to the name."""
        return self in SEQUENTIAL_MODES

    @property
    def is_ephemeral(self) -> bool:
        """Whether the node goes when its session ends."""
        return self in _EPHEMERAL

    @property
    def has_ttl(self) -> bool:
        """Whether the node needs a time to live."""
        return self in _WITH_TTL


SEQUENTIAL_MODES: Final = frozenset(
    {
        CreateMode.PERSISTENT_SEQUENTIAL,
        CreateMode.EPHEMERAL_SEQUENTIAL,
        CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL,
    }
)
_EPHEMERAL: Final = frozenset({CreateMode.EPHEMERAL, CreateMode.EPHEMERAL_SEQUENTIAL})
_WITH_TTL: Final = frozenset(
    {CreateMode.PERSISTENT_WITH_TTL, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL}
)


class EventType(IntEnum):
    """What happened to a watched node."""

    NODE_CREATED = 1
    NODE_DELETED = 2
    NODE_DATA_CHANGED = 3
    NODE_CHILDREN_CHANGED = 4


class WatchKind(Enum):
    """The lists in which a client keeps its watches, and a server sets them again.

    EXIST is a watch on a node that was absent when it was set.  Filing it with
    the data watches would draw a spurious NODE_CREATED from setWatches after a
    reconnect.
    """

    DATA = "data"
    EXIST = "exist"
    CHILD = "child"
    PERSISTENT = "persistent"
    PERSISTENT_RECURSIVE = "persistent recursive"

    # Members are equal only to themselves.  Enum's own is a function in Python, and every watch
    # event looks four of these up.
    __hash__ = object.__hash__


class WatcherType(IntEnum):
    """Which watches of a path to check for, or to remove.

    Servers before 3.9 know the first three alone, and answer the other two with
    ``MarshallingError``.
    """

    CHILDREN = 1
    DATA = 2
    ANY = 3
    PERSISTENT = 4
    PERSISTENT_RECURSIVE = 5


class Perms(IntFlag):
    """What an ACL entry allows."""

    READ = 1
    WRITE = 2
    CREATE = 4
    DELETE = 8
    ADMIN = 16
    ALL = 31
