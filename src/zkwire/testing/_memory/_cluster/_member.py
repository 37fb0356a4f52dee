"""One member as the others see it: its place in the ensemble, and what is on its way to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from math import inf
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from zkwire.testing._memory._cluster._clock import Clock
from zkwire.testing._memory._cluster._identity import SessionIds
from zkwire.testing._memory._cluster._tracker import SessionTracker
from zkwire.testing._memory._database import Committed, Database

if TYPE_CHECKING:
    from zkwire.testing._memory._seam import Replica
    from zkwire.testing._memory._settings import Settings

TermT = TypeVar("TermT")


class Phase(Enum):
    """What a member takes itself for."""

    LOOKING = auto()
    FOLLOWING = auto()
    LEADING = auto()


class _Delivery(NamedTuple):
    """Something from the leader that the member has not got to yet."""

    due: float
    committed: Committed | None
    action: Callable[[], None]


def _nothing() -> None:
    pass


class Member(Generic[TermT]):
    """One member's place in the ensemble; what a reign is, it need not know.

    Attributes:
        term: the reign it takes part in, as leader or follower.
        linked: whether the connection between follower and leader carries anything.
        cuts: how many partitions it is behind.
        lag_seconds: how much later commits reach it.
        logged: the zxid of the last commit it has on its disk, applied or not.
        notice_at: when it gives up a leader, or a quorum, that it does not hear.
        dropped_at: when the leader gives it up.
        read_only_at: when it begins to serve read-only.
        upstream: what its clients asked the leader for since the link fell silent.
        touched: sessions touched since then, and their timeouts.
        timeouts: sessions and their timeouts, where negotiated here.
        local: the clocks of the local sessions, while it serves read-only.
    """

    def __init__(self, replica: Replica, clock: Clock, settings: Settings) -> None:
        self.replica = replica
        self.phase = Phase.LOOKING
        self.term: TermT | None = None
        self.linked = False
        self.cuts = 0
        self.lag_seconds = 0.0
        self.logged = 0
        self.notice_at = self.dropped_at = self.read_only_at = inf
        self.upstream: deque[Callable[[TermT], None]] = deque()
        self.touched: dict[int, int] = {}
        self.timeouts: dict[int, int] = {}
        self.local: SessionTracker | None = None
        # One that is alone gives out ids as number 1, whatever its own.
        self.session_ids = SessionIds(1 if settings.standalone else replica.id)
        self._clock = clock
        self._backlog: deque[_Delivery] = deque()

    @property
    def able(self) -> bool:
        """Whether its process runs."""
        return self.replica.running and not self.replica.frozen

    def talks_to(self, other: Member[TermT]) -> bool:
        """Whether packets between the two arrive and are read."""
        reachable = self is other or not (self.cuts or other.cuts)
        return reachable and self.able and other.able

    @property
    def hears(self) -> bool:
        """Whether what is committed reaches it."""
        return self.phase is Phase.LEADING or self.linked

    def has_local(self, session_id: int) -> bool:
        """Whether it is a local session of this member, serving read-only."""
        return self.local is not None and self.local.has(session_id)

    def commit(self, committed: Committed) -> None:
        """Let it apply a transaction when that reaches it."""
        if self.hears:
            self.logged = committed.zxid
        if self._backlog or self.lag_seconds or not self.hears:
            due = self._clock.now() + self.lag_seconds
            self._backlog.append(_Delivery(due, committed, _nothing))
        else:
            self.replica.apply(committed)

    def answer(self, done: Callable[[], None]) -> None:
        """Let it do something after what is on its way already."""
        if self._backlog or not self.hears:
            self._backlog.append(_Delivery(self._clock.now(), None, done))
        else:
            done()

    @property
    def late(self) -> bool:
        """Whether it applies what is committed later than the others."""
        return bool(self.lag_seconds or self._backlog)

    def next_delivery(self) -> float:
        """When something is due, in seconds of the clock."""
        return self._backlog[0].due if self._backlog and self.hears and self.able else inf

    def take_delivery(self) -> None:
        """Do what is due."""
        while self.next_delivery() <= self._clock.now():
            _, committed, action = self._backlog.popleft()
            if committed is not None:
                self.replica.apply(committed)
            action()

    def hurry(self, seconds: float) -> None:
        """Let commits take this long from now on, and those under way no longer than that."""
        self.lag_seconds = seconds
        latest = self._clock.now() + seconds
        self._backlog = deque(
            delivery._replace(due=min(delivery.due, latest)) for delivery in self._backlog
        )

    def hear_again(self) -> None:
        """The link carries something again, first of all what was said since."""
        self.linked = True
        self.notice_at = self.dropped_at = inf
        for delivery in self._backlog:
            if delivery.committed is not None:
                self.logged = delivery.committed.zxid

    def leave(self) -> None:
        """Be nobody's follower and nobody's leader; its connections must be closed by now.

        What is on its disk is applied, as when a server reads its log, and nobody is answered.
        """
        self.phase, self.term, self.linked = Phase.LOOKING, None, False
        self.notice_at = self.dropped_at = inf
        self.upstream.clear()
        self.touched.clear()
        self.timeouts.clear()
        backlog, self._backlog = self._backlog, deque()
        for delivery in backlog:
            committed = delivery.committed
            if committed is not None and committed.zxid <= self.logged:
                self.replica.apply(replace(committed, proposal=None))

    def catch_up(self, missing: list[Committed] | None, newest: Database) -> None:
        """Take over what it has missed, one by one or as a whole."""
        if missing is None:
            self.replica.install(newest.copy())
        else:
            for committed in missing:
                self.replica.apply(committed)
