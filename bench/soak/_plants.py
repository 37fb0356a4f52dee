"""Defects to be planted, to see that a run notices them.

A check that has never failed has shown nothing.  ``--plant`` puts one of these in place of what
the coordinator does.
"""

from __future__ import annotations

from typing import Any

import trio

import coordinator
from coordinator import _heartbeat, _lease, _pace, _place


def _naive_lease() -> None:
    """The lease lasts a timeout from the last answered request on, whatever that was."""

    def until(held: coordinator.Held) -> float:
        session = held.session
        return session.last_contact + session.negotiated_timeout - trio.current_time()

    _replace(coordinator.Held, "valid", lambda held: not held.session.is_over and until(held) > 0)
    _replace(coordinator.Held, "remaining", lambda held: max(0.0, until(held)))


def _lease_until_told() -> None:
    """The lease lasts until a server says that the session is gone."""
    _replace(coordinator.Held, "valid", lambda held: not held.session.is_over)
    _replace(coordinator.Held, "remaining", lambda held: float(not held.session.is_over))


def _lease_of_writes() -> None:
    """The lease lasts a timeout from the last confirmed write on: no ticks, no second beat."""
    confirm = _lease.Lease.confirm

    def from_now(lease: _lease.Lease, anchor: float, timeout: float) -> None:
        confirm(lease, trio.current_time(), timeout)

    _replace(_lease.Lease, "confirm", from_now)


def _lock_without_line() -> None:
    """Whoever has a node holds the lock, whoever stands before."""

    async def before(place: Any, own: str) -> list[object]:
        await trio.lowlevel.checkpoint()
        return []

    _replace(_place.Place, "_before", before)


def _herd() -> None:
    """Everybody waits for the first in line."""
    before = _place.Place._before

    async def first(place: Any, own: str) -> list[Any] | None:
        found = await before(place, own)
        return found[:1] if found else found

    _replace(_place.Place, "_before", first)


def _slow_heart() -> None:
    """Heartbeats come more slowly than leases end."""
    if not hasattr(_heartbeat, "BEAT_FRACTION"):
        raise AttributeError("heartbeats have no BEAT_FRACTION any more: plant something else")
    vars(_heartbeat)["BEAT_FRACTION"] = 1.2


def _slow_retry() -> None:
    """The first retry waits as long as any other."""
    _replace(_pace.Pace, "attempt_at", lambda pace, now: now + 1.5)


def _replace(owner: type, name: str, value: object) -> None:
    if name not in vars(owner):
        raise AttributeError(f"{owner.__name__} has no {name} any more: plant something else")
    setattr(owner, name, value)


PLANTS = {
    "naive-lease": _naive_lease,
    "lease-until-told": _lease_until_told,
    "lease-of-writes": _lease_of_writes,
    "lock-without-line": _lock_without_line,
    "herd": _herd,
    "slow-heart": _slow_heart,
    "slow-retry": _slow_retry,
}
OF_SUBJECTS = ("session-ended", "leaking-socket", "leaking-watch")
"""Planted by the subjects themselves, which are told of them."""


def plant(name: str) -> str:
    """Plant a defect; what is left for the subject to plant."""
    if name in PLANTS:
        PLANTS[name]()
    return name if name in OF_SUBJECTS else ""
