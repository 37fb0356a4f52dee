"""The leader's tree with the effects of a multi's earlier operations laid over it."""

from __future__ import annotations

from dataclasses import dataclass

from zkwire import Acl
from zkwire.testing._memory._database._database import Database
from zkwire.testing._memory._database._node import Node
from zkwire.testing._memory._database._tree import parent_of
from zkwire.testing._memory._database._txns import CheckTxn, CreateTxn, DeleteTxn, SetDataTxn


@dataclass(slots=True)
class Pending:
    """What checks need to know of a node that an earlier operation has touched."""

    acl: tuple[Acl, ...]
    data: bytes | None
    owner: int
    container: bool
    ttl: int
    version: int = 0
    aversion: int = 0
    creations: int = 0
    child_count: int = 0


class View:
    """The leader's tree with the effects of a multi's earlier operations laid over it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._touched: dict[str, Pending | None] = {}

    def node(self, path: str) -> Node | Pending | None:
        """The node at a path."""
        path = path or "/"
        if path in self._touched:
            return self._touched[path]
        return self.database.node(path)

    def absorb(self, txn: CreateTxn | DeleteTxn | SetDataTxn | CheckTxn) -> None:
        """Have what follows see the effects of an operation."""
        match txn:
            case CreateTxn():
                parent = self._touch(parent_of(txn.path))
                parent.creations = txn.creations
                parent.child_count += 1
                self._touched[txn.path] = Pending(
                    txn.acl, txn.data, txn.owner, txn.container, txn.ttl
                )
            case DeleteTxn(path):
                self._touch(parent_of(path)).child_count -= 1
                self._touched[path] = None
            case SetDataTxn():
                node = self._touch(txn.path)
                node.data, node.version = txn.data, txn.version
            case CheckTxn():
                pass

    def _touch(self, path: str) -> Pending:
        node = self.node(path)
        if not isinstance(node, Pending):
            if node is None:
                raise LookupError(path)
            node = Pending(
                node.acl,
                node.data,
                node.owner,
                node.container,
                node.ttl,
                node.version,
                node.aversion,
                node.creations,
                node.child_count,
            )
            self._touched[path] = node
        return node
