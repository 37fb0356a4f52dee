"""A stream that hands over one byte at a time."""

from __future__ import annotations

import trio


class BytewiseStream(trio.abc.Stream):
    """Between two frames every other task gets to run, and so sees the order of the frames."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._received = b""

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        if self._received:
            await trio.lowlevel.checkpoint()
        else:
            self._received = bytes(await self._stream.receive_some(max_bytes))
        first, self._received = self._received[:1], self._received[1:]
        return first

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._stream.aclose()
