"""Connections to a real server, and a node for each test alone."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import trio

import zkwire
from zkwire.testing import Ensemble


def connect(
    ensemble: Ensemble, member: int = 0, **options: Any
) -> AbstractAsyncContextManager[zkwire.Connection]:
    """A connection to one member; the timeout is the longest that these servers grant."""
    host, port = ensemble.servers[member].rsplit(":", 1)
    return zkwire.open_connection(host, int(port), **{"session_timeout": 10.0, **options})


@asynccontextmanager
async def at_home(ensemble: Ensemble, **options: Any):
    """A connection, and a new node under which nobody else works."""
    async with connect(ensemble, **options) as zk:
        yield zk, await zk.create(f"/test-{uuid4().hex}")


def attach_again(ensemble: Ensemble, zk: zkwire.Connection, **options: Any):
    """The arguments that take up the session of a connection that is over."""
    return connect(
        ensemble,
        **{"credentials": zk.session.credentials, "last_zxid": zk.last_zxid, **options},
    )


async def gone(observer: zkwire.Connection, path: str) -> None:
    """Wait until a node is gone, however it goes."""
    with trio.fail_after(30):
        while True:
            stat, watch = await observer.exists_and_watch(path)
            if stat is None:
                return
            await watch.wait()
