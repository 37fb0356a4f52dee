"""A coordinator in figures."""

from __future__ import annotations

from dataclasses import dataclass

from coordinator._state import State
from zkwire import SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """A coordinator at one moment, and what it has come through since it was opened.

    Attributes:
        state: the state now.
        session_id: that of the latest session, if there has been one.
        negotiated_timeout: seconds, as the last server granted them; 0 before the first.
        server: ``host:port`` of the server that it is connected to, if it is.
        since_last_contact: seconds since the last answered request was sent; 0 while there
            is no session.
        requests_in_flight: requests without an answer on the present connection.
        tasks_waiting_for_room: callers that wait for ``max_in_flight``.
        watches: armed watches of the present connection.
        pings_answered: pings of the present connection that were answered.
        last_ping_seconds: the round trip of the last of them.
        attempts: attempts to connect.
        connections: those that led to a connection.
        sessions: sessions that were opened.
        reconnections: times that a session went on over another connection.
        losses: times that a session was given up as LOST.
        expirations: sessions that a server said are gone.
        stalls: times that the event loop did not run for a quarter of a timeout.
        longest_stall: seconds.
    """

    state: State
    session_id: SessionId | None
    negotiated_timeout: float
    server: str | None
    since_last_contact: float
    requests_in_flight: int
    tasks_waiting_for_room: int
    watches: int
    pings_answered: int
    last_ping_seconds: float
    attempts: int
    connections: int
    sessions: int
    reconnections: int
    losses: int
    expirations: int
    stalls: int
    longest_stall: float


@dataclass(slots=True)
class Counters:
    """What is counted as it happens."""

    attempts: int = 0
    connections: int = 0
    sessions: int = 0
    reconnections: int = 0
    losses: int = 0
    expirations: int = 0
    stalls: int = 0
    longest_stall: float = 0.0

    def entered(self, previous: State, state: State) -> None:
        """Count a change of state."""
        match state:
            case State.CONNECTED | State.READ_ONLY:
                self.connections += 1
                self.sessions += previous is State.CONNECTING
                self.reconnections += previous is not State.CONNECTING
            case State.LOST:
                self.losses += 1
            case State.EXPIRED:
                self.expirations += 1
            case _:
                pass

    def stalled(self, seconds: float) -> None:
        """Count a stall of the event loop."""
        self.stalls += 1
        self.longest_stall = max(self.longest_stall, seconds)
