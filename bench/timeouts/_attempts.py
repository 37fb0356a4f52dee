"""How often clients try to connect, second by second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bench.harness.report import number

Counts = list[int]
"""Attempts of all sessions of one client in each second."""


@dataclass(slots=True, kw_only=True)
class Herded:
    """One client's sessions through both outages; None where something was not counted.

    Attributes:
        clients: How many sessions there were.
        down: Attempts in each second in which nothing listened.
        back: Attempts in each second from when the servers could be reached again.
        closing: Attempts in each second in which connections were accepted, and closed.
        back_after: Seconds until every session had had an answer.
        kept: How many sessions were the same afterwards.
    """

    clients: int
    down: Counts | None = None
    back: Counts | None = None
    closing: Counts | None = None
    back_after: float | None = None
    kept: int = 0
    remarks: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        return {
            "down": self.down,
            "accept-then-close": self.closing,
            "return": self.back,
            "clients": self.clients,
            "back s": self.back_after,
            "kept": self.kept,
        }


def differences(readings: Sequence[int]) -> Counts:
    """What came between one reading of a counter and the next."""
    return [after - before for before, after in pairwise(readings)]


def per_second(times: Iterable[float], began: float, seconds: int) -> Counts:
    """How many of these instants fall into each second from that one on."""
    counts = [0] * seconds
    for t in times:
        if 0 <= t - began < seconds:
            counts[int(t - began)] += 1
    return counts


def rows(found: Mapping[str, Herded]) -> list[list[str]]:
    heading = [
        "",
        "servers down: mean",
        "peak",
        "accepted, then closed: mean",
        "peak",
        "servers back: peak",
        "all back, s",
        "sessions kept",
    ]
    return [heading, *([name, *_cells(each)] for name, each in found.items())]


def _cells(each: Herded) -> list[str]:
    return [
        *_mean_and_peak(each.down, each.clients),
        *_mean_and_peak(each.closing, each.clients),
        _mean_and_peak(each.back, each.clients)[1],
        "not all" if each.back_after is None else number(each.back_after),
        f"{each.kept} of {each.clients}",
    ]


def _mean_and_peak(counts: Counts | None, clients: int) -> tuple[str, str]:
    if not counts:
        return "-", "-"
    return number(sum(counts) / len(counts) / clients), number(max(counts) / clients)
