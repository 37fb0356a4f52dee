"""Cancels an operation at each of its waits in turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio


class _CancelAtWait(trio.abc.Instrument):
    """Cancels a scope as soon as a task has given way for the nth time."""

    def __init__(self, task: trio.lowlevel.Task, wait: int, scope: trio.CancelScope) -> None:
        self._task = task
        self._left = wait
        self._scope = scope

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        if task is self._task:
            self._left -= 1
            if self._left == 0:
                self._scope.cancel()


async def cancel_at_each_step(
    operation: Callable[[], Awaitable[object]],
    *,
    after_each: Callable[[bool], Awaitable[object]] | None = None,
) -> list[bool]:
    """Run ``operation`` again and again, cancelled before it, then at its first wait, ...

    Ends with the first run that is through before its turn comes.  ``after_each``
    is told whether the run was cancelled; so is the caller, for every run.
    """
    was_cancelled: list[bool] = []
    while True:
        wait = len(was_cancelled)
        with trio.CancelScope() as scope:
            instrument = _CancelAtWait(trio.lowlevel.current_task(), wait, scope)
            trio.lowlevel.add_instrument(instrument)
            try:
                if wait == 0:
                    scope.cancel()
                await operation()
            finally:
                trio.lowlevel.remove_instrument(instrument)
        was_cancelled.append(scope.cancelled_caught)
        if after_each is not None:
            await after_each(scope.cancelled_caught)
        if not scope.cancel_called:
            return was_cancelled
