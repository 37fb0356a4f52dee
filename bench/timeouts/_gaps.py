"""Sessions through a rolling restart: were they kept, and how long was each without a server?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.harness.outcome import MET, NOT_MEASURED, NOT_MET, Goal
from bench.harness.report import number
from bench.timeouts._events import ANSWERED, CONNECTED, EXPIRED, GONE, ProbeEvent

OURS = "coordinator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """One client's sessions through a rolling restart.

    Attributes:
        kept: How many are connected at the end, the same as at the beginning and never told to
            be over.
        moved: How many lost their server at least once.
        of: How many there were.
        worst: Seconds of the longest time without an answer; to the end where none came.
    """

    kept: int
    moved: int
    of: int
    worst: float

    def as_dict(self) -> dict[str, object]:
        return {"kept": self.kept, "of": self.of, "moved": self.moved, "worst gap s": self.worst}


def rolled(
    events: Sequence[ProbeEvent], sessions: int, stops: Sequence[float], end: float
) -> Rolled:
    """Judge one client.

    Args:
        events: What its probe told, from the opening on.
        sessions: How many it has.
        stops: When each server was told to stop.
        end: When it was over.
    """
    began = stops[0]
    by_session: list[list[ProbeEvent]] = [[] for _ in range(sessions)]
    for event in events:
        if event.t <= end:
            by_session[event.i].append(event)
    all_gaps = [gaps(own, stops, end) for own in by_session]
    return Rolled(
        kept=sum(_is_kept(own, began) for own in by_session),
        moved=sum(bool(own) for own in all_gaps),
        of=sessions,
        worst=max((gap for own in all_gaps for gap in own), default=0.0),
    )


def gaps(events: Sequence[ProbeEvent], stops: Sequence[float], end: float) -> list[float]:
    """The seconds that one session was without a server, each time that it was.

    A client may be late to tell that a connection is gone.  So time runs from when the server
    was told to stop, unless the session has had an answer since then.
    """
    found: list[float] = []
    answered: float | None = None
    since: float | None = None
    for event in events:
        if event.event == ANSWERED:
            if since is not None:
                found.append(event.t - since)
            answered, since = event.t, None
        elif (event.event == CONNECTED or event.event in GONE) and since is None:
            if answered is None:
                continue  # not open yet
            stopped = [stop for stop in stops if answered < stop <= event.t]
            since = stopped[-1] if stopped else event.t
    if since is not None:
        found.append(end - since)
    return found


def _is_kept(events: Sequence[ProbeEvent], began: float) -> bool:
    before = [each.id for each in events if each.event == CONNECTED and each.t < began]
    after = [each for each in events if each.t >= began]
    if not before or any(each.event == EXPIRED for each in after):
        return False
    ids = {each.id for each in after if each.event == CONNECTED}
    states = [each.event for each in events if each.event == CONNECTED or each.event in GONE]
    return ids <= {before[-1]} and states[-1] == CONNECTED


def goal(found: Rolled | None) -> Goal:
    """What is asked of the coordinator; nothing is shown by sessions that did not move."""
    text = "a rolling restart keeps every session of the coordinator"
    if found is None:
        return Goal(text, "all", "-", NOT_MEASURED)
    measured = f"{found.kept} of {found.of}"
    if found.kept < found.of:
        return Goal(text, "all", measured, NOT_MET)
    if found.moved < found.of or not found.of:
        return Goal(text, "all", f"{measured}, {found.moved} had to move", NOT_MEASURED)
    return Goal(text, "all", measured, MET)


def rows(found: dict[str, Rolled]) -> list[list[str]]:
    heading = ["", "sessions kept", "had to move", "longest without an answer, s"]
    return [
        heading,
        *(
            [name, f"{each.kept} of {each.of}", str(each.moved), number(each.worst)]
            for name, each in found.items()
        ),
    ]
