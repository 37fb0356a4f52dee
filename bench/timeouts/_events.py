"""What a probe tells, line by line, and what that says about its sessions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass

import trio

CONNECTED = "connected"
ANSWERED = "answered"
EXPIRED = "expired"
GONE = ("suspended", "lost", "expired")


@dataclass(frozen=True, slots=True)
class ProbeEvent:
    """One thing that a client told its user.

    Attributes:
        t: When, in seconds, by ``trio.current_time`` of the process that reads it.
        i: The number of the session, from 0.
        event: connected, suspended, lost, expired, lease-over, ephemeral or answered.
        id: The session's id, ``0x...``, where it connected.
        to: The ``host:port`` that it connected to, where the client tells it.
        raw: The client's own word for it.
    """

    t: float
    i: int
    event: str
    id: str = ""
    to: str = ""
    raw: str = ""


def parsed(line: bytes, offset: float) -> ProbeEvent:
    """Read one line of a probe.

    Raises:
        ValueError: it is no event; the message shows it.
    """
    try:
        found = json.loads(line)
        return ProbeEvent(
            t=found["t"] / 1e9 + offset,
            i=found["i"],
            event=found["e"],
            id=found.get("id", ""),
            to=found.get("to") or "",
            raw=str(found.get("raw", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no event of a probe: {line[:200]!r}") from error


def clock_offset() -> float:
    """What to add to seconds of CLOCK_MONOTONIC to have ``trio.current_time``.

    trio's clock runs as CLOCK_MONOTONIC does on Linux, from a beginning that it draws by lot.
    Of several readings the one with the least between its two ends is the nearest.
    """
    readings: list[tuple[float, float]] = []
    for _ in range(20):
        before = time.monotonic()
        now = trio.current_time()
        after = time.monotonic()
        readings.append((after - before, now - (before + after) / 2))
    return min(readings)[1]


class Sessions:
    """What has become of a probe's sessions, by what it has told so far.

    Attributes:
        ids: Per session the id that it is connected with, or None while it is not.
        connected: How many are connected.
        well: Those that are connected, and have had an answer since they are.
    """

    def __init__(self) -> None:
        self.ids: dict[int, str | None] = {}
        self.connected = 0
        self.well: set[int] = set()

    def take(self, event: ProbeEvent) -> None:
        """Go on with the next event."""
        was = self.ids.get(event.i)
        if event.event == CONNECTED:
            self.ids[event.i] = event.id
            self.well.discard(event.i)
        elif event.event in GONE:
            self.ids[event.i] = None
            self.well.discard(event.i)
        elif event.event == ANSWERED and was is not None:
            self.well.add(event.i)
        self.connected += (self.ids.get(event.i) is not None) - (was is not None)


def first_answers(events: Iterable[ProbeEvent], since: float) -> dict[int, float]:
    """When each session had its first answer from that instant on."""
    found: dict[int, float] = {}
    for each in events:
        if each.event == ANSWERED and each.t >= since:
            found.setdefault(each.i, each.t)
    return found


def id_at(events: Iterable[ProbeEvent], i: int, instant: float) -> str:
    """The id that session number ``i`` last connected with until that instant."""
    found = ""
    for each in events:
        if each.i == i and each.event == CONNECTED and each.t <= instant:
            found = each.id
    return found
