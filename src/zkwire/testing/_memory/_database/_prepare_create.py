"""The checks of a create, in the order of a real server's."""

from __future__ import annotations

from typing import Final

from zkwire import (
    BadArguments,
    CreateMode,
    NoChildrenForEphemerals,
    NodeExists,
    OpCode,
    Perms,
    Unimplemented,
)
from zkwire.testing._memory._database._given_acl import resolved_acl
from zkwire.testing._memory._database._refusal import (
    Refusal,
    following,
    parent_path,
    valid_path,
)
from zkwire.testing._memory._database._request import Request
from zkwire.testing._memory._database._txns import CreateTxn
from zkwire.testing._memory._database._writes import CreateNode

# By flags: hashing a member of an enumeration is slow, and this is done for every create.
_FLAGS: Final = frozenset(mode.flags for mode in CreateMode)
_SEQUENTIAL: Final = frozenset(mode.flags for mode in CreateMode if mode.is_sequential)
_EPHEMERAL: Final = frozenset(mode.flags for mode in CreateMode if mode.is_ephemeral)
_WITH_TTL: Final = frozenset(mode.flags for mode in CreateMode if mode.has_ttl)
_PLAIN: Final = frozenset({OpCode.CREATE.value, OpCode.CREATE2.value})
_LONGEST_TTL: Final = 2**40 - 1


def prepare_create(write: CreateNode, request: Request) -> CreateTxn:
    """Check a create.

    Raises:
        Refusal: It is refused.
    """
    if write.flags not in _FLAGS:
        raise Refusal(BadArguments)
    _require_ttl(write, extended_types=request.settings.extended_types)
    ephemeral = write.flags in _EPHEMERAL
    request.require_session(ephemeral=ephemeral)
    above = parent_path(write.path)
    acl = resolved_acl(write.acl, request.origin.who)
    parent = request.node(above)
    request.require(parent, Perms.CREATE)
    path = write.path or ""
    if write.flags in _SEQUENTIAL:
        path += f"{parent.creations:010d}"
    valid_path(path)
    if request.view.node(path) is not None:
        raise Refusal(NodeExists)
    if parent.owner:
        raise Refusal(NoChildrenForEphemerals)
    request.require_quota(path, len(write.data or b""), 1)
    return CreateTxn(
        path,
        write.data,
        acl,
        creations=following(parent.creations),
        kind=OpCode.CREATE if write.opcode == OpCode.CREATE else OpCode.CREATE2,
        owner=request.origin.session_id if ephemeral and write.opcode in _PLAIN else 0,
        container=write.opcode == OpCode.CREATE_CONTAINER,
        ttl=write.ttl if write.opcode == OpCode.CREATE_TTL else 0,
    )


def _require_ttl(write: CreateNode, *, extended_types: bool) -> None:
    wanted = write.flags in _WITH_TTL
    if wanted and not extended_types:
        raise Refusal(Unimplemented)
    has_ttl = write.opcode == OpCode.CREATE_TTL
    # A real server takes opcode 21 with a negative time and another mode, and dies of it.
    if wanted != has_ttl or (has_ttl and not 1 <= write.ttl <= _LONGEST_TTL):
        raise Refusal(BadArguments)
