"""Where a scenario plays: servers, connections to them, and ways to harm both."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol
from uuid import uuid4

import trio

import zkwire
from coordinator import Coordinator, open_coordinator
from scenarios._bytewise import BytewiseStream
from zkwire.testing import Faults, open_faults


class Way(Protocol):
    """A way to servers: the stage's own, or one through fault proxies."""

    @property
    def servers(self) -> list[str]: ...

    @property
    def dial(self) -> zkwire.Dial: ...


async def dial_tcp(host: str, port: int) -> trio.abc.Stream:
    """Connect as everybody does."""
    return await trio.open_tcp_stream(host, port)


class Stage:
    """Servers of one kind, with a node for this scenario alone.

    Attributes:
        ensemble: the servers; real ones and those in memory have the same methods.
        home: the path of the node.
        dial: leads to a server.
        dialled: the addresses that coordinators have tried, the present one last.
    """

    def __init__(self, ensemble: Any, dial: zkwire.Dial, tick_time: float) -> None:
        self.ensemble = ensemble
        self.dial = dial
        self.tick_time = tick_time
        self.home = f"/scenario-{uuid4().hex}"
        self.dialled: list[str] = []

    @property
    def servers(self) -> list[str]:
        """The members' addresses, in member order."""
        return [member.address for member in self.ensemble.members]

    @property
    def members(self) -> tuple[Any, ...]:
        """The members: ``kill``, ``freeze``, ``resume``, ``stop``, ``start``, ``restart``."""
        return tuple(self.ensemble.members)

    async def split(self) -> tuple[Any, list[Any]]:
        """The leader, and the others."""
        leader = await self.ensemble.leader()
        return leader, [each for each in self.members if each.id != leader.id]

    # --- clients ----------------------------------------------------------------------------

    @asynccontextmanager
    async def connect(
        self,
        member: Any = None,
        *,
        via: Way | None = None,
        bytewise: bool = False,
        **options: Any,
    ) -> AsyncGenerator[zkwire.Connection]:
        """A connection; the timeout is the longest that these servers grant, unless given.

        Args:
            member: to which; the first unless given.
            via: through these proxies.
            bytewise: read a byte at a time, so that the order of what comes in shows.
            **options: of ``zkwire.open_connection``.
        """
        way = self if via is None else via
        index = 0 if member is None else member.id - 1
        host, _, port = way.servers[index].rpartition(":")
        stream = await way.dial(host, int(port))
        if bytewise:
            stream = BytewiseStream(stream)
        options = {"session_timeout": 20 * self.tick_time, **options}
        async with zkwire.open_connection_over(stream, **options) as connection:
            yield connection

    def attach(
        self, old: zkwire.Connection, member: Any = None, **options: Any
    ) -> AbstractAsyncContextManager[zkwire.Connection]:
        """Another connection of a session."""
        given = {
            "credentials": old.session.credentials,
            "last_zxid": old.last_zxid,
            "first_xid": old.next_xid,
            "session_timeout": old.session.negotiated_timeout,
        }
        return self.connect(member, **{**given, **options})

    def coordinate(
        self,
        members: Sequence[Any] | None = None,
        *,
        via: Way | None = None,
        session_timeout: float = 2.0,
        root_path: str | None = None,
    ) -> AbstractAsyncContextManager[Coordinator]:
        """A coordinator whose root is the scenario's node, unless another is given.

        Args:
            members: which it knows; all unless given, or unless there are proxies.
            via: through these proxies.
            session_timeout: seconds.
            root_path: elsewhere than in the scenario's node.
        """
        way = self if via is None else via
        servers = way.servers if members is None else [each.address for each in members]

        async def dial(host: str, port: int) -> trio.abc.Stream:
            self.dialled.append(f"{host}:{port}")
            return await way.dial(host, port)

        root = self.home if root_path is None else root_path
        return open_coordinator(servers, root, session_timeout, tick_time=self.tick_time, dial=dial)

    # --- harm -------------------------------------------------------------------------------

    def faults(self) -> AbstractAsyncContextManager[Faults]:
        """Fault proxies before every member."""
        return open_faults(self.ensemble)

    async def expire(self, session_id: zkwire.SessionId) -> None:
        """Have the servers end a session as if its time were over."""
        await self.ensemble.expire(session_id)

    async def word(self, word: str, member: Any = None) -> str:
        """Ask a member, the first unless given, a four-letter word."""
        asked = self.members[0] if member is None else member
        return await self.ensemble.four_letter_word(asked, word)


async def until_gone(zk: zkwire.Connection, *paths: str) -> None:
    """Wait until nodes are gone, however that comes."""
    for path in paths:
        while True:
            stat, watch = await zk.exists_and_watch(path)
            if stat is None:
                break
            await watch.wait()
