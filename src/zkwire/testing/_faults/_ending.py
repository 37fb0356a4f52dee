"""How a connection ends: in order, or by a reset."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from typing import Final, Protocol, runtime_checkable

import trio

_ON_NO_TIME: Final = (1).to_bytes(4, sys.byteorder) + (0).to_bytes(4, sys.byteorder)
"""struct linger {on, 0 seconds}: close discards what is unsent and sends RST."""


@runtime_checkable
class Resettable(Protocol):
    """A stream that is not of the kernel, and can be reset all the same."""

    def reset(self) -> None:
        """Close with a reset."""


async def end(stream: trio.abc.Stream, *, reset: bool) -> None:
    """Close a stream, at once. A stream that knows no reset is closed."""
    if isinstance(stream, trio.SocketStream):
        with suppress(OSError, trio.ClosedResourceError):  # one end or the other is gone already
            if reset:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ON_NO_TIME)
            else:
                # Where something is unread, closing alone sends RST, and what was sent is lost.
                stream.socket.shutdown(socket.SHUT_WR)
    elif reset and isinstance(stream, Resettable):
        stream.reset()
    await trio.aclose_forcefully(stream)
