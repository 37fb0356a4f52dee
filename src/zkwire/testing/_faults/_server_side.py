"""Faults of the servers themselves, which a proxy cannot make: the ensemble is asked for them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

import trio

from zkwire.testing._faults._checks import number, whole
from zkwire.testing._launcher import Ensemble, NotControllableError


class ServerSide:
    """What stands behind the proxies, where it is more than addresses."""

    def __init__(self, ensemble: object | None) -> None:
        self._ensemble = ensemble

    async def expire(self, session_id: int) -> None:
        """End a session on the servers."""
        whole("session_id", session_id, least=-(2**63), most=2**63 - 1)
        expire = self._ability(self._ensemble, "expire")
        if isinstance(self._ensemble, Ensemble):
            await trio.to_thread.run_sync(expire, session_id)
        else:
            await cast("Callable[[int], Awaitable[object]]", expire)(session_id)

    @asynccontextmanager
    async def lag(self, index: int, seconds: float) -> AsyncGenerator[None]:
        """Let one member learn of everything later."""
        number("seconds", seconds)
        async with self._of_member(index, "lag")(seconds):
            yield

    @asynccontextmanager
    async def partition(self, index: int) -> AsyncGenerator[None]:
        """Cut one member off from the others, not from its clients."""
        async with self._of_member(index, "partition")():
            yield

    def _of_member(
        self, index: int, verb: str
    ) -> Callable[..., AbstractAsyncContextManager[object]]:
        members = getattr(self._ensemble, "members", ())
        member: object = members[index] if index < len(members) else None
        if isinstance(self._ensemble, Ensemble):
            raise NotControllableError(
                f"cannot {verb}: give open_faults the ensemble of open_zookeeper, whose members "
                "can be controlled from trio, in place of that of start_zookeeper"
            )
        return self._ability(member, verb)

    def _ability(self, of: object | None, verb: str) -> Callable[..., Any]:
        if self._ensemble is None:
            raise NotControllableError(
                f"cannot {verb}: open_faults was given addresses, and only an ensemble's handle "
                "reaches the servers behind them"
            )
        found = getattr(of, verb, None)
        if found is None:
            what = getattr(self._ensemble, "provider", type(self._ensemble).__name__)
            raise NotControllableError(
                f"cannot {verb}: an ensemble of {what!r} has no such control"
            )
        return cast("Callable[..., Any]", found)
