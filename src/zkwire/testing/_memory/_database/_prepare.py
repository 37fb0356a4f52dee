"""From a write to the transaction that all replicas apply: the leader's checks."""

from __future__ import annotations

from zkwire import (
    BadArguments,
    BadVersion,
    NotEmpty,
    Perms,
    RuntimeInconsistency,
)
from zkwire.testing._memory._database._access import Origin
from zkwire.testing._memory._database._database import Database
from zkwire.testing._memory._database._given_acl import resolved_acl
from zkwire.testing._memory._database._prepare_create import prepare_create
from zkwire.testing._memory._database._read_multi import read_multi
from zkwire.testing._memory._database._refusal import (
    Refusal,
    next_version,
    parent_path,
    valid_path,
)
from zkwire.testing._memory._database._request import Request
from zkwire.testing._memory._database._tree import RESERVED
from zkwire.testing._memory._database._txns import (
    CheckTxn,
    CloseSessionTxn,
    CreateSessionTxn,
    CreateTxn,
    DeleteTxn,
    ErrorTxn,
    MultiTxn,
    SetAclTxn,
    SetDataTxn,
    Txn,
)
from zkwire.testing._memory._database._view import View
from zkwire.testing._memory._database._writes import (
    CheckNode,
    CloseSession,
    CollectNode,
    CreateNode,
    CreateSession,
    DeleteNode,
    MultiWrite,
    Refused,
    SetNodeAcl,
    SetNodeData,
    Write,
)
from zkwire.testing._memory._settings import Settings


def prepare(database: Database, write: Write, origin: Origin, settings: Settings) -> Txn:
    """Check a write against the leader's state, in the order of a real server's checks.

    The state must hold everything that was prepared before: numbers and versions are decided
    here.  Never raises for bad input: what is refused comes back as an ``ErrorTxn``.
    """
    request = Request(View(database), origin, settings)
    try:
        match write:
            case MultiWrite(ops):
                return _prepare_multi(ops, request)
            case SetNodeAcl():
                return _prepare_set_acl(write, request)
            case CreateSession(session_id, timeout_ms):
                return CreateSessionTxn(session_id, timeout_ms)
            case CloseSession(session_id):
                return CloseSessionTxn(session_id)
            case CollectNode(path):
                return _prepare_collect(path, request)
            case Refused(err):
                return ErrorTxn(err)
            case _:
                return _prepare_one(write, request)
    except Refusal as refusal:
        return ErrorTxn(refusal.err)


def _prepare_one(
    write: CreateNode | DeleteNode | SetNodeData | CheckNode, request: Request
) -> CreateTxn | DeleteTxn | SetDataTxn | CheckTxn:
    match write:
        case CreateNode():
            return prepare_create(write, request)
        case DeleteNode():
            return _prepare_delete(write, request)
        case SetNodeData():
            return _prepare_set_data(write, request)
        case CheckNode():
            return _prepare_check(write, request)


def _prepare_multi(
    ops: tuple[CreateNode | DeleteNode | SetNodeData | CheckNode, ...], request: Request
) -> MultiTxn:
    txns: list[CreateTxn | DeleteTxn | SetDataTxn | CheckTxn | ErrorTxn] = []
    for op in read_multi(ops):
        try:
            txn = _prepare_one(op, request)
        except Refusal as refusal:
            if refusal.whole:
                raise
            txns.append(ErrorTxn(refusal.err))
            # What follows is not looked at; its results say so by their number.
            txns.extend([ErrorTxn(RuntimeInconsistency.code)] * (len(ops) - len(txns)))
            break
        request.view.absorb(txn)
        txns.append(txn)
    return MultiTxn(tuple(txns))


def _prepare_delete(write: DeleteNode, request: Request) -> DeleteTxn:
    request.require_session()
    above = parent_path(write.path)
    path = write.path or ""
    if path in RESERVED:
        raise Refusal(BadArguments)
    request.require(request.node(above), Perms.DELETE)
    node = request.node(path)
    next_version(node.version, write.version)
    if node.child_count:
        raise Refusal(NotEmpty)
    return DeleteTxn(path)


def _prepare_collect(path: str, request: Request) -> DeleteTxn:
    node = request.node(path)
    if node.child_count:
        raise Refusal(NotEmpty)
    if not node.container and not node.ttl:
        raise Refusal(BadVersion)
    return DeleteTxn(path)


def _prepare_set_data(write: SetNodeData, request: Request) -> SetDataTxn:
    request.require_session()
    path = valid_path(write.path)
    node = request.node(path)
    request.require(node, Perms.WRITE)
    more = len(write.data or b"") - len(node.data or b"")
    request.require_quota(path, more, 0)
    return SetDataTxn(path, write.data, next_version(node.version, write.version))


def _prepare_set_acl(write: SetNodeAcl, request: Request) -> SetAclTxn:
    request.require_session()
    path = valid_path(write.path)
    acl = resolved_acl(write.acl, request.origin.who)
    node = request.node(path)
    request.require(node, Perms.ADMIN)
    return SetAclTxn(path, acl, next_version(node.aversion, write.version))


def _prepare_check(write: CheckNode, request: Request) -> CheckTxn:
    request.require_session()
    path = valid_path(write.path)
    node = request.node(path)
    request.require(node, Perms.READ)
    next_version(node.version, write.version)
    return CheckTxn(path)
