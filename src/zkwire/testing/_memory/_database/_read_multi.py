"""A multi as a real 3.9 server has it once it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from zkwire import CreateMode, MarshallingError, OpCode
from zkwire.testing._memory._database._refusal import Refusal
from zkwire.testing._memory._database._writes import (
    CheckNode,
    CreateNode,
    DeleteNode,
    SetNodeData,
)

_MODES: Final = {mode.flags: mode for mode in CreateMode}


def read_multi(
    ops: tuple[CreateNode | DeleteNode | SetNodeData | CheckNode, ...],
) -> list[CreateNode | DeleteNode | SetNodeData | CheckNode]:
    """The operations that a server makes of those that were sent.

    Reading already, and so before it looks at any node, it turns away null paths, null ACLs and
    flags that do not fit; and it has the flags decide about the kind of node, other than
    outside a multi.

    Raises:
        Refusal: One of them cannot be read, so that all are refused.
    """
    return [_read_create(op) if isinstance(op, CreateNode) else _with_path(op) for op in ops]


def _with_path(op: DeleteNode | SetNodeData | CheckNode) -> DeleteNode | SetNodeData | CheckNode:
    if op.path is None:
        raise Refusal(MarshallingError)
    return op


def _read_create(op: CreateNode) -> CreateNode:
    mode = _MODES.get(op.flags)
    plain = op.opcode != OpCode.CREATE_TTL
    if op.path is None or (plain and op.acl is None) or mode is None:
        raise Refusal(MarshallingError)
    if plain and mode.has_ttl:
        raise Refusal(MarshallingError)
    if mode is CreateMode.CONTAINER:
        return replace(op, opcode=OpCode.CREATE_CONTAINER, ttl=-1)
    if not plain and not mode.has_ttl:
        return replace(op, opcode=OpCode.CREATE, ttl=-1)
    return op
