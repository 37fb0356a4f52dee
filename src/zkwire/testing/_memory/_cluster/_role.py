"""What a member is to its clients."""

from __future__ import annotations

from enum import Enum


class Role(Enum):
    """What a member is to its clients; the value is its mode as the word srvr says it.

    A member that does not serve answers a handshake with a bare close and has no mode.
    """

    STANDALONE = "standalone"
    LEADER = "leader"
    FOLLOWER = "follower"
    READ_ONLY = "read-only"
    NOT_SERVING = ""
