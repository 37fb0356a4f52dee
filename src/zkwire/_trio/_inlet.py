"""The one place that reads from the stream.

The reader task does, and waits for nobody: one that waited for a consumer would miss pings, and
with them the session.  A caller who has the connection to itself may read in its place; see
``_turn``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

import trio

from zkwire._proto._events import Event
from zkwire._proto._protocol import ZkProtocol
from zkwire._trio._slot import Slot
from zkwire._trio._socket import PlainSocket
from zkwire._trio._turn import Turn

READ_SIZE: Final = 16 * 1024
"""Bytes asked for at once: some hundred small replies in one pass.

Of a thousand, what their callers are handed fills the collector's youngest generation
several times over before the first caller runs: 620 collections for 100,000 gets in
256 KiB reads, 170 in these.
"""

LONG_READ: Final = 256 * 1024
"""Bytes asked for at most, where a frame that has begun is longer than ``READ_SIZE``."""


@final
class Inlet:
    """Reads what a server sends, and hands out what it means."""

    def __init__(
        self,
        wire: trio.abc.Stream | PlainSocket,
        protocol: ZkProtocol,
        hand_out: Callable[[list[Event]], None],
        end: Callable[[Exception], None],
    ) -> None:
        """``hand_out`` is given all events of a pass; ``end`` what the connection died of."""
        self._wire = wire
        self._protocol = protocol
        self._hand_out = hand_out
        self._end = end
        self._size = READ_SIZE
        # Other streams do not let two tasks take turns with less effort than one.
        self._turn = Turn() if isinstance(wire, PlainSocket) else None

    @property
    def turn(self) -> Turn | None:
        """Whose turn it is to read, where callers may."""
        return self._turn

    async def run(self) -> None:
        """Read until cancelled, as it is when the connection has died (the reader task)."""
        protocol, turn = self._protocol, self._turn
        while True:
            if turn is not None and turn.is_lent:
                await turn.stand_back()
            answered_before = protocol.answered
            now = await self._read()
            if protocol.is_dead:
                await trio.lowlevel.checkpoint_if_cancelled()
            elif (
                turn is not None
                and protocol.answered == answered_before + 1
                and not protocol.in_flight
            ):
                turn.answered_alone(now)

    @property
    def is_free(self) -> bool:
        """Whether a caller may read."""
        return self._turn is not None and self._turn.is_free

    async def read_for(self, slot: Slot) -> None:  # noqa: ASYNC910  # a step of perform()
        """Read until a request that was submitted just now is answered, where a caller may."""
        turn = self._turn
        assert turn is not None, "asked for before"
        turn.take()
        try:
            while not slot.is_done:
                await self._read()
        finally:
            turn.give_back(is_quiet=not self._protocol.in_flight)

    async def _read(self) -> float:
        """Read once, and hand out what that brought; when it was read."""
        protocol = self._protocol
        try:
            data = await self._wire.receive_some(self._size)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            self._end(error)
            return trio.current_time()  # noqa: ASYNC910  # the read was one, or would have been
        now = trio.current_time()
        if data:
            self._hand_out(protocol.receive_data(bytes(data), now))
            is_full = len(data) == self._size
            self._size = min(max(READ_SIZE, protocol.missing), LONG_READ) if is_full else READ_SIZE
        else:
            self._end(protocol.receive_eof() or EOFError("the server closed the connection"))
        return now
