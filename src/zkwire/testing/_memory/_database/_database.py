"""The state of one replica: the tree, the sessions, and the last transaction."""

from __future__ import annotations

from zkwire import NodeExists, NoNode, OpCode, RuntimeInconsistency
from zkwire.testing._memory._database._applied import Applied, Change, Result
from zkwire.testing._memory._database._node import Node
from zkwire.testing._memory._database._tree import Tree
from zkwire.testing._memory._database._txns import (
    CheckTxn,
    CloseSessionTxn,
    Committed,
    CreateSessionTxn,
    CreateTxn,
    DeleteTxn,
    ErrorTxn,
    MultiTxn,
    SetAclTxn,
    SetDataTxn,
)

_ERROR = -1


class Database:
    """The state of one replica: the tree, the sessions, and the last transaction.

    Attributes:
        last_zxid: The zxid of the last transaction; 0 before the first.
        sessions: Global sessions and their timeouts in milliseconds.
    """

    def __init__(self, config: bytes = b"", time_ms: int = 0) -> None:
        """The state of a server that was never written to.

        Args:
            config: The content of ``/zookeeper/config``: see `config_text`.
            time_ms: The wall clock, for the configuration node of an ensemble.
        """
        self.last_zxid = 0
        self.sessions: dict[int, int] = {}
        self._tree = Tree(config, time_ms)

    def apply(self, committed: Committed) -> Applied:
        """Take over a transaction; transactions come in the order of their zxids."""
        zxid, txn = committed.zxid, committed.txn
        self.last_zxid = zxid
        match txn:
            case CreateSessionTxn(session_id, timeout_ms):
                self.sessions[session_id] = timeout_ms
                return Applied(0, zxid)
            case CloseSessionTxn(session_id):
                self.sessions.pop(session_id, None)
                gone = [self._tree.delete(path, zxid) for path in self.ephemerals_of(session_id)]
                return Applied(0, zxid, changes=tuple(gone), closed=session_id)
            case MultiTxn(txns):
                return self._apply_multi(committed, txns)
            case _:
                changes: list[Change] = []
                result = self._apply_one(txn, committed, changes)
                return Applied(result.err, zxid, (result,), tuple(changes))

    def _apply_multi(
        self,
        committed: Committed,
        txns: tuple[CreateTxn | DeleteTxn | SetDataTxn | CheckTxn | ErrorTxn, ...],
    ) -> Applied:
        failed = next((at for at, txn in enumerate(txns) if isinstance(txn, ErrorTxn)), None)
        if failed is None:
            changes: list[Change] = []
            results = tuple(self._apply_one(txn, committed, changes) for txn in txns)
            return Applied(0, committed.zxid, results, tuple(changes))
        codes = [0] * failed
        codes += [txn.err for txn in txns[failed : failed + 1] if isinstance(txn, ErrorTxn)]
        codes += [RuntimeInconsistency.code] * (len(txns) - len(codes))
        return Applied(0, committed.zxid, tuple(Result(_ERROR, err=code) for code in codes))

    def _apply_one(
        self,
        txn: CreateTxn | DeleteTxn | SetDataTxn | SetAclTxn | CheckTxn | ErrorTxn,
        committed: Committed,
        changes: list[Change],
    ) -> Result:
        tree, zxid, time_ms = self._tree, committed.zxid, committed.time_ms
        try:
            match txn:
                case CreateTxn(path):
                    node, change = tree.create(txn, zxid, time_ms)
                    changes.append(change)
                    return Result(txn.kind, path, node.stat)
                case DeleteTxn(path):
                    changes.append(tree.delete(path, zxid))
                    return Result(OpCode.DELETE)
                case SetDataTxn():
                    node, change = tree.set_data(txn, zxid, time_ms)
                    changes.append(change)
                    return Result(OpCode.SET_DATA, stat=node.stat)
                case SetAclTxn():
                    return Result(OpCode.SET_ACL, stat=tree.set_acl(txn).stat)
                case CheckTxn():
                    return Result(OpCode.CHECK)
                case ErrorTxn(err):
                    return Result(_ERROR, err=err)
        except LookupError:
            return Result(_ERROR, err=NoNode.code)
        except ValueError:
            return Result(_ERROR, err=NodeExists.code)

    def node(self, path: str) -> Node | None:
        """The node at a path; the empty path is the root's too, as on real servers."""
        return self._tree.nodes.get(path or "/")

    def ephemerals_of(self, session_id: int) -> list[str]:
        """The paths of a session's ephemeral nodes, oldest first."""
        return list(self._tree.ephemerals.get(session_id, ()))

    def count_below(self, path: str) -> int:
        """How many nodes there are below a node, at any depth; 0 where there is none."""
        if path in {"", "/"}:
            return len(self._tree.nodes) - 1
        count = 0
        waiting = [path]
        while waiting:
            above = waiting.pop()
            node = self._tree.nodes.get(above)
            if node is not None:
                count += len(node.children)
                waiting.extend(f"{above}/{name}" for name in node.children)
        return count

    def breaks_hard_quota(self, path: str, size: int, count: int) -> bool:
        """Whether so many bytes and nodes more at a path are more than a hard quota allows.

        Raises:
            ValueError: The limits cannot be read.
        """
        return self._tree.quotas.breaks_hard_limit(path, size, count)

    def collectable(self, now_ms: int) -> list[str]:
        """Empty containers that were once used, and empty nodes whose time to live is over."""
        tree = self._tree
        return [*tree.used_up, *(path for path, at in self._deaths() if at <= now_ms)]

    def next_collectable_ms(self, now_ms: int) -> int | None:
        """When `collectable` has something to name as things are; None: never."""
        if self._tree.used_up:
            return now_ms
        first = min((at for _, at in self._deaths()), default=None)
        return None if first is None else max(now_ms, first)

    def _deaths(self) -> list[tuple[str, int]]:
        """Empty TTL nodes, and the first millisecond at which each is over its time."""
        nodes = self._tree.nodes
        return [
            (path, node.mtime + node.ttl + 1)
            for path in self._tree.mortal
            if not (node := nodes[path]).children
        ]

    def copy(self) -> Database:
        """A snapshot: it shares nothing with this one that changes."""
        copied = Database.__new__(Database)
        copied.last_zxid = self.last_zxid
        copied.sessions = self.sessions.copy()
        copied._tree = self._tree.copy()
        return copied

    @property
    def node_count(self) -> int:
        """What servers tell as their number of nodes: the root is in it twice."""
        return len(self._tree.nodes) + 1

    @property
    def ephemeral_count(self) -> int:
        """How many ephemeral nodes there are."""
        return sum(len(paths) for paths in self._tree.ephemerals.values())

    @property
    def data_size(self) -> int:
        """What servers tell as the approximate size of their data: of paths and data, in bytes."""
        return self._tree.data_size
