"""A delay line for packets: netfilter hands them to us, and each passes when its time has come.

``tc netem`` would do it, but many kernels come without; NFQUEUE is in all that have iptables'
modules. A packet keeps its place in the kernel, we see its number and say when it may pass
(linux/netfilter/nfnetlink_queue.h).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
import time
from collections import deque
from typing import Final

from zkwire.testing._launcher._errors import UnavailableError

QUEUE: Final = 0
"""The queue's number; a namespace has its own."""

_NETLINK_NETFILTER = 12
_SUBSYSTEM = 3 << 8
_PACKET, _VERDICT_BATCH, _CONFIG = _SUBSYSTEM | 0, _SUBSYSTEM | 3, _SUBSYSTEM | 2
_ERROR = 2
_REQUEST, _ACK = 1, 4
_BIND = struct.pack(">BBH", 1, 0, 0)
_META_ALONE = struct.pack(">IB", 0, 1)
_CFG_COMMAND, _CFG_PARAMS, _CFG_LENGTH, _CFG_MASK, _CFG_FLAGS = 1, 2, 3, 4, 5
# Large TCP segments stay whole: they would be copied piece by piece otherwise.
_KEEP_SEGMENTS = struct.pack(">I", 1 << 2)
_MOST_PACKETS = struct.pack(">I", 65_536)
_PACKET_HEADER, _VERDICT_HEADER = 1, 2
_ACCEPT = 1
_BUFFER = 4_194_304


class PacketQueue:
    """Holds every packet that a rule sends to the queue for this many seconds, until `close`."""

    def __init__(self, seconds: float) -> None:
        """Bind to the queue of the namespace that the calling thread is in.

        Raises:
            UnavailableError: The kernel has no NFQUEUE, or this process may not.
        """
        self._seconds = seconds
        self._held: deque[tuple[float, int]] = deque()
        try:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        except OSError as error:
            raise UnavailableError(f"NFQUEUE: {error}") from error
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            self._configure(_CFG_COMMAND, _BIND)
            self._configure(_CFG_PARAMS, _META_ALONE)
            self._configure(_CFG_LENGTH, _MOST_PACKETS)
            self._configure(_CFG_FLAGS, _KEEP_SEGMENTS, _attribute(_CFG_MASK, _KEEP_SEGMENTS))
        except OSError as error:
            self._socket.close()
            raise UnavailableError(f"NFQUEUE: {error}") from error
        self._socket.setblocking(False)
        self._stopped, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._hold, name="zkwire-testing-lag", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let everything pass that is still held, and unbind."""
        os.close(self._stop)
        self._thread.join()
        os.close(self._stopped)
        self._socket.close()

    def _hold(self) -> None:
        while True:
            wait = max(0.0, self._held[0][0] - time.monotonic()) if self._held else None
            readable = self._wait(wait)
            self._take()
            stopped = self._stopped in readable
            self._release(float("inf") if stopped else time.monotonic())
            if stopped:
                return

    def _wait(self, seconds: float | None) -> list[int]:
        awaited = [self._socket.fileno(), self._stopped]
        readable, _, _ = select.select(awaited, [], [], seconds)
        return readable

    def _take(self) -> None:
        """Note the packets that have come."""
        # ENOBUFS: some were lost on the way to us, and the kernel dropped them; TCP repeats.
        with contextlib.suppress(OSError):
            while True:
                due = time.monotonic() + self._seconds
                self._held.extend((due, number) for number in _numbers(self._socket.recv(65_536)))

    def _release(self, now: float) -> None:
        last: int | None = None
        while self._held and self._held[0][0] <= now:
            _, last = self._held.popleft()
        if last is not None:
            # One verdict for it and all before it.
            header = _attribute(_VERDICT_HEADER, struct.pack(">II", _ACCEPT, last))
            self._send(_VERDICT_BATCH, _REQUEST, header)

    def _configure(self, kind: int, value: bytes, more: bytes = b"") -> None:
        self._send(_CONFIG, _REQUEST | _ACK, _attribute(kind, value) + more)
        answer = self._socket.recv(65_536)
        message, code = struct.unpack_from("=4xH10xi", answer)
        if message == _ERROR and code != 0:
            raise OSError(-code, os.strerror(-code))

    def _send(self, message: int, flags: int, attributes: bytes) -> None:
        body = struct.pack(">BBH", 0, 0, QUEUE) + attributes
        self._socket.send(struct.pack("=IHHII", 16 + len(body), message, flags, 0, 0) + body)


def _attribute(kind: int, value: bytes) -> bytes:
    padding = bytes(-len(value) % 4)
    return struct.pack("=HH", 4 + len(value), kind) + value + padding


def _numbers(datagram: bytes) -> list[int]:
    """Read the numbers of the packets that one datagram announces."""
    numbers: list[int] = []
    start = 0
    while start + 16 <= len(datagram):
        length, message = struct.unpack_from("=IH", datagram, start)
        if message == _PACKET:
            numbers += _packet_numbers(datagram[start + 20 : start + length])
        start += (length + 3) & ~3
    return numbers


def _packet_numbers(attributes: bytes) -> list[int]:
    at = 0
    while at + 4 <= len(attributes):
        length, kind = struct.unpack_from("=HH", attributes, at)
        if kind == _PACKET_HEADER:
            return [struct.unpack_from(">I", attributes, at + 4)[0]]
        at += max(4, (length + 3) & ~3)
    return []
