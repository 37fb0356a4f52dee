"""One connection through a proxy, from the first byte to the last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Final, TypeAlias

import trio

from zkwire.testing._faults._conditions import Lane
from zkwire.testing._faults._ending import end
from zkwire.testing._faults._exchange import Cut, Exchange
from zkwire.testing._faults._pump import Pump

Dial: TypeAlias = Callable[[str, int], Awaitable[trio.abc.Stream]]


_CLOSE_LIMIT: Final = 1.0
"""Seconds; closing by force does not wait."""


class Link:
    """A client's stream, a server's, and what passes between them."""

    def __init__(
        self,
        client: trio.abc.Stream,
        upstream: trio.abc.Stream | None,
        *,
        lanes: dict[str, Lane],
        cuts: list[Cut],
        random: Random,
        count: Callable[[str, int], None],
    ) -> None:
        self._client: trio.abc.Stream = client
        self._upstream = upstream
        self._lanes = lanes
        self._exchange = Exchange(cuts)
        self._random = random
        self._count = count
        self._scope = trio.CancelScope()
        self._pumping = trio.CancelScope()
        self._is_reset = False
        self.gone: str | None = None
        self.ended = trio.Event()
        self.halved = trio.Event()

    def close(self) -> None:
        """End both sides in order."""
        self._scope.cancel()

    def reset(self) -> None:
        """End both sides with a reset."""
        self._is_reset = True
        self._scope.cancel()

    def halve(self, side: str) -> None:
        """End one side, ``"upstream"`` or ``"downstream"``; leave the other open and silent."""
        if self.gone is None:
            self.gone = side
            self._pumping.cancel()

    async def run(self, dial: Callable[[], Awaitable[trio.abc.Stream]]) -> None:
        """Connect to the server where that is not done, and pass on, to the end."""
        try:
            with self._scope:
                if self._upstream is None and self.gone != "upstream":
                    try:
                        self._upstream = await dial()
                    except OSError:  # nothing listens: the client is told so
                        self.reset()
                        return
                if self._upstream is not None:
                    with self._pumping:
                        await self._pump(self._upstream)
                if self.gone is not None:
                    await self._end(self.gone, reset=False)
                    self.halved.set()
                    await trio.sleep_forever()
        finally:
            self._exchange.release()
            with trio.move_on_after(_CLOSE_LIMIT, shield=True):
                for side in ("downstream", "upstream"):
                    await self._end(side, reset=self._is_reset)
            self.ended.set()
            self.halved.set()

    async def _pump(self, upstream: trio.abc.Stream) -> None:
        up = self._new_pump("upstream", self._client, upstream)
        down = self._new_pump("downstream", upstream, self._client)
        async with trio.open_nursery() as nursery:
            for task in (up.read, up.write, down.read, down.write):
                nursery.start_soon(task)

    def _new_pump(self, direction: str, source: trio.abc.Stream, sink: trio.abc.Stream) -> Pump:
        def count(nbytes: int) -> None:
            self._count(direction, nbytes)

        return Pump(
            self._lanes[direction],
            source,
            sink,
            self,
            exchange=self._exchange,
            is_upstream=direction == "upstream",
            random=self._random,
            count=count,
        )

    async def _end(self, side: str, *, reset: bool) -> None:
        stream = self._upstream if side == "upstream" else self._client
        if stream is not None:
            await end(stream, reset=reset)
