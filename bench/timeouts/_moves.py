"""Sessions whose member went away: how soon they went on, and whether they were the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from bench.harness.outcome import MET, NOT_MEASURED, NOT_MET, Goal, Table, judge
from bench.timeouts._events import ProbeEvent, first_answers, id_at

KILLED, LEADER, FROZEN = "follower killed", "leader killed", "follower frozen"
OURS = "coordinator"
GOAL = 50.0
"""Milliseconds from the kill of a follower to the next answer, in the median."""


@dataclass(frozen=True, slots=True)
class Move:
    """One session whose member was killed or frozen under it.

    Attributes:
        seconds: From before the fault to the next answer; None where none came.
        kept: Whether the session is the same.
    """

    seconds: float | None
    kept: bool

    def as_dict(self) -> dict[str, object]:
        return {"seconds": self.seconds, "kept": self.kept}


Moves = dict[str, dict[str, list[Move]]]
"""By the fault, and by the client."""


def moves_of(events: Sequence[ProbeEvent], sessions: Iterable[int], began: float) -> list[Move]:
    """What became of these sessions of one client, whose member went away at that instant."""
    moves: list[Move] = []
    answers = first_answers(events, began)
    for i in sessions:
        at = answers.get(i)
        if at is None:
            moves.append(Move(None, kept=False))
        else:
            same = id_at(events, i, began) == id_at(events, i, at)
            moves.append(Move(at - began, kept=same))
    return moves


def table(moves: Moves, names: Sequence[str]) -> Table:
    rows = [["", *(f"{fault}, ms" for fault in moves)]]
    for name in names:
        cells = [_cell(by_name.get(name, ())) for by_name in moves.values()]
        if any(cell != "-" for cell in cells):
            rows.append([name, *cells])
    return Table("From the fault to the next answer: median (least to most), sessions kept", rows)


def _cell(moves: Sequence[Move]) -> str:
    seconds = [each.seconds for each in moves if each.seconds is not None]
    if not moves:
        return "-"
    kept = f"{sum(each.kept for each in moves)} of {len(moves)} kept"
    if len(seconds) < len(moves):
        kept += f", {len(moves) - len(seconds)} without an answer"
    if not seconds:
        return kept
    low, middle, high = (f"{each(seconds) * 1000:,.0f}" for each in (min, median, max))
    return f"{middle} ({low} to {high}); {kept}"


def goals(moves: Moves) -> list[Goal]:
    """What is asked of the coordinator."""
    killed = moves.get(KILLED, {}).get(OURS, [])
    took = [inf if each.seconds is None else each.seconds * 1000 for each in killed]
    found = [
        judge(
            "a follower is killed: the coordinator's sessions have an answer from another member",
            took,
            at_most=GOAL,
            unit=" ms",
        )
    ]
    return found + [_same(fault, by_name) for fault, by_name in moves.items()]


def _same(fault: str, by_name: Mapping[str, Sequence[Move]]) -> Goal:
    moves = by_name.get(OURS, ())
    kept = sum(each.kept for each in moves)
    text = f"{fault}: the coordinator's session is the same"
    if not moves:
        return Goal(text, "every time", "-", NOT_MEASURED)
    verdict = MET if kept == len(moves) else NOT_MET
    return Goal(text, "every time", f"{kept} of {len(moves)}", verdict)
