"""Where a caller waits for its reply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import trio

from zkwire._trio._session_watches import Watcher


class Slot:
    """One request's caller.

    Parks the task by itself: a ``trio.Event`` for each request costs about 15% more
    CPU time per operation with 1,024 in flight (``bench/speed/waiting.py``).

    A caller that is cancelled leaves the slot in the protocol's queue as a
    tombstone: the late reply finds it, wakes nobody, and the replies behind it
    stay with their own requests.
    """

    __slots__ = ("_error", "_task", "_value", "is_done", "watch")

    def __init__(self, watch: Watcher | None = None) -> None:
        self.watch = watch
        self._task: trio.lowlevel.Task | None = None
        self.is_done = False
        """Whether there is an outcome."""
        self._value: Any = None
        self._error: BaseException | None = None

    async def wait(self) -> Any:  # noqa: ANN401
        """Wait for the outcome: a checkpoint always, unless it is there already."""
        if not self.is_done:
            self._task = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(self._abort)
        if self._error is not None:
            try:
                raise self._error
            finally:
                # A raised exception refers to this frame: do not close the circle.
                self._error = None
        return self._value  # noqa: ASYNC910  # the docstring says when it is none

    def _abort(self, _raise_cancel: Callable[[], object]) -> trio.lowlevel.Abort:
        self._task = None
        self.watch = None
        return trio.lowlevel.Abort.SUCCEEDED

    @property
    def is_abandoned(self) -> bool:
        """Whether its caller was cancelled while waiting."""
        return self._task is None and not self.is_done

    def succeed(self, value: object) -> None:
        """Hand over the reply, unless there is an outcome already."""
        if not self.is_done:
            self._value = value
            self._wake()

    def fail(self, error: BaseException) -> None:
        """Hand over an exception that no other slot has, unless there is an outcome already."""
        if not self.is_done:
            self._error = error
            self._wake()

    def _wake(self) -> None:
        self.is_done = True
        if self._task is not None:
            trio.lowlevel.reschedule(self._task)
            self._task = None
