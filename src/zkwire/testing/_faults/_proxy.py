"""The proxy in front of one server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from zkwire.testing._faults._core import ProxyCore
from zkwire.testing._faults._injection import Injection
from zkwire.testing._faults._server_side import ServerSide
from zkwire.testing._faults._statistics import ProxyStatistics


class Proxy(Injection):
    """Stands in front of one server, and does to its connections what a test says.

    Attributes:
        id: Its number, from 1, in the order of the servers.
        address: The address to give to clients, ``host:port``; it stays the same.
        upstream: The address of the server behind it.
    """

    def __init__(
        self, number: int, address: str, upstream: str, core: ProxyCore, behind: ServerSide
    ) -> None:
        self.id = number
        self.address = address
        self.upstream = upstream
        self._core = core
        self._behind = behind

    def __repr__(self) -> str:
        return f"<Proxy {self.id} at {self.address} of {self.upstream}>"

    @property
    def statistics(self) -> ProxyStatistics:
        """What it has seen so far; a copy that does not change."""
        return self._core.statistics()

    @asynccontextmanager
    async def lag(self, seconds: float) -> AsyncGenerator[None]:
        """Let the server learn of everything ``seconds`` later than the others, meanwhile.

        Raises:
            NotControllableError: The ensemble cannot do that, or is known by addresses only.
        """
        async with self._behind.lag(self.id - 1, seconds):
            yield

    @asynccontextmanager
    async def partition(self) -> AsyncGenerator[None]:
        """Cut the server off from the others, and not from its clients, meanwhile.

        Raises:
            NotControllableError: The ensemble cannot do that, or is known by addresses only.
        """
        async with self._behind.partition(self.id - 1):
            yield

    def _targets(self) -> tuple[ProxyCore, ...]:
        return (self._core,)
