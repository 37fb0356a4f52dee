"""What the ensemble has committed."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final

from zkwire.testing._memory._database import Committed

# As many as a server keeps at hand (zookeeper.commitLogCount): who misses more gets a snapshot.
KEPT: Final = 500


class Ledger:
    """The latest committed transactions, which outlive any leader."""

    def __init__(self) -> None:
        self._kept: deque[Committed] = deque(maxlen=KEPT)
        self._forgotten_zxid = 0
        self.last_zxid = 0

    def append(self, committed: Committed) -> None:
        """Record one; nobody waits for what is read from here."""
        if len(self._kept) == KEPT:
            self._forgotten_zxid = self._kept[0].zxid
        self._kept.append(replace(committed, proposal=None))
        self.last_zxid = committed.zxid

    def after(self, zxid: int) -> list[Committed] | None:
        """All that was committed after this one; None where that is not known any more."""
        if zxid < self._forgotten_zxid:
            return None
        return [committed for committed in self._kept if committed.zxid > zxid]
