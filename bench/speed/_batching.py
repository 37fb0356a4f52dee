"""As a program: a server that answers gets so many at a time, over TCP.

``python -m bench.speed._batching N`` prints its port.  Each N requests it answers in one write, so
whoever asks is woken as often as everybody else: CPU time per operation depends on that more
than on anything else.  What is fewer than N is answered when nothing has come for a while.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from subprocess import PIPE, Popen

from bench.speed._nodes import DATA
from bench.speed.codec import STAT
from zkwire._jute import records
from zkwire._types import OpCode

_WHILE = 0.003  # seconds
_READ = 1 << 20
_SESSION_MS = 10_000
_LENGTH = struct.Struct(">i")
_PREFIX = struct.Struct(">ii")
_BODIES = {
    int(OpCode.GET_DATA): records.GET_DATA_RESPONSE.encode(DATA, STAT),
    int(OpCode.EXISTS): records.EXISTS_RESPONSE.encode(STAT),
}
_GRANTED = records.CONNECT_RESPONSE.encode(0, _SESSION_MS, 1, bytes(16)) + b"\x00"


@contextmanager
def open_batching(batch: int) -> Generator[str]:
    """The address of such a server in a process of its own."""
    command = (sys.executable, "-m", __name__, str(batch))
    # It ends with its standard input, and so with this process, however that ends.
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"127.0.0.1:{int(process.stdout.readline())}"


def _frames(peer: socket.socket) -> Generator[bytes | None]:
    """What comes in, frame by frame; None where nothing has come for a while."""
    kept = b""
    while True:
        try:
            data = peer.recv(_READ)
        except TimeoutError:
            yield None
            continue
        if not data:
            return
        kept += data
        start = 0
        while len(kept) - start >= 4:
            end = start + 4 + _LENGTH.unpack_from(kept, start)[0]
            if end > len(kept):
                break
            yield kept[start + 4 : end]
            start = end
        kept = kept[start:]


def _answer(peer: socket.socket, batch: int) -> None:
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.settimeout(_WHILE)
    frames = _frames(peer)
    while next(frames) is None:
        pass  # the handshake is on its way
    peer.sendall(_LENGTH.pack(len(_GRANTED)) + _GRANTED)
    waiting: list[bytes] = []
    for frame in frames:
        if frame is not None:
            xid, opcode = _PREFIX.unpack_from(frame)
            reply = records.REPLY_HEADER.encode(xid, 1, 0) + _BODIES.get(opcode, b"")
            waiting.append(_LENGTH.pack(len(reply)) + reply)
        if waiting and (frame is None or len(waiting) == batch):
            # Whole, however long it takes: what has been sent cannot be told after a timeout.
            peer.settimeout(None)
            peer.sendall(b"".join(waiting))
            peer.settimeout(_WHILE)
            waiting.clear()


def _serve(peer: socket.socket, batch: int) -> None:
    with peer:
        try:
            _answer(peer, batch)
        except (ConnectionError, StopIteration):
            return  # it is done


def _accept(listener: socket.socket, batch: int) -> None:
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=_serve, args=(peer, batch), daemon=True).start()


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, int(sys.argv[1])), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
