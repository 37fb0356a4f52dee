"""Quotas: the nodes below /zookeeper/quota."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

from zkwire import QuotaExceeded
from zkwire._jute import records
from zkwire.conformance._calls import Link
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require
from zkwire.conformance._reply import word_for
from zkwire.conformance._target import link_to
from zkwire.conformance._tree import remove

QUOTA_GROUP = "quota"
check = Group(QUOTA_GROUP)
_CLEANUP_LIMIT = 5.0


@asynccontextmanager
async def limited(context: Context, limits: bytes) -> AsyncGenerator[tuple[Link, str]]:
    """A node under a quota, at the top so that checks share no node of the quota's tree."""
    link = await context.connect()
    node = context.parent.replace(f"/{QUOTA_GROUP}.", "-")
    quota = f"/zookeeper/quota{node}"
    made = [(node, b""), (quota, b""), (f"{quota}/zookeeper_limits", limits)]
    made.append((f"{quota}/zookeeper_stats", b"count=1,bytes=0"))
    try:
        for path, data in made:
            (await link.create(path, data)).ok()
        yield link, node
    finally:
        with trio.move_on_after(_CLEANUP_LIMIT, shield=True):
            broom = await link_to(context.target.address)
            await remove(broom, quota)
            await remove(broom, node)
            await broom.aclose()


@check("statistics", "the server counts nodes and bytes, the node with the quota included")
async def statistics(context: Context) -> str:
    async with limited(context, b"count=100,bytes=10000") as (link, node):
        (await link.create(f"{node}/a", b"four")).ok()
        (await link.create(f"{node}/b", b"four")).ok()
        reply = await link.get_data(f"/zookeeper/quota{node}/zookeeper_stats")
        data, _ = reply.values(records.GET_DATA_RESPONSE)
        require((data or b"").startswith(b"count=3,bytes=8"), f"{data!r}")
        return (data or b"").decode()


@check("soft", "a soft limit refuses nothing")
async def soft(context: Context) -> str:
    async with limited(context, b"count=1,bytes=-1") as (link, node):
        (await link.create(f"{node}/a")).ok()
        return "ok"


@check("hard", "a hard limit: -125 where the server enforces quotas, else nothing", since=(3, 7, 0))
async def hard(context: Context) -> str:
    limits = b"count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1"
    async with limited(context, limits) as (link, node):
        err = (await link.create(f"{node}/a")).err
        require(err in {0, QuotaExceeded.code}, word_for(err))
        return word_for(err)
