"""How soon after an outage clients knew what had become of their sessions.

A check of what was recorded, without a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeAlias

from bench.harness.outcome import Table
from bench.timeouts._events import CONNECTED, ProbeEvent

Word: TypeAlias = Literal["kept", "expired", "never"]

LOOK = 15.0
"""Seconds from the end of an outage for a verdict."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one session that was connected when all servers fell silent."""

    peer: str
    outage: int
    """In timeouts."""
    outcome: Word
    seconds: float | None
    """From the servers' return until the client told it; below 0, before their return."""
    again: float | None = None
    """From the servers' return until the client was connected, with whichever session."""


def verdict(
    events: Iterable[ProbeEvent], *, peer: str, outage: int, session: tuple[int, str],
    since: float, healed: float,
) -> Verdict:  # fmt: skip
    """What a client told of one session.

    A new session's id without a word about the old one's end is a verdict too.

    Args:
        events: all that it told, of all its sessions.
        peer: the client.
        outage: how long it was, in timeouts.
        session: the session's number, and the id that it had.
        since: when the servers fell silent.
        healed: when they answered again.
    """
    number, held = session
    mine = [each for each in events if each.i == number and since < each.t <= healed + LOOK]
    again = next((each for each in mine if each.event == CONNECTED and each.t > healed), None)
    back = None if again is None else again.t - healed
    if again is not None and again.id == held:
        return Verdict(peer, outage, "kept", back, back)
    told = [each for each in mine if each.event in ("lost", "expired")]
    seconds = told[0].t - healed if told else back
    return Verdict(peer, outage, "never" if seconds is None else "expired", seconds, back)


def is_settled(events: Iterable[ProbeEvent], number: int, healed: float) -> bool:
    """Whether there is nothing more to wait for: the client is connected."""
    return any(each.i == number and each.t > healed and each.event == CONNECTED for each in events)


def table(history: Sequence[Verdict], outage: int, peers: Sequence[str], timeout: float) -> Table:
    """One for each length of outage."""
    rows = [
        ["client", "sessions", "kept", "expired", "no verdict", "verdict, median", "worst",
         "before the servers were back", "connected again, median", "worst"]
    ]  # fmt: skip
    for peer in peers:
        mine = [each for each in history if (each.peer, each.outage) == (peer, outage)]
        told = [each.seconds for each in mine if each.seconds is not None]
        again = [each.again for each in mine if each.again is not None]
        rows.append(
            [
                peer,
                str(len(mine)),
                *(
                    str(sum(each.outcome == word for each in mine))
                    for word in ("kept", "expired", "never")
                ),
                f"{median(told):.3f} s" if told else "-",
                f"{max(told):.3f} s" if told else "-",
                str(sum(each < 0 for each in told)),
                f"{median(again):.3f} s" if again else "-",
                f"{max(again):.3f} s" if again else "-",
            ]
        )
    away = "timeout" if outage == 1 else "timeouts"
    return Table(f"All servers silent for {outage} {away} of {timeout:g} s", rows)


def samples(history: Sequence[Verdict]) -> dict[str, object]:
    found: dict[str, dict[str, list[Mapping[str, object]]]] = {}
    for each in history:
        found.setdefault(str(each.outage), {}).setdefault(each.peer, []).append(
            {"seconds": each.seconds, "outcome": each.outcome, "connected": each.again}
        )
    return dict(found)
