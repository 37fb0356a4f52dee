"""A nursery that its user does not see.

Background tasks record what goes wrong and return, so the only exception that
comes through is the body's, and it leaves as it was raised: not wrapped in a
group, its own context intact.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NoReturn

import trio

from zkwire._trio._errors import InternalError


@asynccontextmanager
async def service_nursery() -> AsyncGenerator[trio.Nursery]:
    """Open a nursery for background tasks started with ``as_service``."""
    try:
        async with trio.open_nursery() as nursery:
            yield nursery
    except BaseExceptionGroup as group:
        _raise_sole(group)


def as_service(task: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A background task whose unexpected exceptions say that they are defects."""

    async def run() -> None:
        try:
            await task()
        except Exception as error:
            raise InternalError(f"a background task raised {error!r}") from error

    return run


def _raise_sole(group: BaseExceptionGroup[BaseException]) -> NoReturn:
    real = [error for error in group.exceptions if not isinstance(error, trio.Cancelled)]
    if len(real) != 1:
        raise group
    (sole,) = real
    context, cause, suppressed = sole.__context__, sole.__cause__, sole.__suppress_context__
    try:
        raise sole
    finally:
        sole.__cause__, sole.__context__ = cause, context
        sole.__suppress_context__ = suppressed
        del sole, real
