"""The sessions of a coordinator, one after another."""

from __future__ import annotations

from typing import Self, final

from coordinator._session import Session
from coordinator._standing import Standing


@final
class Sessions:
    """An iteration over sessions; see ``Coordinator.sessions``."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._seen = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Session:
        """Wait for the next session that may be relied on.

        A checkpoint, and cancelling it loses nothing.

        Raises:
            CoordinatorFailed: the coordinator has given up.
        """
        announcement = await self._standing.announced.wait_until(
            lambda a: (
                a.is_last
                or (a.number > self._seen and a.session is not None and not a.session.is_lost)
            )
        )
        if announcement.is_last or announcement.session is None:
            if self._standing.failure is not None:
                raise self._standing.terminal_error()
            raise StopAsyncIteration
        self._seen = announcement.number
        return announcement.session
