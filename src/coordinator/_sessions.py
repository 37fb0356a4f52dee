"""The sessions of a coordinator, one after another."""

from __future__ import annotations

from typing import Self, final

from coordinator._session import Session
from coordinator._supervisor import Supervisor


@final
class Sessions:
    """An iteration over sessions; see ``Coordinator.sessions``."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._seen = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Session:
        """Wait for the next session that may be relied on.

        A checkpoint, and cancelling it loses nothing.

        Raises:
            CoordinatorFailed: the coordinator has given up.
        """
        announcement = await self._supervisor.announced.wait_until(
            lambda a: (
                a.is_last
                or (a.number > self._seen and a.session is not None and not a.session.is_lost)
            )
        )
        if announcement.is_last or announcement.session is None:
            if self._supervisor.failure is not None:
                raise self._supervisor.terminal_error()
            raise StopAsyncIteration
        self._seen = announcement.number
        return announcement.session
