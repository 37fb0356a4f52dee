"""A client that sends frames as a test makes them, over any stream, and hides nothing."""

from __future__ import annotations

from typing import NamedTuple

import trio

from server_frames import framed
from zkwire._jute import records
from zkwire._models import OPEN_ACL_UNSAFE

CREATE, DELETE, EXISTS, GET_DATA, SET_DATA, SYNC, PING, CLOSE = 1, 2, 3, 4, 5, 9, 11, -11
MULTI, AUTH, SET_WATCHES, SASL = 14, 100, 101, 102
NO_PASSWORD = bytes(16)


class Came(NamedTuple):
    """A reply or a notification."""

    xid: int
    zxid: int
    err: int
    body: bytes

    @property
    def event(self) -> tuple[int, str | None]:
        (kind, state, path), _ = records.WATCHER_EVENT.decode_from(self.body, 0, len(self.body))
        assert (self.xid, state) == (-1, 3)
        return kind, path


class RawClient:
    """One connection."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self.session_id = 0
        self.password = NO_PASSWORD
        self.timeout_ms = 0
        self._received = b""

    async def frame(self) -> bytes | None:
        """The next frame, or None at the end."""
        while True:
            length = int.from_bytes(self._received[:4], "big")
            if len(self._received) >= 4 and len(self._received) >= 4 + length:
                frame = self._received[4 : 4 + length]
                self._received = self._received[4 + length :]
                return frame
            data = await self.stream.receive_some()
            if not data:
                assert not self._received, "the server closed inside a frame"
                return None
            self._received += bytes(data)

    async def shake(
        self,
        timeout_ms: int = 10_000,
        session_id: int = 0,
        password: bytes = NO_PASSWORD,
        *,
        last_zxid: int = 0,
        read_only: bool = False,
        behind: bytes = b"",
    ) -> bytes | None:
        """Shake hands; what came back."""
        hello = records.CONNECT_REQUEST.encode(
            0, last_zxid, timeout_ms, session_id, password, read_only
        )
        try:
            await self.stream.send_all(framed(hello) + behind)
        except trio.BrokenResourceError:  # closed before a word was said
            return None
        answer = await self.frame()
        if answer is not None and len(answer) == 37:
            (_, self.timeout_ms, self.session_id, found), _ = records.CONNECT_RESPONSE.decode_from(
                answer, 0, 36
            )
            self.password = found or b""
        return answer

    async def send(self, *requests: bytes) -> None:
        await self.stream.send_all(b"".join(requests))

    async def came(self) -> Came:
        """The next reply or notification."""
        frame = await self.frame()
        assert frame is not None, "the server closed"
        (xid, zxid, err), start = records.REPLY_HEADER.decode_from(frame, 0, len(frame))
        return Came(xid, zxid, err, frame[start:])

    async def call(self, xid: int, opcode: int, body: bytes = b"") -> Came:
        """Ask, and take what comes next for the answer."""
        await self.send(request(xid, opcode, body))
        came = await self.came()
        assert came.xid == xid
        return came

    async def closed(self) -> bool:
        """Whether the server closes without another word."""
        return await self.frame() is None


def request(xid: int, opcode: int, body: bytes = b"") -> bytes:
    """A frame that asks for something."""
    return framed(records.REQUEST_HEADER.encode(xid, opcode) + body)


def creation(path: str, data: bytes = b"", flags: int = 0) -> bytes:
    return records.CREATE_REQUEST.encode(path, data, list(OPEN_ACL_UNSAFE), flags)


def writing(path: str, data: bytes = b"x", version: int = -1) -> bytes:
    return records.SET_DATA_REQUEST.encode(path, data, version)


def reading(path: str, *, watch: bool = False) -> bytes:
    return records.GET_DATA_REQUEST.encode(path, watch)
