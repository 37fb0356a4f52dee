"""Making sure that the root path is there."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import zkwire

_ATTEMPTS: Final = 5


async def ensure_root(connection: zkwire.Connection, root_path: str) -> None:  # noqa: ASYNC910  # none for "/"
    """Make the root path and every missing parent.

    Every parent is looked at, from the top: one that exists says nothing about those
    below it.  Looking comes first because a server that denies CREATE says so even
    of a node that exists.

    A checkpoint, unless the root path is ``/``.  Cancelled, it may have made some parents.

    Raises:
        ReplyError: the server refuses to make a node; the error names it.
        ConnectionLost: the connection died.
    """
    prefixes = _prefixes(root_path)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            for prefix in prefixes:
                await _ensure_node(connection, prefix)
        except zkwire.NoNode:
            # Somebody removed a parent after we had seen it: start from the top again.
            if attempt == _ATTEMPTS:
                raise
        else:
            return  # noqa: ASYNC910  # likewise


def _prefixes(path: str) -> list[str]:
    """Every ancestor of a path below ``/``, from the top, and the path itself."""
    parts = path.split("/")[1:] if path != "/" else []
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]


async def _ensure_node(connection: zkwire.Connection, path: str) -> None:
    try:
        if await connection.exists(path) is not None:
            return
    except zkwire.NoAuth:
        # Servers since 3.9.2 check READ here, which they can only where there is a node.
        return  # noqa: ASYNC910  # exists() was one, though it raised
    with suppress(zkwire.NodeExists):  # another client made it at the same time
        await connection.create(path)
