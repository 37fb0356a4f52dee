"""One member of the in-memory ensemble, as its clients and its peers see it."""

from __future__ import annotations

from typing import Final

import trio

from zkwire.testing._memory._serving._link import Link
from zkwire.testing._memory._serving._member import Member

LOOPBACK: Final = ("127.0.0.1", 0)
"""Where a stream in memory comes from, as far as ``ip`` identities go."""


class Replica(Member):
    """A member that serves connections."""

    async def serve(self, stream: trio.abc.Stream) -> None:
        """Serve one connection from its first byte to its last, and close it.

        A checkpoint; cancelled, it closes the connection.
        """
        try:
            host, port = _peer_of(stream)
            if self.running and self.has_room_for(host):
                link = Link(self, stream, host, port)
                self.admit(link)
                try:
                    await link.run()
                finally:
                    self.forget(link)
        finally:
            await trio.aclose_forcefully(stream)


def _peer_of(stream: trio.abc.Stream) -> tuple[str, int]:
    if isinstance(stream, trio.SocketStream):
        try:
            host, port, *_ = stream.socket.getpeername()
        except OSError:  # the client has gone already
            return LOOPBACK
        return str(host), int(port)
    return LOOPBACK
