"""A loopback port that can be closed and opened again, and stays the same."""

from __future__ import annotations

import errno
import socket
from typing import Final

import trio

_CAPACITY_ERRNOS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
_PAUSE: Final = 0.1
"""Seconds between attempts to accept where the process is out of file descriptors."""


class TcpDoor:
    """Where clients connect to a proxy over TCP."""

    def __init__(self) -> None:
        # Bound, and never listening: while the door is shut the kernel refuses connections, and
        # gives the port to nobody who asks for a free one.
        self._reservation = self._bind(0)
        self.port: int = self._reservation.getsockname()[1]
        self._listener: trio.SocketListener | None = None
        self._opened = trio.Event()
        try:
            self.open()
        except BaseException:
            self._reservation.close()
            raise

    def open(self) -> None:
        """Listen; nothing where it does."""
        if self._listener is None:
            sock = self._bind(self.port)
            try:
                sock.listen(1024)
                self._listener = trio.SocketListener(trio.socket.from_stdlib_socket(sock))
            except BaseException:
                sock.close()
                raise
            self._opened.set()

    def shut(self) -> None:
        """Refuse, whoever has not been accepted included; nothing where it does."""
        if self._listener is not None:
            self._listener.socket.close()
            self._listener = None
            self._opened = trio.Event()

    def remove(self) -> None:
        """Give up the port."""
        self.shut()
        self._reservation.close()

    async def accept(self) -> trio.SocketStream:
        """Wait for the next connection, through any time during which the door is shut."""
        while True:
            while (listener := self._listener) is None:
                await self._opened.wait()
            try:
                return await listener.accept()
            except trio.ClosedResourceError:
                continue
            except OSError as error:
                if error.errno not in _CAPACITY_ERRNOS:
                    raise
                await trio.sleep(_PAUSE)

    @staticmethod
    def _bind(port: int) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("127.0.0.1", port))
        except BaseException:
            sock.close()
            raise
        return sock
