"""All proxies together."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

from zkwire.testing._faults._core import ProxyCore
from zkwire.testing._faults._injection import Injection
from zkwire.testing._faults._link import Dial
from zkwire.testing._faults._proxy import Proxy
from zkwire.testing._faults._server_side import ServerSide


class Faults(Injection):
    """The proxies in front of an ensemble, of which every fault here concerns all.

    Attributes:
        members: The proxies, in the order of the servers.
        dial: What connects to ``servers``: in memory the only way to do so, to be passed on as
            ``dial=``. Over TCP it is `trio.open_tcp_stream`, which counts refusals besides.
    """

    def __init__(
        self,
        members: tuple[Proxy, ...],
        cores: tuple[ProxyCore, ...],
        dial: Dial,
        behind: ServerSide,
    ) -> None:
        self.members = members
        self.dial = dial
        self._cores = cores
        self._behind = behind

    def __repr__(self) -> str:
        return f"<Faults at {', '.join(self.servers)}>"

    @property
    def servers(self) -> list[str]:
        """The addresses to give to clients, ``host:port``, in the order of the servers."""
        return [member.address for member in self.members]

    async def expire(self, session_id: int) -> None:
        """End a session on the servers, as if its timeout had passed.

        A checkpoint; cancelled, the session may or may not end.

        Raises:
            NotControllableError: The ensemble cannot do that, or is known by addresses only.
        """
        await trio.lowlevel.checkpoint()
        await self._behind.expire(session_id)

    @asynccontextmanager
    async def lag(self, member: Proxy, seconds: float) -> AsyncGenerator[None]:
        """Let one server learn of everything ``seconds`` later than the others, meanwhile.

        Raises:
            NotControllableError: The ensemble cannot do that, or is known by addresses only.
            ValueError: ``member`` is none of ``members``.
        """
        async with self._known(member).lag(seconds):
            yield

    @asynccontextmanager
    async def partition(self, member: Proxy) -> AsyncGenerator[None]:
        """Cut one server off from the others, and not from its clients, meanwhile.

        Raises:
            NotControllableError: The ensemble cannot do that, or is known by addresses only.
            ValueError: ``member`` is none of ``members``.
        """
        async with self._known(member).partition():
            yield

    def _known(self, member: object) -> Proxy:
        for each in self.members:
            if each is member:
                return each
        raise ValueError(f"member: must be one of faults.members, not {member!r}")

    def _targets(self) -> tuple[ProxyCore, ...]:
        return self._cores
