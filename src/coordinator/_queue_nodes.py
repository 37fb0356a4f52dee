"""Names of the nodes that stand in line for a lock, ours and others'.

Ours are Curator's (``_c_<uuid>-lock-<sequence>``), which go-zookeeper's differ from by the dashes
of the uuid alone; Curator orders by what follows the last ``lock-``, go-zookeeper by what follows
``lock-`` or ``__``.  kazoo honours them with ``extra_lock_patterns=["-lock-"]``.

Here every child whose name ends in a sequence number stands in the line: readers of somebody's
read-write lock, kazoo's ``<hex>__lock__<sequence>``, candidates of a latch.  The numbers come
from one counter, that of the parent, so they order all of them, around its end too: it is a
signed int, and what follows upon ``2147483647`` is ``-2147483648``, in ten characters or more
with the sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_SEQUENCE: Final = re.compile(r"(?:(?<=[-_])-[0-9]{9,10}|[0-9]{10})\Z")
_NUMBERS: Final = range(-(2**31), 2**31)


class QueueNode(NamedTuple):
    """A node in line; in order of place."""

    sequence: int
    name: str


def own_prefix(guid: str) -> str:
    """The name of a node of ours, up to the number that the server appends."""
    return f"_c_{guid}-lock-"


def in_line(children: Iterable[str]) -> list[QueueNode]:
    """The contenders among a node's children, first in line first.

    Where the counter has wrapped around, numbers behind the turn count on above it: a
    line that spans it from one end to the other is shorter than the way round.
    """
    found = [
        QueueNode(int(match.group()), name)
        for name in children
        if (match := _SEQUENCE.search(name)) is not None and int(match.group()) in _NUMBERS
    ]
    numbers = [node.sequence for node in found]
    if numbers and max(numbers) - min(numbers) >= len(_NUMBERS) // 2:
        found = [node._replace(sequence=node.sequence % len(_NUMBERS)) for node in found]
    return sorted(found)


def of_ours(children: Iterable[str], guid: str) -> list[QueueNode]:
    """Those that were made under one guid, however many; first in line first."""
    return in_line(name for name in children if name.startswith(own_prefix(guid)))
