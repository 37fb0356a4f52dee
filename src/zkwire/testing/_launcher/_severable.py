"""The part of a member's handle that cuts it from its peers, or makes it lag behind them."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import trio

from zkwire.testing._launcher._errors import NotControllableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from zkwire.testing._launcher._link import Direction, Link

# Seconds for taking a rule back: some milliseconds, on a machine that is not stuck.
_HEAL_GRACE = 30.0


class Severable:
    """A member that can be cut from its peers, where its ensemble is isolated."""

    address: str
    _link: Link | None = None

    @property
    def partitioned(self) -> bool:
        """Whether a `partition` of this member is in place, in whichever direction."""
        return self._link is not None and not self._link.whole

    @contextmanager
    def partition(self, direction: Direction = "both") -> Generator[None, None, None]:
        """Cut the member from its peers inside the block; its clients stay connected.

        Packets are lost, no connection is closed: both sides find out by silence, after
        syncLimit ticks. Until then a follower answers pings and reads, and holds a write and
        what its session asks after it. After the block, `Ensemble.wait_ready` waits until the
        member is back in the ensemble.

        Args:
            direction: ``"inbound"`` loses what the peers send to it, ``"outbound"`` what it
                sends to them.

        Raises:
            NotControllableError: The ensemble was not started with ``isolated=True``.
            ValueError: There is no such direction.
        """
        heal = self.cut_off(direction)
        try:
            yield
        finally:
            heal()

    @contextmanager
    def lag(self, seconds: float) -> Generator[None, None, None]:
        """Let the member know inside the block only what its peers said this long ago.

        Everything that its peers send comes late by at least so much: a follower shows its
        clients an older state, and its own writes take that much longer. Its clients' pings
        are answered at once. After the block it catches up.

        Args:
            seconds: Above zero, and at least a tick shorter than syncLimit ticks.

        Raises:
            NotControllableError: The ensemble was not started with ``isolated=True``, or the
                kernel cannot hold packets back (NFQUEUE).
            ValueError: The time is out of range.
            RuntimeError: It lags already.
        """
        catch_up = self.hold_back(seconds)
        try:
            yield
        finally:
            catch_up()

    def cut_off(self, direction: Direction) -> Callable[[], None]:
        """Do what `partition` does, until the function is called that this returns."""
        return self._isolated("partition").cut(direction)

    def hold_back(self, seconds: float) -> Callable[[], None]:
        """Do what `lag` does, until the function is called that this returns."""
        return self._isolated("lag").lag(seconds)

    def _isolated(self, verb: str) -> Link:
        if self._link is None:
            raise NotControllableError(
                f"cannot {verb} {self.address}: it shares a network with its peers; start the "
                "ensemble with isolated=True"
            )
        return self._link


class AsyncSeverable:
    """The same for trio, run in threads."""

    _severable: Severable

    @property
    def partitioned(self) -> bool:
        """Whether a `partition` of this member is in place, in whichever direction."""
        return self._severable.partitioned

    @asynccontextmanager
    async def partition(self, direction: Direction = "both") -> AsyncGenerator[None, None]:
        """Cut the member from its peers inside the block; its clients stay connected.

        Packets are lost, no connection is closed: both sides find out by silence, after
        syncLimit ticks. Until then a follower answers pings and reads, and holds a write and
        what its session asks after it. After the block, `AsyncEnsemble.wait_ready` waits until
        the member is back in the ensemble.

        Entering and leaving are checkpoints; leaving heals even when cancelled.

        Args:
            direction: ``"inbound"`` loses what the peers send to it, ``"outbound"`` what it
                sends to them.

        Raises:
            NotControllableError: The ensemble was not opened with ``isolated=True``.
            ValueError: There is no such direction.
        """
        heal = await trio.to_thread.run_sync(self._severable.cut_off, direction)
        try:
            yield
        finally:
            with trio.move_on_after(_HEAL_GRACE, shield=True):
                await trio.to_thread.run_sync(heal)

    @asynccontextmanager
    async def lag(self, seconds: float) -> AsyncGenerator[None, None]:
        """Let the member know inside the block only what its peers said this long ago.

        Everything that its peers send comes late by at least so much: a follower shows its
        clients an older state, and its own writes take that much longer. Its clients' pings
        are answered at once. After the block it catches up.

        Entering and leaving are checkpoints; leaving ends the lag even when cancelled.

        Args:
            seconds: Above zero, and at least a tick shorter than syncLimit ticks.

        Raises:
            NotControllableError: The ensemble was not opened with ``isolated=True``, or the
                kernel cannot hold packets back (NFQUEUE).
            ValueError: The time is out of range.
            RuntimeError: It lags already.
        """
        catch_up = await trio.to_thread.run_sync(self._severable.hold_back, seconds)
        try:
            yield
        finally:
            with trio.move_on_after(_HEAL_GRACE, shield=True):
                await trio.to_thread.run_sync(catch_up)
