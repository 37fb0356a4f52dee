"""Forward loopback ports of this network namespace to the same ports of another one.

Run as a script: ``python -I -S _forwarder.py NAMESPACE_PATH PORT...``. A port refuses
connections here as long as nothing listens on it there; FIN and RST are passed on as what they
are. It runs as a process of its own: in a thread it would wait for the tests' interpreter lock.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import selectors
import socket
import struct
import sys
import time

_HOST = "127.0.0.1"
_CLONE_NEWNET = 0x40000000
_CHUNK = 262_144
_BACKLOG = 128
# Seconds between looks at whether the server listens: a restart is not felt to be longer, and
# a look costs some microseconds.
_LOOK_INTERVAL = 0.02
_RESET = struct.pack("ii", 1, 0)


def _enter(namespace: int) -> None:
    # os.setns came with Python 3.12.
    if ctypes.CDLL(None, use_errno=True).setns(namespace, _CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), "setns")


def _listens(port: int) -> bool:
    """Say whether a socket listens on this port of the namespace that we are in.

    A second bind with SO_REUSEADDR fails for that reason alone. No connection is made, which
    the server would log, and no table of the kernel's is read, which all namespaces share.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return True
    return False


class _Half:
    """One direction of a connection: what came from the source and waits for the sink."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source = source
        self.sink = sink
        self.waiting = memoryview(b"")
        self.ended = False

    def read(self) -> None:
        data = self.source.recv(_CHUNK)
        self.ended = not data
        self.waiting = memoryview(data)
        self.write()

    def write(self) -> None:
        try:
            if self.waiting:
                self.waiting = self.waiting[self.sink.send(self.waiting) :]
        except BlockingIOError:
            return
        if self.ended and not self.waiting:
            self.sink.shutdown(socket.SHUT_WR)


class _Pair:
    """A client's connection and the one to the server that stands for it."""

    def __init__(self, client: socket.socket, port: int, selector: selectors.BaseSelector) -> None:
        self.client = client
        self.server = socket.socket()
        self._selector = selector
        self._connecting = True
        self._current = {self.client: 0, self.server: 0}
        for each in (self.client, self.server):
            each.setblocking(False)
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._halves = (_Half(self.client, self.server), _Half(self.server, self.client))
        failure = self.server.connect_ex((_HOST, port))
        if failure not in (0, errno.EINPROGRESS):
            self._close(reset=True)
        else:
            self._select()

    def ready(self, which: socket.socket, mask: int) -> None:
        """Move what can be moved. Closed already, by an event of the same round: do nothing."""
        if which.fileno() < 0:
            return
        try:
            self._move(which, mask)
        except BlockingIOError:
            return
        except OSError:
            self._close(reset=True)
            return
        if all(half.ended and not half.waiting for half in self._halves):
            self._close(reset=False)
        else:
            self._select()

    def _move(self, which: socket.socket, mask: int) -> None:
        if self._connecting:
            failure = self.server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if failure:
                raise OSError(failure, os.strerror(failure))
            self._connecting = False
            return
        for half in self._halves:
            if half.sink is which and mask & selectors.EVENT_WRITE and half.waiting:
                half.write()
            if half.source is which and mask & selectors.EVENT_READ and not half.waiting:
                half.read()

    def _select(self) -> None:
        for each in (self.client, self.server):
            self._interest(each, self._wanted(each))

    def _wanted(self, which: socket.socket) -> int:
        if self._connecting:
            return selectors.EVENT_WRITE if which is self.server else 0
        wanted = 0
        for half in self._halves:
            if half.source is which and not half.ended and not half.waiting:
                wanted |= selectors.EVENT_READ
            if half.sink is which and half.waiting:
                wanted |= selectors.EVENT_WRITE
        return wanted

    def _interest(self, which: socket.socket, wanted: int) -> None:
        current = self._current[which]
        if wanted == current:
            return
        if not current:
            self._selector.register(which, wanted, self)
        elif not wanted:
            self._selector.unregister(which)
        else:
            self._selector.modify(which, wanted, self)
        self._current[which] = wanted

    def _close(self, *, reset: bool) -> None:
        for each in (self.client, self.server):
            self._interest(each, 0)
            if reset:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            each.close()


class _Gate:
    """One port: open here while a server listens on it there."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self.port = port
        self._selector = selector
        self._listener: socket.socket | None = None

    def follow(self, home: int, away: int) -> None:
        """Open or close as the server does."""
        wanted = _listens(self.port)
        if self._listener is not None and not wanted:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        elif self._listener is None and wanted:
            # A socket belongs to the namespace in which it was made, whoever uses it where.
            _enter(home)
            try:
                self._listener = socket.create_server((_HOST, self.port), backlog=_BACKLOG)
            finally:
                _enter(away)
            self._listener.setblocking(False)
            self._selector.register(self._listener, selectors.EVENT_READ, self)

    def accept(self) -> None:
        """Take one connection and make its counterpart."""
        # It may be gone already, or no descriptor may be left: the others live on.
        with contextlib.suppress(OSError):
            if self._listener is not None:
                client, _ = self._listener.accept()
                _Pair(client, self.port, self._selector)


def main() -> None:
    """Forward for ever."""
    path, *ports = sys.argv[1:]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    away = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    _enter(away)
    selector = selectors.DefaultSelector()
    gates = [_Gate(int(port), selector) for port in ports]
    next_look = time.monotonic()
    while True:
        for key, mask in selector.select(max(0.0, next_look - time.monotonic())):
            if isinstance(key.data, _Gate):
                key.data.accept()
            elif isinstance(key.fileobj, socket.socket):
                key.data.ready(key.fileobj, mask)
        if time.monotonic() >= next_look:
            for gate in gates:
                gate.follow(home, away)
            next_look = time.monotonic() + _LOOK_INTERVAL


if __name__ == "__main__":
    main()
