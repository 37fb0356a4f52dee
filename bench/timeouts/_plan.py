"""How much of each session-timeout subject to measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.harness.plan import Form

TICK = 0.5
"""Seconds, the servers' ``tickTime`` here."""
CONFIG: Mapping[str, str | int | bool] = {"maxSessionTimeout": 60_000}
"""Every timeout that is asked for here is granted: 20 ticks would be but 10 s."""


@dataclass(frozen=True, slots=True)
class Detect:
    """Injections under sessions of one timeout, in seconds, and how many trials are enough."""

    timeout: float
    injections: int
    least: int


@dataclass(frozen=True, slots=True)
class DetectionPlan:
    """How often a server falls silent, under how many sessions of each client."""

    rows: tuple[Detect, ...]
    sessions: int = 10


@dataclass(frozen=True, slots=True)
class LostPlan:
    """Which faults end sessions, with which timeouts, and how often."""

    timeouts: Mapping[str, tuple[float, ...]]
    """Seconds, by a fault's name."""
    injections: int
    least: int
    sessions: int = 10
    after: float = 2.0
    """Timeouts for which a fault lasts after the last node has gone: who has told nothing by
    then has had as long as a session lasts, and so much more."""


@dataclass(frozen=True, slots=True)
class VerdictPlan:
    """For how many timeouts all servers are away, one time after the other."""

    multiples: tuple[int, ...]
    sessions: int = 10
    timeout: float = 2.0


@dataclass(frozen=True, slots=True)
class TimelinesPlan:
    """How long one session of each client is followed."""

    timeout: float
    after: float = 2.0
    """Timeouts from the end of a fault to the end of the record."""


CUT = "follower cut off from its leader"
KILLED = "follower killed"
DEPOSED = "leader deposed, still serving"
FROZEN = "leader frozen"
SILENT = "black hole before the server"
OWN_LEADER = "client's own leader lost"


def detection(form: Form) -> DetectionPlan:
    if form == "look":
        return DetectionPlan((Detect(2.0, 1, 1),), sessions=3)
    if form == "short":
        return DetectionPlan((Detect(2.0, 2, 20), Detect(4.0, 1, 10)))
    # An injection more than it takes: a session that is not connected then gives no trial.
    return DetectionPlan(
        (Detect(2.0, 6, 50), Detect(4.0, 6, 50), Detect(10.0, 3, 20), Detect(30.0, 1, 10)),
    )


def lost(form: Form) -> LostPlan:
    if form == "look":
        return LostPlan({SILENT: (2.0,)}, injections=1, least=1, sessions=3)
    if form == "short":
        return LostPlan(dict.fromkeys((CUT, KILLED, SILENT), (2.0,)), injections=1, least=8)
    every = dict.fromkeys((CUT, KILLED, DEPOSED, FROZEN, SILENT, OWN_LEADER), (4.0,))
    return LostPlan(every, injections=3, least=24, after=3.0)


def verdict(form: Form) -> VerdictPlan:
    if form == "look":
        return VerdictPlan((2,), sessions=3)
    if form == "short":
        return VerdictPlan((1, 2))
    return VerdictPlan((1, 2, 1, 2, 30))


def timelines(form: Form) -> TimelinesPlan:
    return TimelinesPlan(4.0) if form == "full" else TimelinesPlan(2.0, after=1.0)
