"""Which server next."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from coordinator._addresses import ServerAddress


class HostRing:
    """The servers in an order of their own, shuffled once, then round robin.

    Shuffled so that clients spread over the ensemble; once, so that every server
    has its turn before any has a second (StaticHostProvider does the same).
    """

    def __init__(self, servers: Sequence[ServerAddress], random: Random) -> None:
        self._servers = list(servers)
        random.shuffle(self._servers)
        self._next = 0

    def __len__(self) -> int:
        return len(self._servers)

    def next(self) -> ServerAddress:
        """The server whose turn it is."""
        server = self._servers[self._next]
        self._next = (self._next + 1) % len(self._servers)
        return server
