"""The state of one member that its connections share."""

from __future__ import annotations

from typing import Protocol, cast

import trio

from zkwire.testing._memory._cluster import Cluster, Proposal
from zkwire.testing._memory._database import Applied, Committed, Database
from zkwire.testing._memory._serving._traffic import Traffic
from zkwire.testing._memory._serving._watches import Watches
from zkwire.testing._memory._settings import Settings


class Attached(Protocol):
    """A connection, as far as its member goes."""

    @property
    def host(self) -> str:
        """Where it comes from."""
        ...

    @property
    def session_id(self) -> int:
        """Whose it is; 0 before a client has said so."""
        ...

    def describe(self) -> str:
        """A line about it."""
        ...

    def end(self) -> None:
        """Let go out what was put, then close."""
        ...

    def cut(self) -> None:
        """Close at once."""
        ...


class Member:
    """A member's tree, its connections and their watches.

    Attributes:
        id: its number, from 1.
        settings: the ensemble's.
        database: its copy of the tree.
        watches: those of all its connections.
        traffic: how many frames came and went.
        cluster: the ensemble that it belongs to.
        running: whether the process would exist.  The cluster sets it.
        frozen: whether it is stopped: it reads, answers and applies nothing.  The cluster sets
            it, and calls `wake` once it is over.
    """

    cluster: Cluster

    def __init__(self, member_id: int, settings: Settings, database: Database) -> None:
        self.id = member_id
        self.settings = settings
        self.database = database
        self.watches = Watches()
        self.traffic = Traffic()
        self.running = True
        self.frozen = False
        self._links: dict[Attached, None] = {}
        self._by_session: dict[int, dict[Attached, None]] = {}
        self._thaw = trio.Event()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._links)

    def describe_connections(self) -> list[str]:
        """A line about each connection, as in the answer to ``stat``."""
        return [link.describe() for link in self._links]

    def attach(self, cluster: Cluster) -> None:
        """Say whose member it is; once, before anything else."""
        self.cluster = cluster

    def apply(self, committed: Committed) -> Applied:
        """Apply a transaction to the tree, tell the watchers, and answer who proposed it here."""
        applied = self.database.apply(committed)
        for change in applied.changes:
            self.watches.fire(change, applied.zxid)
        proposal = cast("Proposal | None", committed.proposal)
        if proposal is not None and proposal.replica is self:
            proposal.done(applied)
        if applied.closed is not None:
            self.close_links_of(applied.closed)
        return applied

    def install(self, database: Database) -> None:
        """Take another member's tree for its own, having fallen too far behind."""
        self.database = database

    def close_links(self, *, reset: bool) -> None:
        """Close every connection, as a member does that dies or that serves no more.

        ``reset`` cuts them off; otherwise what was answered already still goes out.
        """
        for link in list(self._links):
            if reset:
                link.cut()
            else:
                link.end()

    def close_links_of(self, session_id: int) -> None:
        """Close the connections of one session."""
        for link in list(self._by_session.get(session_id, ())):
            link.end()

    def bind(self, link: Attached) -> None:
        """Take note of a connection's session."""
        self._by_session.setdefault(link.session_id, {})[link] = None

    def wake(self) -> None:
        """Go on with what came in while it was frozen."""
        self._thaw.set()
        self._thaw = trio.Event()

    async def thawed(self) -> None:
        """Wait until it is not frozen; no checkpoint where it is not."""
        while self.frozen:
            await self._thaw.wait()

    def admit(self, link: Attached) -> None:
        """Take note of a connection."""
        self._links[link] = None

    def has_room_for(self, host: str) -> bool:
        """Whether one more connection may come from there."""
        limit = self.settings.max_client_connections
        return not limit or sum(link.host == host for link in self._links) < limit

    def forget(self, link: Attached) -> None:
        """Drop a connection that has ended."""
        del self._links[link]
        of_session = self._by_session.get(link.session_id, {})
        of_session.pop(link, None)
        if not of_session:
            self._by_session.pop(link.session_id, None)
