"""Makes a node with whatever is missing above it."""

from __future__ import annotations

from typing import Final

import zkwire
from coordinator._session import Session

_ATTEMPTS: Final = 5


async def make_node(session: Session, path: str, mode: zkwire.CreateMode) -> None:  # noqa: ASYNC910  # a step
    """Make a node, and persistent parents where there are none; all may be there already.

    A checkpoint.  From below upwards: a server that denies CREATE says so even of nodes
    that exist, so those above are left alone where they need not be made.

    Raises:
        NoNode: the root path is gone, or somebody removes what is made as fast as it is.
        SessionExpired, ConnectionClosed: the session is over.
        ReplyError: the server refused.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await _create(session, path, mode)
        except zkwire.NoNode:
            above = path.rpartition("/")[0]
            if not above or attempt == _ATTEMPTS:
                raise
            await make_node(session, above, zkwire.CreateMode.PERSISTENT)
        else:
            return  # noqa: ASYNC910  # a step


async def _create(session: Session, path: str, mode: zkwire.CreateMode) -> None:  # noqa: ASYNC910  # a step
    while True:  # noqa: ASYNC913  # a request is one
        try:
            await session.create(path, b"", mode)
        except zkwire.NodeExists:
            return  # noqa: ASYNC910  # a request is one
        except zkwire.ConnectionLost:
            continue  # to make it twice is to make it once
        except zkwire.Unimplemented:
            if mode is zkwire.CreateMode.PERSISTENT:
                raise
            mode = zkwire.CreateMode.PERSISTENT  # before ZooKeeper 3.5 there were no containers
        else:
            return
