"""Quotas: the nodes below ``/zookeeper/quota`` and what they count.

The limits of ``/a`` are the data of ``/zookeeper/quota/a/zookeeper_limits``; beside them the
server keeps ``zookeeper_stats``.  The deepest quota on the way to a node is the one that counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from zkwire.testing._memory._database._node import Node

QUOTA_ROOT: Final = "/zookeeper/quota"
LIMITS: Final = "zookeeper_limits"
STATISTICS: Final = "zookeeper_stats"
_COUNT, _BYTES = "count", "bytes"
_SEPARATORS: Final = re.compile("[,;]+")
_NUMBER: Final = re.compile("[+-]?[0-9]{1,19}|")


def parse(data: bytes | None) -> dict[str, int]:
    """The numbers of a limits or statistics node; what cannot be read is left out."""
    numbers: dict[str, int] = {}
    for pair in _SEPARATORS.split((data or b"").decode(errors="replace")):
        # "bytes=5=;countHardLimit=1": the second "=" keeps old parsers away from what follows.
        name, _, text = pair.partition("=")
        number = text.partition("=")[0] or "-1"
        if name and re.fullmatch("[+-]?[0-9]{1,19}", number):
            numbers[name] = int(number)
    return numbers


def parse_strictly(data: bytes | None) -> dict[str, int]:
    """The numbers of a limits node, as a server reads it that enforces them (StatsTrack.java).

    Raises:
        ValueError: There is no data, or a pair in it without a number.
    """
    if data is None:
        raise ValueError("no limits")
    numbers: dict[str, int] = {}
    for pair in _java_split(_SEPARATORS.split(data.decode(errors="replace"))):
        name, text, *_ = _java_split(pair.split("="))
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"no number: {pair}")
        numbers[name] = int(text or "-1")
    return numbers


def _java_split(parts: list[str]) -> list[str]:
    """What String.split makes of it: empty parts at the end are left out."""
    while parts and not parts[-1]:
        parts.pop()
    return parts


def render(numbers: Mapping[str, int]) -> bytes:
    """The data of a statistics node."""
    text = f"count={numbers.get(_COUNT, -1)},bytes={numbers.get(_BYTES, -1)}"
    more = sorted(numbers.keys() - {_COUNT, _BYTES})
    if more:
        text += "=" + "".join(f";{name}={numbers[name]}" for name in more)
    return text.encode()


class Quotas:
    """Which nodes have a quota, over a tree's nodes."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self._nodes = nodes
        self._limited: set[str] = set()

    def copy(self, nodes: dict[str, Node]) -> Quotas:
        """The same quotas over another copy of the nodes."""
        copied = Quotas(nodes)
        copied._limited = self._limited.copy()
        return copied

    def created(self, path: str, size: int) -> None:
        """A node was created."""
        parent, _, name = path.rpartition("/")
        if parent.startswith(QUOTA_ROOT):
            limited = parent[len(QUOTA_ROOT) :]
            if name == LIMITS and limited:
                self._limited.add(limited)
            elif name == STATISTICS:
                self._recount(limited)
        self.changed(path, size, 1)

    def deleted(self, path: str, size: int) -> None:
        """A node was deleted."""
        parent, _, name = path.rpartition("/")
        if name == LIMITS and parent.startswith(QUOTA_ROOT):
            self._limited.discard(parent[len(QUOTA_ROOT) :])
        self.changed(path, -size, -1)

    def changed(self, path: str, size: int, count: int) -> None:
        """A node's subtree holds that much more."""
        if not self._limited or (limited := self._limit_over(path)) is None:
            return
        node = self._nodes.get(f"{QUOTA_ROOT}{limited}/{STATISTICS}")
        if node is not None:
            numbers = parse(node.data)
            numbers[_COUNT] = numbers.get(_COUNT, -1) + count
            numbers[_BYTES] = numbers.get(_BYTES, -1) + size
            node.data = render(numbers)

    def breaks_hard_limit(self, path: str, size: int, count: int) -> bool:
        """Whether that much more below a path is more than its quota allows at all.

        Raises:
            ValueError: The limits cannot be read.
        """
        if not self._limited or (limited := self._limit_over(path)) is None:
            return False
        limits = self._nodes.get(f"{QUOTA_ROOT}{limited}/{LIMITS}")
        statistics = self._nodes.get(f"{QUOTA_ROOT}{limited}/{STATISTICS}")
        if limits is None:
            return False
        allowed = parse_strictly(limits.data)
        if statistics is None:
            return False
        used = parse(statistics.data)
        return any(
            more != 0 and -1 < allowed.get(hard, -1) < used.get(name, -1) + more
            for name, hard, more in (
                (_COUNT, "countHardLimit", count),
                (_BYTES, "byteHardLimit", size),
            )
        )

    def _limit_over(self, path: str) -> str | None:
        while path:
            if path in self._limited:
                return path
            path = path.rpartition("/")[0]
        return None

    def _recount(self, limited: str) -> None:
        count = size = 0
        waiting = [limited]
        while waiting:
            path = waiting.pop()
            node = self._nodes.get(path or "/")
            if node is not None:
                count, size = count + 1, size + len(node.data or b"")
                waiting.extend(f"{path}/{name}" for name in node.children)
        statistics = self._nodes[f"{QUOTA_ROOT}{limited}/{STATISTICS}"]
        statistics.data = render({_COUNT: count, _BYTES: size})
