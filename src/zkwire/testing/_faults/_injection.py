"""Every fault of the proxies, the same for one and for all."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

import trio

from zkwire.testing._faults import _core as core
from zkwire.testing._faults._checks import Direction, directions, whole
from zkwire.testing._faults._exchange import Cut
from zkwire.testing._faults._link import Link
from zkwire.testing._faults._stream_faults import StreamFaults


class Injection(StreamFaults):
    """Faults, each an async context manager: there from its entry to its exit.

    They add up, several of one kind too, and concern the connections there are and those that
    come. Where there is a ``direction``, ``"upstream"`` is towards the server and
    ``"downstream"`` towards the client. Entering is a checkpoint, and cancelled there nothing is
    wrong any more; leaving is none. Wrong arguments raise `ValueError` or `TypeError` on entry,
    before anything changes.
    """

    @asynccontextmanager
    async def reset_peer(self) -> AsyncGenerator[None]:
        """Reset every connection, both sides of it, and whoever connects meanwhile."""
        async with self._denied(core.RESETTING):
            await self._reset_all()
            yield

    @asynccontextmanager
    async def down(self) -> AsyncGenerator[None]:
        """Reset every connection, and refuse new ones. The address stays the proxy's."""
        async with self._denied(core.DOWN):
            await self._reset_all()
            yield

    @asynccontextmanager
    async def accept_then_close(self) -> AsyncGenerator[None]:
        """Take new connections, and close them before a byte. Those there are go on."""
        async with self._denied(core.CLOSING):
            await trio.lowlevel.checkpoint()
            yield

    @asynccontextmanager
    async def half_open(self, *, direction: Direction = "upstream") -> AsyncGenerator[None]:
        """End one side of every connection, and tell the other nothing.

        Args:
            direction: The side that goes: ``"upstream"`` the server's, so that the client has
                an open connection on which nothing comes and nothing is read; ``"downstream"``
                the client's. It is so with new connections too. What is left is reset at the
                exit, as a host that is back answers what it does not know.
        """
        (side,) = directions(direction, one=True)
        try:
            async with self._denied(side):
                links = self._links()
                for link in links:
                    link.halve(side)
                await _all_set(link.halved for link in links)
                await trio.lowlevel.checkpoint()
                yield
        finally:
            for link in self._links():
                if link.gone == side:
                    link.reset()

    @asynccontextmanager
    async def cut_before_reply(self, opcode: int | None = None) -> AsyncGenerator[Cut]:
        """Cut a connection once: when the server has done what was asked, before it is known.

        The next request that matches goes through. The reply is awaited, which proves that the
        server is done with it, and thrown away; then the connection is reset. Where the
        connection ends before the reply, the fault waits for the next request that matches.

        Args:
            opcode: The request's opcode, or -10 for the handshake. None is any request but the
                handshake, ping and auth.

        Yields:
            A `Cut`: its ``done`` is set when it has happened, its ``err`` and ``zxid`` are those
            of the reply.
        """
        if opcode is not None:
            whole("opcode", opcode, least=-(2**31), most=2**31 - 1)
        cut = Cut(opcode)
        targets = self._targets()
        for target in targets:
            target.cuts.append(cut)
        try:
            await trio.lowlevel.checkpoint()
            yield cut
        finally:
            for target in targets:
                target.cuts.remove(cut)

    @asynccontextmanager
    async def _denied(self, how: str) -> AsyncGenerator[None]:
        targets = self._targets()
        for target in targets:
            target.deny(how)
        try:
            yield
        finally:
            for target in targets:
                target.admit(how)

    async def _reset_all(self) -> None:
        links = self._links()
        for link in links:
            link.reset()
        await _all_set(link.ended for link in links)
        await trio.lowlevel.checkpoint()

    def _links(self) -> list[Link]:
        return [link for target in self._targets() for link in target.links]


async def _all_set(events: Iterable[trio.Event]) -> None:
    for event in events:
        await event.wait()
