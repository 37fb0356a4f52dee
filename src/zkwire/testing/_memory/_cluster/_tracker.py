"""When sessions expire: the leader's clocks, in buckets of one tick."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple


class _Report(NamedTuple):
    """A touch that the leader will hear of when it next pings the member that saw it."""

    arrives_ms: int
    timeout_ms: int
    member_id: int


class SessionTracker:
    """The expiry of every session that one server keeps alive.

    A session expires at the first multiple of the tick that is later than its last touch and
    its timeout together.  The heap holds one live entry per session and lags behind: a touch
    only moves the expiry, and an entry is put where it belongs when its time has come.
    """

    def __init__(self, tick_ms: int) -> None:
        self._tick_ms = tick_ms
        self._expiry: dict[int, int] = {}
        self._queued: dict[int, int] = {}
        self._heap: list[tuple[int, int]] = []
        self._reports: dict[int, _Report] = {}

    def track(self, session_id: int, now_ms: int, timeout_ms: int) -> None:
        """Start a session's clock, or start it again."""
        expiry = ((now_ms + timeout_ms) // self._tick_ms + 1) * self._tick_ms
        self._expiry[session_id] = expiry
        queued = self._queued.get(session_id)
        if queued is None or expiry < queued:
            self._queued[session_id] = expiry
            heappush(self._heap, (expiry, session_id))

    def touch(self, session_id: int, now_ms: int, timeout_ms: int) -> None:
        """Start the clock of a session again, if it was alive at that time."""
        if self._expiry.get(session_id, 0) > now_ms:
            self.track(session_id, now_ms, timeout_ms)

    def report(
        self, session_id: int, now_ms: int, arrives_ms: int, timeout_ms: int, member_id: int
    ) -> None:
        """Take note of a touch at another member, which counts from when it arrives."""
        earlier = self._reports.get(session_id)
        if earlier is not None and earlier.arrives_ms <= now_ms:
            self.touch(session_id, earlier.arrives_ms, earlier.timeout_ms)
        self._reports[session_id] = _Report(arrives_ms, timeout_ms, member_id)

    def cut(self, member_id: int, now_ms: int) -> dict[int, int]:
        """Hear no more of a member; returns the sessions whose touches did not arrive."""
        lost: dict[int, int] = {}
        for session_id, report in list(self._reports.items()):
            if report.member_id != member_id:
                continue
            if report.arrives_ms <= now_ms:
                self.touch(session_id, report.arrives_ms, report.timeout_ms)
            else:
                lost[session_id] = report.timeout_ms
            del self._reports[session_id]
        return lost

    def forget(self, session_id: int) -> None:
        """Stop the clock of a session that ends."""
        self._expiry.pop(session_id, None)
        self._queued.pop(session_id, None)
        self._reports.pop(session_id, None)

    def alive(self, session_id: int, now_ms: int) -> bool:
        """Whether a session's time has not come."""
        expiry = self._expiry.get(session_id)
        return expiry is not None and (
            now_ms < expiry or self._settled(session_id, now_ms) > now_ms
        )

    def has(self, session_id: int) -> bool:
        """Whether a session's clock runs."""
        return session_id in self._expiry

    def next_ms(self, now_ms: int) -> int | None:
        """When the next session expires if nothing touches it from now on."""
        while self._heap:
            queued, session_id = self._heap[0]
            if self._queued.get(session_id) != queued:  # ended, or moved to an earlier entry
                heappop(self._heap)
                continue
            expiry = self._settled(session_id, now_ms)
            if expiry == queued:
                return queued
            heappop(self._heap)
            self._queued[session_id] = expiry
            heappush(self._heap, (expiry, session_id))
        return None

    def expired(self, now_ms: int) -> list[int]:
        """The sessions whose time has come, in order; their clocks stop."""
        over: list[int] = []
        while (due := self.next_ms(now_ms)) is not None and due <= now_ms:
            session_id = heappop(self._heap)[1]
            self.forget(session_id)
            over.append(session_id)
        return over

    def _settled(self, session_id: int, now_ms: int) -> int:
        """The expiry, with what has been reported by now if it came before that.

        A report that arrives at the very moment is late: its ping had a way to go.
        """
        report = self._reports.get(session_id)
        if report is not None and report.arrives_ms <= now_ms:
            del self._reports[session_id]
            self.touch(session_id, report.arrives_ms, report.timeout_ms)
        return self._expiry[session_id]
