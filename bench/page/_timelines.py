"""Timelines: what each client believed during a fault, beside what the server did."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.page._read import Subject, samples
from bench.page._style import GOAL, INK, Plot, lanes, ordered, panels, slug

STATES = {
    "connected": "#a9d0ea",
    "suspended": "#f2b93f",
    "lost": "#c0392b",
    "expired": "#4a4a4a",
}
_LEASE = "#0b4f9e"

_READING = (
    "A lane is what one client told its user, from the start of the fault on; the thin dark bar "
    "is the coordinator's lease, a tick is an answer again, and the red mark in a lane is where "
    "the servers gave that session's node away: whoever is still blue or yellow there does not "
    "know that the lock is another's."
)


def plots(subjects: list[Subject]) -> list[Plot]:
    faults = {fault: rows for fault, rows in samples(subjects, "timelines").items() if rows}
    return [
        Plot(
            f"timeline-{slug(fault)}",
            f"Timeline: {fault}",
            _READING if at == 0 else "Read as the timeline before it.",
            lambda rows=rows: _timeline(rows),
        )
        for at, (fault, rows) in enumerate(faults.items())
    ]


def _timeline(found: dict[str, Any]) -> Figure:
    server = sorted(found.get("server") or [])
    names = ordered(name for name in found if name != "server")
    times = [time for events in found.values() for time, _ in events]
    end = max(times, default=1.0) * 1.08 or 1.0
    start = min([-0.03 * end, *[time for time in times if time > -0.1 * end]])
    figure, grid = panels(1, 1, 1.15 + 0.32 * (len(names) + 1))
    axes = grid[0][0]
    _server(axes, server, start, end)
    for lane, name in enumerate(names, start=1):
        _client(axes, lane, sorted(found[name]), start, end)
    lanes(axes, ["server", *names])
    axes.set_xlim(start, end)
    axes.set_xlabel("seconds from the start of the fault")
    axes.legend(
        handles=[
            *[Patch(facecolor=each, label=state) for state, each in STATES.items()],
            Patch(facecolor=_LEASE, label="lease"),
            Line2D([], [], color=GOAL, linewidth=2.2, label="its node is gone"),
        ],
        loc="upper left", bbox_to_anchor=(0, -0.5 / (0.32 * (len(names) + 1))), ncols=6,
        frameon=False, borderaxespad=0, handlelength=1.2, fontsize=8,
    )  # fmt: skip
    return figure


def _server(axes: Axes, events: list[list[Any]], start: float, end: float) -> None:
    began = None
    for time, what in [*events, [end, "fault off"]]:
        if what == "fault on":
            began = time
        elif what == "fault off" and began is not None:
            axes.barh(0, time - began, left=began, height=0.5, color="#d9d9d9")
            axes.text(began + 0.006 * (end - start), 0, "fault", va="center", fontsize=7.5)
            began = None


def _client(axes: Axes, lane: int, events: list[list[Any]], start: float, end: float) -> None:
    # The clients are all connected when the fault begins; later events say what changed.
    state, since = "connected", start
    for time, what in [*events, [end, ""]]:
        if what and what not in STATES:
            continue
        if time > since:
            axes.barh(lane, time - since, left=since, height=0.56, color=STATES[state], linewidth=0)
        if what:
            state, since = what, max(time, start)
    for time, what in events:
        if what == "node gone":
            axes.plot([time, time], [lane - 0.46, lane + 0.46], color=GOAL, linewidth=2.2, zorder=6)
    _lease(axes, lane, events, start, end)
    answered = [time for time, what in events if what == "answered" and time > 0]
    if answered:
        axes.plot(answered, [lane] * len(answered), "|", color=INK, markersize=9, zorder=5)


def _lease(axes: Axes, lane: int, events: list[list[Any]], start: float, end: float) -> None:
    over = [time for time, what in events if what == "lease-over"]
    if not over:
        return
    # It begins again with the next connection that is answered.
    began: float | None = start
    for time, what in [*events, [end, "lease-over"]]:
        if what == "lease-over" and began is not None:
            axes.barh(lane + 0.36, time - began, left=began, height=0.1, color=_LEASE)
            began = None
        elif what == "answered" and began is None:
            began = time
