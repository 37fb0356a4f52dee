"""A value that can be waited on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import trio

T = TypeVar("T")


class Cell(Generic[T]):
    """The latest value of something.

    Values that come and go between two looks of a waiter are not seen by it:
    this tells what is, not what was.
    """

    __slots__ = ("_changed", "_value")

    def __init__(self, value: T) -> None:
        self._value = value
        self._changed: trio.Event | None = None  # made by whoever waits

    @property
    def value(self) -> T:
        """The value now."""
        return self._value

    def set(self, value: T) -> None:
        """Replace the value, and wake whoever waits."""
        self._value = value
        changed, self._changed = self._changed, None
        if changed is not None:
            changed.set()

    async def wait_until(self, is_wanted: Callable[[T], bool]) -> T:
        """Wait for a value that ``is_wanted``.

        This is a checkpoint, and can be cancelled without effect.
        """
        await trio.lowlevel.checkpoint()
        while not is_wanted(self._value):
            if self._changed is None:
                self._changed = trio.Event()
            await self._changed.wait()
        return self._value
