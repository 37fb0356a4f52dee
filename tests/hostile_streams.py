"""Replies made to cost as much memory as their bytes can, and what reading one costs.

As a program, ``python hostile_streams.py NAME`` lets a protocol read one in chunks of 64 KiB,
and prints the kinds of the events and the process's peak memory in kB.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from server_frames import active
from zkwire._jute import records
from zkwire._models import OPEN_ACL_UNSAFE
from zkwire._proto import _requests as requests
from zkwire._proto._framing import DEFAULT_MAX_INBOUND_FRAME
from zkwire._proto._multi import Delete
from zkwire._proto._request import Request
from zkwire._types import CreateMode

CHUNK = 64 * 1024
STAT = bytes(68)
TINY_TEXT = b"\x00\x00\x00\x01\xff"  # five bytes, and a string of its own: not UTF-8, so replaced


def number(value: int, size: int = 4) -> bytes:
    return value.to_bytes(size, "big", signed=True)


class Hostile(NamedTuple):
    """A reply: its request, and a body of one unit over and over, as long as a frame may be."""

    request: Callable[[], Request]
    unit: bytes
    tail: bytes = b""
    counted: str | None = "units"  # what the number before the units counts, if there is one

    def stream(self) -> Iterator[bytes]:
        header = records.REPLY_HEADER.encode(1, 1, 0)
        count = 0 if self.counted is None else 4
        room = DEFAULT_MAX_INBOUND_FRAME - len(header) - count - len(self.tail)
        units = room // len(self.unit)
        size = units * len(self.unit)
        yield number(len(header) + count + size + len(self.tail)) + header
        if self.counted is not None:
            yield number(units if self.counted == "units" else size)
        step = CHUNK // len(self.unit)
        chunk = self.unit * step
        for _ in range(units // step):
            yield chunk
        yield self.unit * (units % step) + self.tail


class Announced(NamedTuple):
    """A frame of some length, of which the first part comes, byte by byte."""

    length: int

    def stream(self) -> Iterator[bytes]:
        for byte in number(self.length):
            yield bytes([byte])
        for _ in range(2**17):
            yield b"\x00"


class Counted(NamedTuple):
    """A reply whose vector or buffer claims to have as many elements as a number can say."""

    request: Callable[[], Request]

    def stream(self) -> Iterator[bytes]:
        body = records.REPLY_HEADER.encode(1, 1, 0) + number(2**31 - 1) + bytes(1000)
        yield number(len(body)) + body


def created2() -> Request:
    return requests.create2("/a", b"", CreateMode.PERSISTENT, OPEN_ACL_UNSAFE, None)


GOOD, BAD, WAITING = ["ReplyReceived"], ["PeerFailed"], []

STREAMS: dict[str, tuple[Hostile | Announced | Counted, list[str]]] = {
    "children": (Hostile(lambda: requests.get_children("/a"), TINY_TEXT), GOOD),
    "children-and-stat": (Hostile(lambda: requests.get_children2("/a"), TINY_TEXT, STAT), GOOD),
    "ephemerals": (Hostile(lambda: requests.get_ephemerals("/"), b"\0\0\0\x02\xc4\x80"), GOOD),
    "nulls": (Hostile(lambda: requests.get_children("/a"), b"\xff\xff\xff\xff"), BAD),
    "acl": (Hostile(lambda: requests.get_acl("/a"), b"\x7f\0\0\0" + TINY_TEXT * 2, STAT), BAD),
    "identities": (Hostile(requests.who_am_i, TINY_TEXT * 2), BAD),
    "wide-text": (Hostile(created2, b"\xf0\x9f\x98\x80", STAT, "bytes"), GOOD),
    "bad-text": (Hostile(created2, b"\xff", STAT, "bytes"), GOOD),
    "data": (Hostile(lambda: requests.get_data("/a"), b"\xff", STAT, "bytes"), GOOD),
    "multi": (
        Hostile(
            lambda: requests.multi([Delete("/a")]),
            records.MULTI_HEADER.encode(-1, False, 0) + number(-101),
            counted=None,
        ),
        BAD,
    ),
    "a-gigabyte": (Announced(2**30), BAD),
    "the-longest-frame": (Announced(2**31 - 1), BAD),
    "a-negative-frame": (Announced(-1), BAD),
    "the-longest-that-is-taken": (Announced(DEFAULT_MAX_INBOUND_FRAME), WAITING),
    "children-count": (Counted(lambda: requests.get_children("/a")), BAD),
    "acl-count": (Counted(lambda: requests.get_acl("/a")), BAD),
    "identity-count": (Counted(requests.who_am_i), BAD),
    "data-length": (Counted(lambda: requests.get_data("/a")), BAD),
    "path-length": (Counted(created2), BAD),
    "token-length": (Counted(lambda: requests.sasl(b"")), BAD),
}


def main(name: str) -> None:
    """Read one stream; say what came of it."""
    hostile, _ = STREAMS[name]
    protocol = active()
    request = requests.exists("/a") if isinstance(hostile, Announced) else hostile.request()
    protocol.submit(request, None)
    protocol.data_to_send(0.0)
    kinds: list[str] = []
    for chunk in hostile.stream():
        kinds += [type(event).__name__ for event in protocol.receive_data(chunk, 0.0)]
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    (peak,) = [line.split()[1] for line in status if line.startswith("VmHWM:")]
    sys.stdout.write(f"{peak} {' '.join(kinds)}\n")


if __name__ == "__main__":
    main(sys.argv[1])
