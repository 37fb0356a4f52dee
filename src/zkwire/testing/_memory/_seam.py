"""What an ensemble needs of each of its members; their client side is built on top of it."""

from __future__ import annotations

from typing import Protocol

from zkwire.testing._memory._database import Applied, Committed, Database


class Replica(Protocol):
    """A member: its copy of the tree, its connections and their watches.

    Attributes:
        id: its number, from 1.
        database: its copy of the tree.
        running: whether the process would exist.  The cluster sets it.
        frozen: whether it is stopped: it reads, answers and applies nothing.  The cluster sets
            it, and calls `wake` once it is over.
    """

    id: int
    database: Database
    running: bool
    frozen: bool

    def apply(self, committed: Committed) -> Applied:
        """Apply a transaction to the tree, tell the watchers, and answer who proposed it here."""
        ...

    def install(self, database: Database) -> None:
        """Take another member's tree for its own, having fallen too far behind."""
        ...

    def close_links(self, *, reset: bool) -> None:
        """Close every connection, as a member does that dies or that serves no more.

        ``reset`` cuts them off; otherwise what was answered already still goes out.
        """
        ...

    def close_links_of(self, session_id: int) -> None:
        """Close the connections of one session."""
        ...

    def wake(self) -> None:
        """Go on with what came in while it was frozen."""
        ...
