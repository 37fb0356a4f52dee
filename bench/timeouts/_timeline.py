"""What one session of each client went through: the record that a timeline is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bench.harness.outcome import Table
from bench.timeouts._events import CONNECTED, ProbeEvent

Row = list[list[float | str]]
"""Seconds from the beginning of the fault, and what happened then."""

FAULT_ON = "fault on"
FAULT_OFF = "fault off"
NODE_GONE = "node gone"


def of_client(events: Iterable[ProbeEvent], began: float, gone: float | None) -> Row:
    """A client's: from the last time that it was connected before the fault, to the end.

    Args:
        events: what it told of its one session.
        began: when the fault began.
        gone: when the session's node was seen to be gone.
    """
    mine = list(events)
    start = max((each.t for each in mine if each.event == CONNECTED and each.t < began),
                default=began)  # fmt: skip
    row: Row = [[each.t - began, each.event] for each in mine if each.t >= start]
    if gone is not None:
        row.append([gone - began, NODE_GONE])
    return sorted(row, key=lambda each: float(each[0]))


def of_server(began: float, ended: float, gone: Iterable[float]) -> Row:
    """The server's: the fault, and the first of the nodes that went."""
    row: Row = [[0.0, FAULT_ON], [ended - began, FAULT_OFF]]
    if first := min(gone, default=None):
        row.append([first - began, NODE_GONE])
    return sorted(row, key=lambda each: float(each[0]))


def table(fault: str, rows: Mapping[str, Row]) -> Table:
    """What happened first of each kind, in seconds from the fault's beginning."""
    words = ("suspended", "lease-over", "lost", "expired", NODE_GONE, CONNECTED, "answered")
    found = [["", *words]]
    for name, row in rows.items():
        first = {word: next((t for t, what in row if what == word and t > 0), None)
                 for word in words}  # fmt: skip
        found.append([name, *("-" if each is None else f"{each:.2f} s" for each in first.values())])
    return Table(f"{fault[:1].upper()}{fault[1:]}: when each first happened", found)
