"""The nodes of one replica, and what the server itself keeps about them."""

from __future__ import annotations

from typing import Final

from zkwire import OPEN_ACL_UNSAFE, Acl, EventType, Identity, Perms
from zkwire.testing._memory._database._applied import Change
from zkwire.testing._memory._database._node import Node
from zkwire.testing._memory._database._quota import QUOTA_ROOT, Quotas
from zkwire.testing._memory._database._txns import CreateTxn, SetAclTxn, SetDataTxn

CONFIG: Final = "/zookeeper/config"
RESERVED: Final = frozenset({"/", "/zookeeper", QUOTA_ROOT, CONFIG})
_READABLE: Final = (Acl(Perms.READ, Identity("world", "anyone")),)


def parent_of(path: str) -> str:
    """The path of a node's parent."""
    return path.rpartition("/")[0] or "/"


class Tree:
    """The nodes of one replica, and what the server itself keeps about them.

    Transactions are applied as they are: whoever proposed one has checked it.  What does not fit
    all the same is told by an exception, as replicas that have come apart would note it.
    """

    def __init__(self, config: bytes, time_ms: int) -> None:
        self.nodes: dict[str, Node] = {}
        for path in ("/", "/zookeeper", QUOTA_ROOT, CONFIG):
            self.nodes[path] = Node(b"", OPEN_ACL_UNSAFE)
            if path != "/":
                self.nodes[parent_of(path)].children[path.rpartition("/")[2]] = None
        node = self.nodes[CONFIG]
        # Written over the fresh node with version -1: setACL at the start of every server, and
        # setData at that of an ensemble's member.
        node.acl, node.aversion = _READABLE, -1
        if config:
            node.data, node.version, node.mtime = config, -1, time_ms
        self.data_size = sum(len(path) for path in self.nodes) + len(config)
        self.ephemerals: dict[int, dict[str, None]] = {}
        # Containers that are empty and were not always; TTL nodes.
        self.used_up: dict[str, None] = {}
        self.mortal: dict[str, None] = {}
        self.quotas = Quotas(self.nodes)

    def copy(self) -> Tree:
        """A tree of the same content that changes by itself."""
        copied = Tree.__new__(Tree)
        copied.nodes = {path: node.copy() for path, node in self.nodes.items()}
        copied.data_size = self.data_size
        copied.ephemerals = {owner: paths.copy() for owner, paths in self.ephemerals.items()}
        copied.used_up = self.used_up.copy()
        copied.mortal = self.mortal.copy()
        copied.quotas = self.quotas.copy(copied.nodes)
        return copied

    def create(self, txn: CreateTxn, zxid: int, time_ms: int) -> tuple[Node, Change]:
        """Add a node.

        Raises:
            LookupError: There is no parent.
            ValueError: There is such a node.
        """
        path = txn.path
        above, name = parent_of(path), path.rpartition("/")[2]
        parent = self.nodes[above]
        if path in self.nodes:
            raise ValueError(path)
        if txn.creations > parent.creations:
            parent.creations = txn.creations
            parent.pzxid = zxid
        parent.children[name] = None
        if parent.container:
            self.used_up.pop(above, None)
        node = Node(
            txn.data,
            txn.acl,
            czxid=zxid,
            mzxid=zxid,
            pzxid=zxid,
            ctime=time_ms,
            mtime=time_ms,
            owner=txn.owner,
            container=txn.container,
            ttl=txn.ttl,
        )
        self.nodes[path] = node
        if txn.owner:
            self.ephemerals.setdefault(txn.owner, {})[path] = None
        elif txn.ttl:
            self.mortal[path] = None
        size = len(txn.data or b"")
        self.data_size += len(path) + size
        self.quotas.created(path, size)
        return node, Change(EventType.NODE_CREATED, path, node.acl, parent.acl)

    def delete(self, path: str, zxid: int) -> Change:
        """Remove a node that has no children.

        Raises:
            LookupError: There is no such node.
        """
        node = self.nodes.pop(path)
        above = parent_of(path)
        parent = self.nodes[above]
        del parent.children[path.rpartition("/")[2]]
        parent.pzxid = max(parent.pzxid, zxid)
        if parent.container and not parent.children:
            self.used_up[above] = None
        if node.owner:
            owned = self.ephemerals[node.owner]
            del owned[path]
            if not owned:
                del self.ephemerals[node.owner]
        self.used_up.pop(path, None)
        self.mortal.pop(path, None)
        size = len(node.data or b"")
        self.data_size -= len(path) + size
        self.quotas.deleted(path, size)
        return Change(EventType.NODE_DELETED, path, node.acl, parent.acl)

    def set_data(self, txn: SetDataTxn, zxid: int, time_ms: int) -> tuple[Node, Change]:
        """Replace a node's data.

        Raises:
            LookupError: There is no such node.
        """
        node = self.nodes[txn.path]
        more = len(txn.data or b"") - len(node.data or b"")
        node.data = txn.data
        node.version = txn.version
        node.mzxid = zxid
        node.mtime = time_ms
        self.data_size += more
        self.quotas.changed(txn.path, more, 0)
        return node, Change(EventType.NODE_DATA_CHANGED, txn.path, node.acl)

    def set_acl(self, txn: SetAclTxn) -> Node:
        """Replace a node's ACL.

        Raises:
            LookupError: There is no such node.
        """
        node = self.nodes[txn.path]
        node.acl = txn.acl
        node.aversion = txn.version
        return node
