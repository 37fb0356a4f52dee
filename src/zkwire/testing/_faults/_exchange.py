"""Which reply belongs to which request, for the fault that cuts between the two."""

from __future__ import annotations

from typing import Final

import trio

from zkwire.testing._faults._frames import FrameTracker, HeadReader, Span

CONNECT: Final = -10
"""What the server's own log calls the handshake (createSession); it has no opcode on the wire."""

_PING, _AUTH = 11, 100
_REQUEST_HEAD: Final = 12  # length, xid, opcode
_REPLY_HEAD: Final = 20  # length, xid, zxid, err


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


class Happening:
    """Something that a fault does once.

    Attributes:
        done: Set when it has happened.
    """

    def __init__(self) -> None:
        self.done = trio.Event()


class Cut(Happening):
    """A connection that is cut when the server has answered, and before the client knows.

    Attributes:
        done: Set when the reply has come, is thrown away, and the connection is being reset.
        opcode: The opcode of the request, once it has passed; -10 for the handshake.
        xid: Its xid; None for the handshake.
        err: The error code of the reply that was thrown away, 0 for success; None until it came.
        zxid: The zxid in the header of that reply.
    """

    def __init__(self, wanted: int | None) -> None:
        super().__init__()
        self._wanted = wanted
        self._claim: Exchange | None = None
        self.opcode: int | None = None
        self.xid: int | None = None
        self.err: int | None = None
        self.zxid: int | None = None

    def claim(self, exchange: Exchange, opcode: int, xid: int | None) -> bool:
        """Take a request for the one, where it is wanted and there is none yet."""
        if self._claim is not None or self.done.is_set() or not self._wants(opcode):
            return False
        self._claim, self.opcode, self.xid = exchange, opcode, xid
        return True

    def release(self, exchange: Exchange) -> None:
        """The connection is over: wait for another request, where the reply has not come."""
        if self._claim is exchange and not self.done.is_set():
            self._claim = self.opcode = self.xid = None

    def is_claimed_by(self, exchange: Exchange) -> bool:
        """Say whether the reply is still to come, on this connection."""
        return self._claim is exchange and not self.done.is_set()

    def is_answered_by(self, exchange: Exchange, index: int, head: bytes) -> bool:
        """Say whether a frame is the reply that is waited for."""
        if not self.is_claimed_by(exchange):
            return False
        # The first frame answers the handshake, and has no header.
        return index == 0 if self.xid is None else index > 0 and _int(head[4:8]) == self.xid

    def complete(self, head: bytes) -> None:
        """The reply has come."""
        if self.xid is not None:
            self.zxid, self.err = _int(head[8:16]), _int(head[16:20])
        self.done.set()

    def _wants(self, opcode: int) -> bool:
        if self._wanted is None:
            return opcode not in (CONNECT, _PING, _AUTH)
        return opcode == self._wanted


class Exchange:
    """The requests and replies of one connection."""

    def __init__(self, cuts: list[Cut]) -> None:
        self._cuts = cuts
        self._reader = HeadReader(_REQUEST_HEAD)

    def sending(self, span: Span, data: bytes) -> None:
        """A part of a request is about to be sent."""
        head = self._reader.feed(span, data)
        if head is None or not self._cuts:
            return
        opcode, xid = _int(head[8:12]), _int(head[4:8])
        wanted = (CONNECT, None) if span.frame == 0 else (opcode, xid)
        for cut in self._cuts:
            if cut.claim(self, *wanted):
                return

    def sift(self, data: bytes, tracker: FrameTracker) -> tuple[int, Cut | None, bytes]:
        """Look for the reply that is waited for in what the server sent next.

        Returns:
            How many bytes may pass; and where none may, the cut and the head of its reply, or
            None where more of that head must come first.
        """
        if not self._cuts:
            return len(data), None, b""
        reader = HeadReader(_REPLY_HEAD)
        start = None  # where a frame begins whose head is not whole yet
        for span in tracker.copy().walk(data):
            if span.offset == 0:
                start = span.start
            if start is None or (head := reader.feed(span, data)) is None:
                continue
            for cut in self._cuts:
                if cut.is_answered_by(self, span.frame, head):
                    return start, (None if start else cut), head
            start = None
        waits = any(cut.is_claimed_by(self) for cut in self._cuts)
        return (start if waits and start is not None else len(data)), None, b""

    def release(self) -> None:
        """The connection is over."""
        for cut in self._cuts:
            cut.release(self)
