"""The way in."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import trio

from zkwire._trio._nursery import service_nursery
from zkwire.testing._memory._cluster import Clock, Cluster
from zkwire.testing._memory._database import Database, config_text
from zkwire.testing._memory._door import Door
from zkwire.testing._memory._handles import MemoryEnsemble
from zkwire.testing._memory._member import MemoryMember
from zkwire.testing._memory._serving import Replica
from zkwire.testing._memory._settings import Settings

if TYPE_CHECKING:
    from zkwire.testing._launcher._request import ConfigValue

_CLIENT_PORT: Final = 2181


@asynccontextmanager
async def open_memory_zookeeper(
    members: int = 1,
    tick_time: float = 2.0,
    *,
    config: Mapping[str, ConfigValue] | None = None,
    listen: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncGenerator[MemoryEnsemble, None]:
    """Run ZooKeeper servers inside of this process until the block is left.

    They speak the protocol of ZooKeeper 3.9.5, and their time is the event loop's: under a
    virtual clock a session of hours expires at once. Clients reach them by
    `MemoryEnsemble.dial`, and through TCP ports where that is asked for.

    Entering and leaving are checkpoints. Leaving cuts all connections, also when cancelled.

    Args:
        members: One standalone server, or an ensemble of up to seven.
        tick_time: Seconds, 0.001 to 3600. A session timeout is negotiated within 2 to 20 ticks.
        config: Lines of zoo.cfg; the limit of connections per address, which a real server has
            at 60, is switched off unless it is among them.
        listen: Whether each member has a TCP port too.
        host: Where the ports are.
        port: That of the first member, the others' behind it; 0 for free ones.

    Yields:
        The running servers, ready to serve.

    Raises:
        ValueError: An argument is out of range, or a line of ``config`` means nothing here.
        OSError: A port is taken, or the host is not of this machine.
    """
    settings = Settings.from_config(
        {"maxClientCnxns": 0, **(config or {})}, members=members, tick_time=tick_time
    )
    doors = _doors(members, host, port, listen=listen)
    async with service_nursery() as nursery:
        try:
            for door in doors:
                await door.bind()
            ensemble, cluster, replicas = _assemble(settings, doors, nursery)
            nursery.start_soon(cluster.run)
            for replica, door in zip(replicas, doors, strict=True):
                door.open(replica, nursery)
            yield ensemble
        finally:
            for door in doors:
                door.close()
            nursery.cancel_scope.cancel()


def _doors(members: int, host: str, port: int, *, listen: bool) -> list[Door]:
    """The addresses: of a kind that leads nowhere where nothing listens."""
    if not listen:
        return [Door(f"zk{n}.invalid", _CLIENT_PORT, listens=False) for n in range(1, members + 1)]
    if not 0 <= port <= 65_536 - members:
        raise ValueError(f"port: 0 to {65_536 - members}, not {port!r}")
    return [Door(host, port + n if port else 0, listens=True) for n in range(members)]


def _assemble(
    settings: Settings, doors: list[Door], nursery: trio.Nursery
) -> tuple[MemoryEnsemble, Cluster, list[Replica]]:
    text = config_text([door.address for door in doors])
    started_ms = Clock().wall_ms()
    replicas = [
        Replica(server_id, settings, Database(text, started_ms))
        for server_id in settings.server_ids
    ]
    cluster = Cluster(settings, replicas)
    members: list[MemoryMember] = []
    for replica, door in zip(replicas, doors, strict=True):
        replica.attach(cluster)
        members.append(MemoryMember(replica, cluster, door, nursery, members))
    return MemoryEnsemble(members, cluster, settings), cluster, replicas
