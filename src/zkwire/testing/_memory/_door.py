"""How clients get to a member: by a stream in memory, and through a TCP port where it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from zkwire.testing._memory_stream import memory_connection

if TYPE_CHECKING:
    from zkwire.testing._memory._serving import Replica


class Door:
    """A member's address.

    A member that is killed closes its door, and opens it again at the same address.
    """

    def __init__(self, host: str, port: int, *, listens: bool) -> None:
        self.host = host
        self.port = port
        self._listens = listens
        self._listeners: list[trio.SocketListener] = []
        self._accepting = trio.CancelScope()

    @property
    def address(self) -> str:
        """The address, ``host:port``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    async def bind(self) -> None:
        """Take the port, or a free one where it is 0, unless it has it.

        A checkpoint; cancelled, it has not taken it.

        Raises:
            OSError: Something else has the port, or the host is not of this machine.
        """
        if self._listens and not self._listeners:
            self._listeners = await trio.open_tcp_listeners(self.port, host=self.host)
            if self.port == 0:
                self._keep_one()
                self.port = self._listeners[0].socket.getsockname()[1]
        else:
            await trio.lowlevel.checkpoint()

    def open(self, replica: Replica, nursery: trio.Nursery) -> None:
        """Let clients in through the port, if there is one; they are served in the nursery."""
        if self._listeners:
            self._accepting = trio.CancelScope()
            nursery.start_soon(self._accept, replica, nursery, self._accepting, self._listeners)

    def close(self) -> None:
        """Give up the port: whoever connects from now on is refused."""
        self._accepting.cancel()
        for listener in self._listeners:
            listener.socket.close()
        self._listeners = []

    def connect(self, replica: Replica, nursery: trio.Nursery) -> trio.abc.Stream:
        """A stream to the member, served in the nursery.

        Raises:
            ConnectionRefusedError: The member does not run.
        """
        if not replica.running:
            raise ConnectionRefusedError(f"{self.address}: the member does not run")
        ours, theirs = memory_connection()
        nursery.start_soon(replica.serve, theirs)
        return ours

    async def _accept(
        self,
        replica: Replica,
        nursery: trio.Nursery,
        scope: trio.CancelScope,
        listeners: list[trio.SocketListener],
    ) -> None:
        with scope:
            await trio.serve_listeners(replica.serve, listeners, handler_nursery=nursery)

    def _keep_one(self) -> None:
        """Of several addresses of a host keep one, so that one free port is enough."""
        for listener in self._listeners[1:]:
            listener.socket.close()
        del self._listeners[1:]
