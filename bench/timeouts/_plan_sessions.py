"""How much of the subjects that watch sessions only, by the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bench.harness.plan import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover:
    """Sessions of each client, and how often which member is killed or frozen."""

    sessions: int
    followers: int
    leaders: int
    freezes: int
    limit: float
    """Seconds after which no more trials are begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """Sessions of each client, and whether all clients have theirs at the same time."""

    sessions: int
    together: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Herd:
    """Sessions of each client, and seconds of each outage."""

    sessions: int
    together: bool
    down: float
    closing: float
    back: float
    """Seconds within which all are to be back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepalive:
    """Sessions of each client, and the seconds that they are idle."""

    sessions: int
    idle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """How many sessions in one process, the seconds to open them in, and those of idleness."""

    counts: tuple[int, ...]
    open: float
    idle: float


FAILOVER: Final[Mapping[Form, Failover]] = MappingProxyType(
    {
        "look": Failover(sessions=3, followers=1, leaders=0, freezes=0, limit=20.0),
        "short": Failover(sessions=12, followers=2, leaders=1, freezes=1, limit=45.0),
        "full": Failover(sessions=12, followers=12, leaders=6, freezes=6, limit=400.0),
    }
)
ROLLING: Final[Mapping[Form, Rolling]] = MappingProxyType(
    {
        "look": Rolling(sessions=6, together=True),
        "short": Rolling(sessions=60, together=True),
        "full": Rolling(sessions=300, together=False),
    }
)
HERD: Final[Mapping[Form, Herd]] = MappingProxyType(
    {
        "look": Herd(sessions=6, together=True, down=2.0, closing=2.0, back=15.0),
        "short": Herd(sessions=60, together=True, down=6.0, closing=5.0, back=15.0),
        "full": Herd(sessions=300, together=False, down=20.0, closing=15.0, back=20.0),
    }
)
KEEPALIVE: Final[Mapping[Form, Keepalive]] = MappingProxyType(
    {
        "look": Keepalive(sessions=10, idle=4.0),
        "short": Keepalive(sessions=50, idle=12.0),
        "full": Keepalive(sessions=200, idle=60.0),
    }
)
DENSITY: Final[Mapping[Form, Density]] = MappingProxyType(
    {
        "look": Density(counts=(100,), open=30.0, idle=2.0),
        "short": Density(counts=(1_000,), open=20.0, idle=3.0),
        "full": Density(counts=(1_000, 5_000), open=60.0, idle=15.0),
    }
)
