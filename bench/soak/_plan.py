"""How much to measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every subject is told.  Times in seconds."""

    tick: float = 0.5
    """The servers' ``tickTime``; they grant timeouts of 2 to 20 of it."""
    lease_tick: float = 1.0
    """The same where leases are put to the test.  What a tick costs a lease is most where the
    timeout is two of them, the least that servers grant."""
    timeouts: tuple[float, ...] = (2.0, 4.0, 10.0)
    sessions: int
    """Of each timeout, under one injected fault."""
    injections: int
    """Of each fault."""
    more_injections: int = 0
    """With the shortest timeout alone, of faults for which it matters when in a tick they come."""
    healthy: float
    """How long leases are sampled with nothing wrong."""
    handovers: int
    lock_timeout: float = 2.0
    least_of_each_kind: int
    """Of the faults under which the lock changes hands."""
    least_lost: int
    """Holders that must have lost the lock by the end of their lease."""
    waiters: int
    releases: int
    kills: int
    rolling: int
    """Coordinators whose sessions a rolling restart should keep."""
    cycles: int
    warm_up: int
    quiet: float = 10.0
    """For what ends by itself to end."""

    @classmethod
    def full(cls) -> Self:
        return cls(
            sessions=40,
            injections=3,
            more_injections=5,
            healthy=600.0,
            handovers=500,
            least_of_each_kind=2,
            least_lost=1,
            waiters=300,
            releases=100,
            kills=50,
            rolling=30,
            cycles=1000,
            warm_up=100,
        )

    @classmethod
    def quick(cls) -> Self:
        """A look: it proves nothing."""
        return cls(
            timeouts=(2.0,),
            sessions=20,
            injections=1,
            healthy=15.0,
            handovers=50,
            least_of_each_kind=0,
            least_lost=0,
            waiters=100,
            releases=20,
            kills=4,
            rolling=10,
            cycles=200,
            warm_up=50,
        )

    @classmethod
    def short(cls) -> Self:
        """For tests: shorter timeouts too."""
        return cls(
            tick=0.2,
            lease_tick=0.5,
            timeouts=(1.0,),
            sessions=8,
            injections=1,
            healthy=3.0,
            handovers=6,
            lock_timeout=1.0,
            least_of_each_kind=0,
            least_lost=0,
            waiters=30,
            releases=5,
            kills=1,
            rolling=3,
            cycles=40,
            warm_up=20,
            quiet=2.0,
        )

    @property
    def least_sessions(self) -> int:
        """Of each timeout under each fault."""
        return self.sessions * self.injections
