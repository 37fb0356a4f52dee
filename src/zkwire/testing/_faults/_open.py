"""How the proxies come to be."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from typing import Protocol, cast

import trio

from zkwire import as_service, service_nursery
from zkwire.testing._faults._checks import address
from zkwire.testing._faults._core import ProxyCore
from zkwire.testing._faults._doors import TcpDoor
from zkwire.testing._faults._faults import Faults
from zkwire.testing._faults._link import Dial
from zkwire.testing._faults._proxy import Proxy
from zkwire.testing._faults._server_side import ServerSide


class HasServers(Protocol):
    """An ensemble, of whatever kind."""

    @property
    def servers(self) -> list[str]:
        """The addresses of its members."""
        ...


@asynccontextmanager
async def open_faults(
    ensemble_or_servers: HasServers | Iterable[str], *, dial: Dial | None = None
) -> AsyncGenerator[Faults]:
    """Put a proxy in front of each server, through which faults can be brought about.

    Entering and leaving are checkpoints. Leaving ends every connection, at once; the servers are
    left alone.

    Args:
        ensemble_or_servers: An ensemble, or ``host:port`` addresses. An ensemble with a ``dial``
            of its own is reached by that.
        dial: What connects to a server in place of TCP: an async function of a host and a port.

    Yields:
        The proxies: over TCP each listens on its own port of 127.0.0.1; with a ``dial``, the
        ensemble's or this, they are in memory, and `Faults.dial` is the way to them.

    Raises:
        TypeError: No ensemble and no addresses.
        ValueError: An address that is none, none at all, or one twice.
    """
    ensemble, servers = _taken_apart(ensemble_or_servers)
    if dial is not None and not callable(dial):
        raise TypeError(f"dial: must be an async function, not {type(dial).__name__}")
    if dial is None:
        dial = cast("Dial | None", getattr(ensemble, "dial", None))
    behind = ServerSide(ensemble)
    upstreams = [address(each) for each in servers]
    with ExitStack() as doors:
        cores: list[ProxyCore] = []
        addresses: list[str] = []
        for index, upstream in enumerate(upstreams):
            door = None
            if dial is None:
                door = TcpDoor()
                doors.callback(door.remove)
            name = f"proxy-{index + 1}:{upstream[1]}" if door is None else f"127.0.0.1:{door.port}"
            addresses.append(name)
            cores.append(ProxyCore(upstream, dial or trio.open_tcp_stream, door, seed=name))
        members = tuple(
            Proxy(index + 1, addresses[index], servers[index], core, behind)
            for index, core in enumerate(cores)
        )
        async with service_nursery() as nursery:
            by_address = {address(name): core for name, core in zip(addresses, cores, strict=True)}
            own_dial = partial(_dial_over_tcp if dial is None else _dial_in_memory, by_address)
            if dial is None:
                for core in cores:
                    nursery.start_soon(as_service(partial(core.listen, nursery)))
            try:
                await trio.lowlevel.checkpoint()
                yield Faults(members, tuple(cores), partial(own_dial, nursery), behind)
            finally:
                nursery.cancel_scope.cancel()


async def _dial_over_tcp(
    cores: dict[tuple[str, int], ProxyCore], nursery: trio.Nursery, host: str, port: int
) -> trio.abc.Stream:
    try:
        return await trio.open_tcp_stream(host, port)
    except OSError:
        if (core := cores.get((host, port))) is not None:
            core.note(accepted=False)
        raise


async def _dial_in_memory(
    cores: dict[tuple[str, int], ProxyCore], nursery: trio.Nursery, host: str, port: int
) -> trio.abc.Stream:
    core = cores.get((host, port))
    if core is None:
        raise ConnectionRefusedError(f"no proxy has the address {host}:{port}")
    return await core.connect(nursery)


def _taken_apart(given: object) -> tuple[object | None, list[str]]:
    if isinstance(given, str | bytes):
        raise TypeError("servers: must be a list of addresses or an ensemble, not one string")
    of_ensemble = getattr(given, "servers", None)
    found = given if of_ensemble is None else of_ensemble
    if not isinstance(found, Iterable):
        raise TypeError(f"servers: must be addresses or an ensemble, not {type(given).__name__}")
    servers = list(cast("Iterable[str]", found))
    if not servers:
        raise ValueError("servers: must be one address at least")
    for server in servers:
        address(server)
    if len(set(servers)) < len(servers):
        raise ValueError(f"servers: {', '.join(servers)} has one address twice")
    return (None if of_ensemble is None else given), servers
