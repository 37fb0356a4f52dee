"""Whether clients told of a session's loss before its node was gone.

A check of what was recorded, without a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.harness.outcome import MET, NOT_MEASURED, NOT_MET, Goal, Table
from bench.timeouts._events import CONNECTED, ProbeEvent

OURS = "coordinator"
LEASE = f"{OURS}, lease"
STATE = f"{OURS}, state"

LEASE_ON = "lease-on"
LEASE_OVER = "lease-over"


@dataclass(frozen=True, slots=True)
class Belief:
    """What a user relies on: from which word on, and until which others."""

    begins: str
    ends: tuple[str, ...]


_LEASE = Belief(LEASE_ON, (LEASE_OVER,))
_STATE = Belief(CONNECTED, ("lost", "expired"))


@dataclass(frozen=True, slots=True)
class Loss:
    """One session whose node was seen to go while its fault was in place."""

    fault: str
    timeout: float
    who: str
    """The client; the coordinator's lease and its state are two."""
    margin: float | None
    """Seconds from what it told to its node's end: above 0 where it told before.  None where
    it told nothing while the fault lasted."""


def rows_of(peer: str) -> dict[str, Belief]:
    """What each row of a client goes by."""
    return {LEASE: _LEASE, STATE: _STATE} if peer == OURS else {peer: _STATE}


def is_held(events: Iterable[ProbeEvent], peer: str, session: int) -> bool:
    """Whether whatever a client's rows go by is so now."""
    mine = [each.event for each in events if each.i == session]
    for belief in rows_of(peer).values():
        words = [each for each in mine if each == belief.begins or each in belief.ends]
        if not words or words[-1] != belief.begins:
            return False
    return True


def has_ended(events: Iterable[ProbeEvent], peer: str, session: int, since: float) -> bool:
    """Whether a client has told of a loss, in each of its rows."""
    told = {each.event for each in events if each.i == session and each.t >= since}
    return all(told.intersection(belief.ends) for belief in rows_of(peer).values())


def losses(
    events: Iterable[ProbeEvent], *, fault: str, timeout: float, peer: str, session: int,
    since: float, until: float, gone: float,
) -> list[Loss]:  # fmt: skip
    """What a client told of one session's loss.

    What counts is what its user could rely on at the moment at which the node was gone: a
    lease that ended before and was followed by another is no warning.

    Args:
        events: all that it told, of all its sessions.
        fault: the kind of fault.
        timeout: the session's, in seconds.
        peer: the client.
        session: the session's number.
        since: when the fault began.
        until: when it was taken back.
        gone: when the session's node was seen to be gone.
    """
    mine = [each for each in events if each.i == session and since <= each.t <= until]
    found: list[Loss] = []
    for who, belief in rows_of(peer).items():
        last = max((each.t for each in mine if each.event == belief.begins and each.t <= gone),
                   default=since)  # fmt: skip
        told = next((each.t for each in mine if each.event in belief.ends and each.t >= last), None)
        found.append(Loss(fault, timeout, who, None if told is None else gone - told))
    return found


def table(history: Sequence[Loss], fault: str) -> Table:
    """One fault's, a row for each client and timeout."""
    here = [each for each in history if each.fault == fault]
    rows = [["client", "timeout", "sessions", "worst", "median", "told too late", "told nothing"]]
    for who, timeout in dict.fromkeys((each.who, each.timeout) for each in here):
        mine = [each.margin for each in here if (each.who, each.timeout) == (who, timeout)]
        told = [each for each in mine if each is not None]
        rows.append(
            [
                who,
                f"{timeout:g} s",
                str(len(mine)),
                f"{min(told):+.3f} s" if told else "-",
                f"{median(told):+.3f} s" if told else "-",
                str(sum(each < 0 for each in told)),
                str(len(mine) - len(told)),
            ]
        )
    caption = f"{fault[:1].upper()}{fault[1:]}: margin before the node was gone"
    return Table(caption, rows)


def samples(history: Sequence[Loss]) -> dict[str, object]:
    found: dict[str, dict[str, list[float | None]]] = {}
    for each in history:
        found.setdefault(each.fault, {}).setdefault(each.who, []).append(each.margin)
    return dict(found)


def judge(
    history: Sequence[Loss], expected: Mapping[str, Sequence[float]], least: int,
    ineffective: Mapping[str, str],
) -> list[Goal]:  # fmt: skip
    """Hold the coordinator's lease against the goal, fault by fault.

    Args:
        history: every session whose node was seen to go.
        expected: the faults that had to be measured, and with which timeouts.
        least: how many sessions of each timeout are enough.
        ineffective: faults that had no effect, and how that showed.
    """
    return [
        _judge_fault(history, fault, timeouts, least, ineffective.get(fault, ""))
        for fault, timeouts in expected.items()
    ]


def _judge_fault(
    history: Sequence[Loss], fault: str, timeouts: Sequence[float], least: int, why: str
) -> Goal:
    here = [each for each in history if each.fault == fault]
    mine = [each for each in here if each.who == LEASE]
    doubts = [f"no effect: {why}"] if why else []
    doubts += [
        f"{count} sessions of {least} at {timeout:g} s"
        for timeout in timeouts
        if (count := sum(each.timeout == timeout for each in mine)) < least
    ]
    late = sum(each.margin is None or each.margin < 0 for each in mine)
    measured = [
        f"worst {_worst(each.margin for each in mine)}, {late} of {len(mine)} too late",
        f"its state: worst {_worst(each.margin for each in here if each.who == STATE)}",
    ]
    verdict = NOT_MEASURED if not mine else NOT_MET if late or doubts else MET
    return Goal(
        f"{OURS}: the lease is over before the node is gone, in every trial: {fault}",
        "at least 0 s",
        "; ".join([*measured, *doubts]),
        verdict,
    )


def _worst(margins: Iterable[float | None]) -> str:
    found = list(margins)
    if not found or None in found:
        return "it told nothing" if found else "-"
    return f"{min(each for each in found if each is not None):+.3f} s"
