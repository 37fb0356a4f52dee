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
        self._random = random
        self._servers = list(servers)
        random.shuffle(self._servers)
        self._next = 0
        # Lists, though they are queues: of a few entries, where an empty deque takes 760 bytes.
        self._preferred: list[ServerAddress] = []
        self._others: list[ServerAddress] = []

    def __len__(self) -> int:
        return len(self._servers)

    @property
    def servers(self) -> tuple[ServerAddress, ...]:
        """All of them, in the order in which they are tried."""
        return tuple(self._servers)

    def next(self) -> ServerAddress:
        """The server whose turn it is."""
        if self._preferred:
            return self._preferred.pop(0)
        if self._others:
            return self._others.pop(0)
        server = self._servers[self._next]
        self._next = (self._next + 1) % len(self._servers)
        return server

    def lost(self, server: ServerAddress) -> None:
        """The connection to this one is over: try each of the others twice before it.

        Twice, since they may all be busy with an election the first time.
        """
        turn = self._servers[self._next :] + self._servers[: self._next]
        self._others = [each for each in turn if each != server] * 2

    def prefer(self, server: ServerAddress) -> None:
        """Try this one next, once."""
        self._preferred.insert(0, server)

    def replace(self, servers: Sequence[ServerAddress], current: ServerAddress | None) -> bool:
        """Take another list, and say whether to leave the current server for another.

        So many clients leave, each by its own dice, that all servers of the new list
        carry the same load if those of the old one did (ZOOKEEPER-1355; the
        probabilities are StaticHostProvider's).  Who leaves tries each server of the new
        list once, the added ones or the kept ones first, and then goes round as ever.

        Args:
            servers: the new list, not empty.
            current: the server that the client is connected to, if it is.
        """
        before = set(self._servers)
        kept = [server for server in servers if server in before]
        added = [server for server in servers if server not in before]
        chance_of_new = self._chance_of_new(len(before), len(servers), len(kept), current, servers)
        self._servers = list(servers)
        self._random.shuffle(self._servers)
        self._next = 0
        self._preferred.clear()
        self._others.clear()
        if current is None or chance_of_new is None:
            return False
        for side in (kept, added):
            self._random.shuffle(side)
        self._preferred.extend(self._interleaved(added, kept, chance_of_new))
        return True

    def _chance_of_new(
        self,
        old: int,
        total: int,
        kept: int,
        current: ServerAddress | None,
        servers: Sequence[ServerAddress],
    ) -> float | None:
        """How likely a client that leaves goes to an added server; None: it stays."""
        stays_listed = current is None or current in servers
        if total > old:
            if not stays_listed or self._random.random() < 1 - old / total:
                return 1.0
            return None
        if stays_listed:
            return None
        # The current server was in the old list and is not in the new one: kept < old.
        return 1 - kept * (old - total) / (total * max(old - kept, 1))

    def _interleaved(
        self, added: list[ServerAddress], kept: list[ServerAddress], chance_of_new: float
    ) -> list[ServerAddress]:
        """Each server once; from which side is drawn anew each time, while both have some."""
        order: list[ServerAddress] = []
        while added or kept:
            from_new = bool(added) and (not kept or self._random.random() < chance_of_new)
            order.append((added if from_new else kept).pop())
        return order
