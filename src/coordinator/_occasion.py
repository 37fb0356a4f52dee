"""Something that happens, and that can be waited for."""

from __future__ import annotations

from typing import final

import trio


@final
class Occasion:
    """A ``trio.Event`` that is made when somebody asks for it.

    An event takes 270 bytes of memory, waited on or not.  A coordinator has eight of
    them, and most coordinators never use one (``docs/explanation/performance.md``).
    """

    __slots__ = ("_event", "is_set")

    def __init__(self) -> None:
        self.is_set = False
        self._event: trio.Event | None = None

    @property
    def event(self) -> trio.Event:
        """The event; the same one until it is renewed."""
        if self._event is None:
            self._event = trio.Event()
            if self.is_set:
                self._event.set()
        return self._event

    def set(self) -> None:
        """It happens: wake whoever waits."""
        self.is_set = True
        if self._event is not None:
            self._event.set()

    def renew(self) -> None:
        """Begin anew, if it has happened; whoever has the old event has it for good.

        An event that is not set is kept: somebody may yet wait on it.
        """
        if self.is_set:
            self.is_set = False
            self._event = None
