"""How much to measure, and on which server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Self

STOCK: Final = "stock settings"
NO_WORKERS: Final = "no worker threads"

SERVERS: Final[Mapping[str, Mapping[str, str] | None]] = MappingProxyType(
    {STOCK: None, NO_WORKERS: {"zookeeper.nio.numWorkerThreads": "0"}}
)
"""The servers that clients are measured on, and their system properties; README says why two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every subject is told."""

    rounds: int
    pipelined_gets: int
    sequential_gets: int
    codec_repeats: int
    server: str = ""

    @classmethod
    def quick(cls) -> Self:
        return cls(rounds=2, pipelined_gets=8_192, sequential_gets=1_000, codec_repeats=5)

    @classmethod
    def full(cls) -> Self:
        return cls(rounds=5, pipelined_gets=16_384, sequential_gets=2_000, codec_repeats=12)

    def with_rounds(self, rounds: int) -> Self:
        return replace(self, rounds=rounds)

    def on(self, server: str) -> Self:
        return replace(self, server=server)
