"""A node as a replica keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field

from zkwire import Acl, Stat, Zxid


@dataclass(slots=True, eq=False)
class Node:
    """A node as a replica keeps it.

    ``creations`` counts the children that were ever created: the number behind sequential
    names, and half of ``Stat.cversion``.  ``owner`` is the session of an ephemeral node, else
    0.  ``ttl`` is in milliseconds, 0 for a node without.  ``children`` is an ordered set of
    names.
    """

    data: bytes | None
    acl: tuple[Acl, ...]
    czxid: int = 0
    mzxid: int = 0
    pzxid: int = 0
    ctime: int = 0
    mtime: int = 0
    version: int = 0
    aversion: int = 0
    creations: int = 0
    owner: int = 0
    container: bool = False
    ttl: int = 0
    children: dict[str, None] = field(default_factory=dict[str, None])

    @property
    def child_count(self) -> int:
        """How many children it has."""
        return len(self.children)

    @property
    def stat(self) -> Stat:
        """The record that clients see: containers and TTL nodes have no owner in it."""
        children = len(self.children)
        return Stat(
            Zxid(self.czxid),
            Zxid(self.mzxid),
            self.ctime,
            self.mtime,
            self.version,
            # Creations and deletions together; by far not the number of the next name.
            self.creations * 2 - children,
            self.aversion,
            self.owner,
            len(self.data or b""),
            children,
            Zxid(self.pzxid),
        )

    def copy(self) -> Node:
        """A node of the same content that changes by itself."""
        return Node(
            self.data,
            self.acl,
            self.czxid,
            self.mzxid,
            self.pzxid,
            self.ctime,
            self.mtime,
            self.version,
            self.aversion,
            self.creations,
            self.owner,
            self.container,
            self.ttl,
            self.children.copy(),
        )
