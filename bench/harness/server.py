"""The servers that clients are measured on."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from zkwire.testing import Ensemble, start_zookeeper

STOCK: Final = "stock settings"
NO_WORKERS: Final = "no worker threads"

SERVERS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {STOCK: {}, NO_WORKERS: {"zookeeper.nio.numWorkerThreads": "0"}}
)
"""The servers' names and their system properties; the README says why two."""

_TICK = 2.0  # seconds; the servers' own default, so sessions of 10 s are granted as asked


@contextmanager
def open_server(label: str = STOCK) -> Generator[Ensemble]:
    """One server, with these settings.

    Raises:
        NoZooKeeperError: there is no way to start one here.
    """
    with start_zookeeper(tick_time=_TICK, system_properties=dict(SERVERS[label])) as ensemble:
        yield ensemble


def describe_server(label: str, ensemble: Ensemble) -> str:
    """What runs, without what differs from one run to the next."""
    settings = ", ".join(f"{name}={value}" for name, value in SERVERS[label].items())
    where = f"ZooKeeper {ensemble.version} from {ensemble.provider}, one server"
    return f"{label}: {where}, {settings or 'no system properties set'}"
