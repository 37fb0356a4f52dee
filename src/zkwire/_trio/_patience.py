"""Those who wait for the end of a connection, or for it to have answered nothing for a while."""

from __future__ import annotations

import math
from typing import Final, final

import trio

NEVER: Final = math.inf


@final
class Patience:
    """Events of those who wait, each with the seconds that it gives the server."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: dict[trio.Event, float] = {}

    def begin(self, seconds: float) -> trio.Event:
        """An event, set when nothing has been answered for so long, or the connection is over."""
        event = trio.Event()
        self._waiting[event] = seconds
        return event

    def cease(self, event: trio.Event) -> None:
        """Nobody waits for it any more."""
        self._waiting.pop(event, None)

    def look(self, now: float, last_contact: float) -> float:
        """Wake those whose time is up, and return when to look again."""
        if not self._waiting:
            return NEVER
        for event, seconds in list(self._waiting.items()):
            if now >= last_contact + seconds:
                self.cease(event)
                event.set()
        return last_contact + min(self._waiting.values(), default=NEVER)

    def end(self) -> None:
        """The connection is over: wake them all."""
        while self._waiting:
            event, _ = self._waiting.popitem()
            event.set()
