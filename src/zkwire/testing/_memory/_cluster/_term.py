"""A leader's reign: what it commits, in which order, and the clocks of the sessions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from zkwire import Identity, SessionExpired, SessionMoved
from zkwire.testing._memory._cluster._clock import Clock
from zkwire.testing._memory._cluster._ledger import Ledger
from zkwire.testing._memory._cluster._member import Member
from zkwire.testing._memory._cluster._proposal import Proposal
from zkwire.testing._memory._cluster._tracker import SessionTracker
from zkwire.testing._memory._database import (
    CloseSession,
    CollectNode,
    Committed,
    CreateSession,
    Database,
    ErrorTxn,
    Origin,
    Txn,
    Write,
    prepare,
)

if TYPE_CHECKING:
    from zkwire.testing._memory._settings import Settings

_EPOCH_SHIFT: Final = 32
_NOBODY: Final[frozenset[Identity]] = frozenset()


class Term:
    """A leader, who follows it, and what they agree on.

    Attributes:
        quorate: whether enough followers answer for anything to be committed.
        owners: the member that each session is attached to, as far as this leader was told.
        collect_at_ms: when containers and TTL nodes are looked at next.
    """

    def __init__(
        self, leader: Member[Term], epoch: int, ledger: Ledger, settings: Settings, clock: Clock
    ) -> None:
        self.leader = leader
        self.epoch = epoch
        self.followers: list[Member[Term]] = []
        self.quorate = True
        self.tracker = SessionTracker(settings.tick_ms)
        self.owners: dict[int, Member[Term]] = {}
        self._ledger = ledger
        self._settings = settings
        self._clock = clock
        self._began_ms = clock.now_ms()
        self._pending: deque[Callable[[], None]] = deque()
        self._draining = False
        self._ahead: Database | None = None
        database = leader.replica.database
        if settings.standalone:
            self._next_zxid = database.last_zxid + 1
        else:
            # A leader shows its new epoch at once, its followers with the first transaction.
            database.last_zxid = epoch << _EPOCH_SHIFT
            self._next_zxid = database.last_zxid + 1
        for session_id, timeout_ms in database.sessions.items():
            self.tracker.track(session_id, self._began_ms, timeout_ms)
        self.collect_at_ms: int | None = self._next_collection(self._began_ms)
        self.keep_ahead()

    @property
    def newest(self) -> Database:
        """The state that the leader decides by."""
        return self.leader.replica.database if self._ahead is None else self._ahead

    def keep_ahead(self) -> None:
        """Decide by a copy of the tree for as long as the leader itself applies late."""
        if not self.leader.late:
            self._ahead = None
        elif self._ahead is None:
            self._ahead = self.leader.replica.database.copy()

    def next_ping_ms(self, now_ms: int) -> int:
        """When the leader hears from its followers next: it pings them every half tick."""
        half = max(self._settings.tick_ms // 2, 1)
        return self._began_ms + ((now_ms - self._began_ms) // half + 1) * half

    def propose(self, member: Member[Term], proposal: Proposal) -> None:
        """Commit a client's write as soon as there is a quorum, in order."""
        self._then(lambda: self._commit_for(member, proposal))

    def sync(self, member: Member[Term], done: Callable[[], None]) -> None:
        """Call back when the member has applied what the leader has proposed by now."""
        if self._pending or self._draining:
            self._pending.append(lambda: member.answer(done))
        else:
            member.answer(done)

    def close_session(self, session_id: int) -> None:
        """End a session whose time has come."""
        self.tracker.forget(session_id)
        self._then(lambda: self._close(session_id))

    def collect(self) -> None:
        """Delete the containers and TTL nodes whose time has come."""
        wall_ms, now_ms = self._clock.wall_ms(), self._clock.now_ms()
        for path in self.newest.collectable(wall_ms):
            self._then(partial(self._commit, CollectNode(path)))
        due_ms = self.newest.next_collectable_ms(wall_ms)
        self.collect_at_ms = (
            None
            if due_ms is None
            else self._next_collection(max(now_ms, now_ms + due_ms - wall_ms - 1))
        )

    def drain(self) -> None:
        """Commit what waits, in order, if that is possible.

        Whoever is told of a commit may propose the next write at once.  That one has to wait
        until every member was told of the first.
        """
        if self._draining:
            return
        self._draining = True
        try:
            while self._pending and self.quorate and self.leader.able:
                self._pending.popleft()()
        finally:
            self._draining = False

    def _then(self, action: Callable[[], None]) -> None:
        self._pending.append(action)
        self.drain()

    def _commit_for(self, member: Member[Term], proposal: Proposal) -> None:
        session_id, write = proposal.session_id, proposal.write
        if isinstance(write, CreateSession):
            self.owners[session_id] = member
            self.tracker.track(session_id, self._clock.now_ms(), write.timeout_ms)
        elif isinstance(write, CloseSession):
            pass  # whoever asks, and whether or not there is anything to close
        elif session_id not in self.newest.sessions:
            self._record(ErrorTxn(SessionExpired.code), proposal)
            return
        elif self.owners.setdefault(session_id, member) is not member:
            self._record(ErrorTxn(SessionMoved.code), proposal)
            return
        self._commit(write, session_id, proposal.who, proposal)

    def _close(self, session_id: int) -> None:
        if session_id in self.newest.sessions:  # else its client was faster
            self._commit(CloseSession(session_id), session_id)

    def _commit(
        self,
        write: Write,
        session_id: int = 0,
        who: frozenset[Identity] = _NOBODY,
        proposal: Proposal | None = None,
    ) -> None:
        txn = prepare(self.newest, write, Origin(session_id, who), self._settings)
        if isinstance(write, CloseSession):
            self.tracker.forget(write.session_id)
            self.owners.pop(write.session_id, None)
            for member in (self.leader, *self.followers):
                member.timeouts.pop(write.session_id, None)
        self._record(txn, proposal)

    def _record(self, txn: Txn, proposal: Proposal | None) -> None:
        committed = Committed(self._next_zxid, self._clock.wall_ms(), txn, proposal)
        self._next_zxid += 1
        self._ledger.append(committed)
        # The last child of a TTL node that is over its time may just have gone.
        look_at_ms = self._next_collection(self._clock.now_ms())
        if self.collect_at_ms is None or look_at_ms < self.collect_at_ms:
            self.collect_at_ms = look_at_ms
        if self._ahead is not None:
            self._ahead.apply(replace(committed, proposal=None))
        for member in (self.leader, *self.followers):
            member.commit(committed)

    def _next_collection(self, now_ms: int) -> int:
        interval = max(round(self._settings.container_check_interval * 1000), 1)
        return self._began_ms + ((now_ms - self._began_ms) // interval + 1) * interval


Peer: TypeAlias = Member[Term]
"""A member that takes part in reigns of this kind."""
