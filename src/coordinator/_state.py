"""The states of a coordinator, and which follows which.

A table, so that an impossible change raises and alters nothing, and so that a
test can walk all of it.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import Final


class State(Enum):
    """What an application may rely on."""

    CONNECTING = "connecting"
    """No session yet, or the last one has ended."""

    CONNECTED = "connected"
    """A server answers."""

    READ_ONLY = "read-only"
    """A server answers that is cut off from its quorum and takes no writes."""

    SUSPENDED = "suspended"
    """The connection is gone or silent; the session is still inside its timeout."""

    LOST = "lost"
    """A full timeout has passed since the last answered request was sent.

    Nobody may rely on the session any more, and only a server knows whether it
    still exists: an ensemble that is down keeps its sessions.
    """

    EXPIRED = "expired"
    """A server said that the session is gone."""

    AUTH_FAILED = "authentication failed"
    """A server refused the credentials."""

    CLOSED = "closed"
    """The coordinator was left, or has given up; ``failure`` says which."""


TERMINAL: Final = frozenset({State.AUTH_FAILED, State.CLOSED})

_ENDS: Final = (State.AUTH_FAILED, State.CLOSED)

LEADS_TO: Final = MappingProxyType(
    {
        State.CONNECTING: frozenset({State.CONNECTED, State.READ_ONLY, *_ENDS}),
        State.CONNECTED: frozenset({State.SUSPENDED, State.EXPIRED, *_ENDS}),
        State.READ_ONLY: frozenset({State.SUSPENDED, State.EXPIRED, *_ENDS}),
        State.SUSPENDED: frozenset(
            {State.CONNECTED, State.READ_ONLY, State.LOST, State.EXPIRED, *_ENDS}
        ),
        State.LOST: frozenset({State.CONNECTED, State.READ_ONLY, State.EXPIRED, *_ENDS}),
        State.EXPIRED: frozenset({State.CONNECTING, State.CLOSED}),
        State.AUTH_FAILED: frozenset[State](),
        State.CLOSED: frozenset[State](),
    }
)
