"""One proxy: who gets in, which connections there are, and what is wrong with them."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

import trio

from zkwire import as_service
from zkwire.testing._faults._checks import BOTH_WAYS
from zkwire.testing._faults._conditions import Lane
from zkwire.testing._faults._doors import TcpDoor
from zkwire.testing._faults._ending import end
from zkwire.testing._faults._exchange import Cut
from zkwire.testing._faults._link import Dial, Link
from zkwire.testing._faults._statistics import Attempt, ProxyStatistics
from zkwire.testing._memory_stream import MemoryStream, memory_connection

DOWN: Final = "down"
RESETTING: Final = "reset"
CLOSING: Final = "close"
HALF_UPSTREAM: Final = "upstream"
HALF_DOWNSTREAM: Final = "downstream"


class ProxyCore:
    """What stands between clients and one server."""

    def __init__(
        self, upstream: tuple[str, int], dial: Dial, door: TcpDoor | None, seed: str
    ) -> None:
        self.door = door
        self.lanes: dict[str, Lane] = {direction: Lane() for direction in BOTH_WAYS}
        self.cuts: list[Cut] = []
        self.links: set[Link] = set()
        self._upstream = upstream
        self._dial = dial
        self._random = Random(seed)  # jitter, the same in every run
        self._admission: list[str] = []
        self._bytes: dict[str, int] = dict.fromkeys(BOTH_WAYS, 0)
        self._attempts: list[Attempt] = []

    def deny(self, how: str) -> None:
        """Treat those who come in one of the ways above, until `admit`."""
        self._admission.append(how)
        if how == DOWN and self.door is not None:
            self.door.shut()

    def admit(self, how: str) -> None:
        """Take one `deny` back."""
        self._admission.remove(how)
        if self.door is not None and DOWN not in self._admission:
            self.door.open()

    def note(self, *, accepted: bool) -> None:
        """Count an attempt to connect."""
        self._attempts.append(Attempt(trio.current_time(), accepted))

    async def listen(self, nursery: trio.Nursery) -> None:
        """Take connections over TCP, for ever."""
        assert self.door is not None
        while True:
            client = await self.door.accept()
            self.note(accepted=True)
            self._start(nursery, self._new_link(client, None))

    async def connect(self, nursery: trio.Nursery) -> MemoryStream:
        """Connect in memory: refused where the proxy is down, or the server behind it."""
        await trio.lowlevel.checkpoint()
        upstream: trio.abc.Stream | None = None
        try:
            if not self._admission:
                upstream = await self._dial_upstream()
        except OSError:
            self.note(accepted=False)
            raise
        is_down = DOWN in self._admission
        self.note(accepted=not is_down)
        if is_down:
            if upstream is not None:  # it went down meanwhile
                await end(upstream, reset=True)
            host, port = self._upstream
            raise ConnectionRefusedError(f"the proxy of {host}:{port} is down")
        near, far = memory_connection()
        self._start(nursery, self._new_link(far, upstream))
        return near

    def statistics(self) -> ProxyStatistics:
        """Return what was seen so far."""
        accepted = sum(each.accepted for each in self._attempts)
        return ProxyStatistics(
            accepted=accepted,
            refused=len(self._attempts) - accepted,
            open=len(self.links),
            bytes_upstream=self._bytes["upstream"],
            bytes_downstream=self._bytes["downstream"],
            attempts=tuple(self._attempts),
        )

    def _new_link(self, client: trio.abc.Stream, upstream: trio.abc.Stream | None) -> Link:
        link = Link(
            client,
            upstream,
            lanes=self.lanes,
            cuts=self.cuts,
            random=self._random,
            count=self._count,
        )
        if RESETTING in self._admission or DOWN in self._admission:
            link.reset()
        elif CLOSING in self._admission:
            link.close()
        for side in (HALF_UPSTREAM, HALF_DOWNSTREAM):
            if side in self._admission:
                link.halve(side)
        # Here and not in its own task: a fault that begins next finds it.
        self.links.add(link)
        return link

    def _start(self, nursery: trio.Nursery, link: Link) -> None:
        nursery.start_soon(as_service(partial(self._serve, link)))

    async def _serve(self, link: Link) -> None:
        try:
            await link.run(self._dial_upstream)
        finally:
            self.links.discard(link)

    async def _dial_upstream(self) -> trio.abc.Stream:
        return await self._dial(*self._upstream)

    def _count(self, direction: str, nbytes: int) -> None:
        self._bytes[direction] += nbytes
