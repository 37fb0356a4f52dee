"""One member of an in-memory ensemble, as a test holds it in its hands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import trio

from zkwire.testing._launcher import NotControllableError, ZooKeeperStartError
from zkwire.testing._memory._cluster import Cluster, Role

if TYPE_CHECKING:
    from zkwire.testing._memory._door import Door
    from zkwire.testing._memory._serving import Replica

READY_LIMIT: Final = 30.0
"""Seconds of the event loop's clock within which a member must serve."""

_POLL: Final = 0.02


class MemoryMember:
    """One server of an in-memory ensemble.

    Every async method is a checkpoint. The change is made before the method waits for anything,
    so that cancelling one does not take it back.
    """

    def __init__(
        self,
        replica: Replica,
        cluster: Cluster,
        door: Door,
        nursery: trio.Nursery,
        peers: Sequence[MemoryMember],
    ) -> None:
        self._replica = replica
        self._cluster = cluster
        self._door = door
        self._nursery = nursery
        self._peers = peers
        self._cuts = 0
        self._lags = False

    def __repr__(self) -> str:
        return f"<MemoryMember {self.id} at {self.address}>"

    @property
    def id(self) -> int:
        """Its number, from 1."""
        return self._replica.id

    @property
    def address(self) -> str:
        """Its client address, ``host:port``; it keeps it through every restart."""
        return self._door.address

    @property
    def secure_address(self) -> None:
        """None: it does not speak TLS."""
        return None

    @property
    def running(self) -> bool:
        """Whether it is up; a frozen one is."""
        return self._replica.running

    @property
    def frozen(self) -> bool:
        """Whether `freeze` was called, and neither `resume` nor anything that ends it since."""
        return self._replica.frozen

    @property
    def partitioned(self) -> bool:
        """Whether a `partition` of this member is in place."""
        return self._cuts > 0

    @property
    def awake(self) -> bool:
        """Whether it can take part in the ensemble: it runs, not frozen and not partitioned."""
        return self.running and not self.frozen and not self.partitioned

    async def kill(self) -> None:
        """End the server as a power cut would; what it has committed remains."""
        self._door.close()
        self._cluster.kill(self._replica)
        await trio.lowlevel.checkpoint()

    async def stop(self) -> None:
        """End the server in the orderly way: what it has answered still goes out."""
        self._door.close()
        self._cluster.stop(self._replica)
        await trio.lowlevel.checkpoint()

    async def freeze(self) -> None:
        """Stop its execution. Connections stay open and are even made, nothing answers.

        Raises:
            RuntimeError: It does not run.
        """
        if not self.running:
            raise RuntimeError(f"{self!r} does not run, so it cannot be frozen")
        self._cluster.freeze(self._replica)
        await trio.lowlevel.checkpoint()

    async def resume(self) -> None:
        """Let a frozen server go on; does nothing to one that is not frozen."""
        self._cluster.resume(self._replica)
        await trio.lowlevel.checkpoint()

    async def start(self) -> None:
        """Start the server again with its data, at its address.

        Where a majority of the ensemble runs, wait until this member serves clients too. Does
        nothing to one that runs.

        Raises:
            OSError: Something else has taken its port meanwhile.
            ZooKeeperStartError: It did not serve within 30 seconds.
        """
        await self._door.bind()
        if self.running:
            return
        self._cluster.start(self._replica)
        self._door.open(self._replica, self._nursery)
        if has_quorum(self._peers):
            await wait_until(lambda: self.role is not Role.NOT_SERVING, f"{self!r} does not serve")

    async def restart(self) -> None:
        """Kill the server where it runs, then start it with its data: a power cut, and power.

        Raises:
            OSError: As for `start`.
            ZooKeeperStartError: As for `start`.
        """
        await self.kill()
        await self.start()

    async def log_tail(self) -> str:
        """Return nothing: it writes no log."""
        await trio.lowlevel.checkpoint()
        return ""

    @asynccontextmanager
    async def partition(self, direction: str = "both") -> AsyncGenerator[None, None]:
        """Cut the member from its peers inside the block; its clients stay connected.

        No connection is closed: both sides find out by silence, after syncLimit ticks. Until
        then a follower answers pings and reads, and holds writes. After the block,
        `MemoryEnsemble.wait_ready` waits until the member is back in the ensemble.

        Entering and leaving are checkpoints; leaving heals even when cancelled.

        Args:
            direction: ``"both"``; nothing else can be had in memory.

        Raises:
            NotControllableError: Another direction was asked for.
        """
        if direction != "both":
            raise NotControllableError(
                f"cannot partition {self.address} {direction!r}: in memory a partition cuts both"
                " directions"
            )
        self._cluster.partition(self._replica)
        self._cuts += 1
        try:
            await trio.lowlevel.checkpoint()
            yield
        finally:
            self._cuts -= 1
            self._cluster.heal(self._replica)
        await trio.lowlevel.checkpoint()

    @asynccontextmanager
    async def lag(self, seconds: float) -> AsyncGenerator[None, None]:
        """Let the member apply inside the block only what was committed this long ago.

        Its clients see an older state, and its own writes take that much longer. Pings are
        answered at once. After the block it catches up.

        Entering and leaving are checkpoints; leaving ends the lag even when cancelled.

        Args:
            seconds: Above zero.

        Raises:
            ValueError: The time is out of range.
            RuntimeError: It lags already.
        """
        if not 0 < seconds < float("inf"):
            raise ValueError(f"lag: seconds above 0, not {seconds!r}")
        if self._lags:
            raise RuntimeError(f"{self!r} lags already")
        self._cluster.lag(self._replica, seconds)
        self._lags = True
        try:
            await trio.lowlevel.checkpoint()
            yield
        finally:
            self._lags = False
            self._cluster.lag(self._replica, 0.0)
        await trio.lowlevel.checkpoint()

    @property
    def role(self) -> Role:
        """What it is to its clients now."""
        return self._cluster.role(self._replica)

    def connect(self) -> trio.abc.Stream:
        """A stream to it; raises ConnectionRefusedError where it is down."""
        return self._door.connect(self._replica, self._nursery)

    def is_replica(self, replica: object) -> bool:
        """Whether this is the handle of it."""
        return self._replica is replica

    def is_at(self, host: str, port: int) -> bool:
        """Whether this is its address."""
        return (self._door.host, self._door.port) == (host, port)


def has_quorum(members: Sequence[MemoryMember]) -> bool:
    """Whether a majority is awake and not cut off."""
    return 2 * sum(each.awake for each in members) > len(members)


async def wait_until(condition: Callable[[], bool], failure: str) -> None:
    """Wait until something is so; a checkpoint.

    Raises:
        ZooKeeperStartError: It was not so within 30 seconds.
    """
    with trio.move_on_after(READY_LIMIT):
        while not condition():  # noqa: ASYNC110  # elections raise no event
            await trio.sleep(_POLL)
        await trio.lowlevel.checkpoint()
        return
    raise ZooKeeperStartError(f"{failure} after {READY_LIMIT:g} seconds")
