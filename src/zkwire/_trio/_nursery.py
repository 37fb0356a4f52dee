"""A nursery that its user does not see.

Background tasks record what goes wrong and return, so the only exception that
comes through is the body's, and it leaves as it was raised: not wrapped in a
group, its own context intact.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import NoReturn, cast

import trio

from zkwire._trio._errors import InternalError


@asynccontextmanager
async def service_nursery() -> AsyncGenerator[trio.Nursery]:
    """Open a nursery for background tasks started with ``as_service``."""
    of_body: BaseException | None = None
    try:
        async with trio.open_nursery() as nursery:
            try:
                yield nursery
            except BaseException as error:
                of_body = error
                raise
    except BaseExceptionGroup as group:
        _raise_sole(group, of_body)
    finally:
        del of_body  # a traceback refers to this frame: do not close the circle


def as_service(task: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A background task whose unexpected exceptions say that they are defects."""
    return partial(_run_service, task)


async def _run_service(task: Callable[[], Awaitable[None]]) -> None:
    try:
        await task()
    except Exception as error:
        raise InternalError(f"a background task raised {error!r}") from error


def _raise_sole(
    group: BaseExceptionGroup[BaseException], of_body: BaseException | None
) -> NoReturn:
    real = [error for error in group.exceptions if not isinstance(error, trio.Cancelled)]
    if len(real) > 1:
        if any(isinstance(error, InternalError) for error in real):
            raise InternalError("a background task raised, and the block too") from group
        raise group  # a KeyboardInterrupt that came while the nursery closed, beside the body's
    # Where all were cancelled, the first stands for the others.
    sole: BaseException = (real or list(group.exceptions))[0]
    if isinstance(sole, BaseExceptionGroup) and isinstance(of_body, BaseExceptionGroup):
        # The nursery's cancel scope has taken the body's group apart to look for its
        # own Cancelled, and put together another.  Where there is none, keep the first.
        theirs = cast("BaseExceptionGroup[BaseException]", of_body)
        if theirs.subgroup(trio.Cancelled) is None:
            sole = theirs
    context, cause, suppressed = sole.__context__, sole.__cause__, sole.__suppress_context__
    try:
        raise sole
    finally:
        sole.__cause__, sole.__context__ = cause, context
        sole.__suppress_context__ = suppressed
        # A traceback refers to this frame: do not close the circle.
        del sole, real, group, of_body
