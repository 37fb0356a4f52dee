"""How soon clients noticed a silent server, and whether they saved their sessions.

A check of what was recorded, without a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.harness.outcome import MET, NOT_MEASURED, NOT_MET, Goal, Table
from bench.harness.report import number
from bench.timeouts._events import CONNECTED, ProbeEvent

OURS = "coordinator"
LATEST = 0.5
"""Of the timeout, by when the coordinator is to have told that something is wrong."""
LOOK = 2.0
"""Timeouts, for which a session is followed: the servers have ended it by then."""

SIGNS = ("suspended", "lost", "expired", CONNECTED)
"""Whoever tells no more than that it is connected again has told that it was not."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one session that was connected to the server that fell silent."""

    peer: str
    timeout: float
    fraction: float | None
    """Of the timeout, until the client told of it; None for not within two timeouts."""
    saved: bool
    """Whether it was connected again with the same id, so on another member."""


def outcome(
    events: Iterable[ProbeEvent], *, peer: str, session: tuple[int, str], since: float,
    timeout: float,
) -> Trial:  # fmt: skip
    """What a client told of one of its sessions.

    Args:
        events: all that it told, of all its sessions.
        peer: the client.
        session: its number, and the id that it had.
        since: when the server fell silent.
        timeout: the session's, in seconds.
    """
    number, held = session
    until = since + LOOK * timeout
    mine = [each for each in events if each.i == number and since < each.t <= until]
    told = next((each.t for each in mine if each.event in SIGNS), None)
    again = next((each.id for each in mine if each.event == CONNECTED), "")
    fraction = None if told is None else (told - since) / timeout
    return Trial(peer, timeout, fraction, again == held)


def is_settled(events: Iterable[ProbeEvent], number: int, since: float) -> bool:
    """Whether there is nothing more to wait for: it is connected again, as whoever."""
    return any(each.i == number and each.t > since and each.event == CONNECTED for each in events)


def tables(
    trials: Sequence[Trial], peers: Sequence[str], without: Mapping[str, int]
) -> list[Table]:
    """One for each timeout: how soon clients told, and what they saved."""
    found: list[Table] = []
    for timeout in dict.fromkeys(each.timeout for each in trials):
        rows = [["client", "trials", "median", "worst", "never told", "sessions saved"]]
        for peer in peers:
            mine = [each for each in trials if (each.peer, each.timeout) == (peer, timeout)]
            told = [each.fraction for each in mine if each.fraction is not None]
            saved = sum(each.saved for each in mine)
            rows.append(
                [
                    peer,
                    str(len(mine)),
                    f"{number(median(told))} T" if told else "-",
                    f"{number(max(told))} T" if told else "-",
                    str(len(mine) - len(told)),
                    f"{saved} of {len(mine)}",
                ]
            )
        caption = f"Timeout {timeout:g} s: from the silence to the first sign, in timeouts"
        found.append(Table(caption, rows))
    if any(without.values()):
        rows = [["client", "sessions that were not connected to the server when it fell silent"]]
        rows += [[peer, str(count)] for peer, count in without.items() if count]
        found.append(Table("No trials", rows))
    return found


def samples(trials: Sequence[Trial]) -> dict[str, object]:
    fraction: dict[str, dict[str, list[float | None]]] = {}
    saved: dict[str, dict[str, list[bool]]] = {}
    for each in trials:
        key = f"{each.timeout:g}"
        fraction.setdefault(each.peer, {}).setdefault(key, []).append(each.fraction)
        saved.setdefault(each.peer, {}).setdefault(key, []).append(each.saved)
    return {"fraction": fraction, "saved": saved}


def judge(trials: Sequence[Trial], least: Mapping[float, int]) -> list[Goal]:
    """Hold the coordinator's trials against its two goals.

    Args:
        trials: those of every client.
        least: by timeout, how many trials are enough.
    """
    mine = [each for each in trials if each.peer == OURS]
    few = [
        f"{count} trials of {wanted} at {timeout:g} s"
        for timeout, wanted in least.items()
        if (count := sum(each.timeout == timeout for each in mine)) < wanted
    ]
    told = [each.fraction for each in mine]
    late = sum(each is None or each > LATEST for each in told)
    worst = "never" if None in told else f"{max(filter(None, told), default=0):.3f} T"
    lost = sum(not each.saved for each in mine)
    signs = Goal(
        f"{OURS}: the first sign of a silent server, in every trial",
        f"at most {LATEST:g} T",
        "; ".join([f"worst {worst}, {late} of {len(mine)} trials later", *few]),
        verdict(mine, broken=late, few=few),
    )
    saved = Goal(
        f"{OURS}: the session goes on with another member, in every trial",
        "all saved",
        "; ".join([f"{len(mine) - lost} of {len(mine)} saved", *few]),
        verdict(mine, broken=lost, few=few),
    )
    return [signs, saved]


def verdict(trials: Sequence[object], *, broken: int, few: Sequence[str]) -> str:
    """A promise is not met where it was broken, and neither where too little was tried."""
    if not trials:
        return NOT_MEASURED
    return NOT_MET if broken or few else MET
