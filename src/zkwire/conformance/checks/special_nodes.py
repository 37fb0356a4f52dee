"""Containers and nodes with a time to live (19, 21)."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import NodeExists, NoNode, OpCode, Unimplemented
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._guard import MAX_TTL
from zkwire.conformance._mismatch import same

container = Group("create_container", since=(3, 5, 1))
ttl = Group("create_ttl", since=(3, 5, 3))
CONTAINER = 4


@container("reply", "path and Stat come back, ephemeralOwner 0")
async def container_reply(context: Context) -> str:
    link = await context.connect()
    reply = await link.create(context.path("c"), flags=CONTAINER, op=OpCode.CREATE_CONTAINER)
    path, stat = reply.values(records.CREATE2_RESPONSE)
    same("path", path, context.path("c"))
    same("owner", stat.ephemeral_owner, 0)
    return "path and Stat, owner 0"


@container("owner", "ephemeralOwner is 0 when the container is read too")
async def container_owner(context: Context) -> str:
    link = await context.connect()
    await link.create(context.path("c"), flags=CONTAINER, op=OpCode.CREATE_CONTAINER)
    same("owner", (await link.exists(context.path("c"))).stat().ephemeral_owner, 0)
    return "owner 0"


@container("children", "a container has children")
async def container_children(context: Context) -> str:
    link = await context.connect()
    await link.create(context.path("c"), flags=CONTAINER, op=OpCode.CREATE_CONTAINER)
    (await link.create(context.path("c/n"))).ok()
    same("children", (await link.exists(context.path("c"))).stat().num_children, 1)
    return "ok"


@container("exists_already", "-110")
async def container_exists(context: Context) -> str:
    link = await context.connect()
    reply = await link.create(context.parent, flags=CONTAINER, op=OpCode.CREATE_CONTAINER)
    return reply.refused(NodeExists)


@container("no_parent", "-101 where the parent is missing")
async def container_no_parent(context: Context) -> str:
    link = await context.connect()
    path = context.path("missing/c")
    reply = await link.create(path, flags=CONTAINER, op=OpCode.CREATE_CONTAINER)
    return reply.refused(NoNode)


@ttl("reply", "path and Stat come back, ephemeralOwner 0", needs=[needs.ttl])
async def ttl_reply(context: Context) -> str:
    link = await context.connect()
    path, stat = (await link.create_ttl(context.path("t"), 60_000)).values(records.CREATE2_RESPONSE)
    same("path", path, context.path("t"))
    same("owner", stat.ephemeral_owner, 0)
    same("owner when read", (await link.exists(context.path("t"))).stat().ephemeral_owner, 0)
    return "path and Stat, owner 0"


@ttl("sequential", "flags 6 append a number", needs=[needs.ttl])
async def ttl_sequential(context: Context) -> str:
    link = await context.connect()
    reply = await link.create_ttl(context.path("t-"), 60_000, flags=6)
    path, stat = reply.values(records.CREATE2_RESPONSE)
    same("path", path, context.path("t-0000000000"))
    same("owner", stat.ephemeral_owner, 0)
    return "t-0000000000"


@ttl("shortest", "a time to live of 1 ms is fine", needs=[needs.ttl])
async def ttl_shortest(context: Context) -> str:
    link = await context.connect()
    (await link.create_ttl(context.path("t"), 1)).ok()
    return "ok"


@ttl("longest", "a time to live of 2**40-1 ms is fine", needs=[needs.ttl])
async def ttl_longest(context: Context) -> str:
    link = await context.connect()
    (await link.create_ttl(context.path("t"), MAX_TTL)).ok()
    return "ok"


@ttl("children", "a node with a time to live has children", needs=[needs.ttl])
async def ttl_children(context: Context) -> str:
    link = await context.connect()
    (await link.create_ttl(context.path("t"), 60_000)).ok()
    (await link.create(context.path("t/n"))).ok()
    return "ok"


@ttl("exists_already", "-110", needs=[needs.ttl])
async def ttl_exists(context: Context) -> str:
    link = await context.connect()
    return (await link.create_ttl(context.parent, 60_000)).refused(NodeExists)


@ttl("no_parent", "-101 where the parent is missing", needs=[needs.ttl])
async def ttl_no_parent(context: Context) -> str:
    link = await context.connect()
    return (await link.create_ttl(context.path("missing/t"), 60_000)).refused(NoNode)


@ttl("switched_off", "-6 where the server has it switched off", needs=[needs.no_ttl])
async def ttl_switched_off(context: Context) -> str:
    link = await context.connect()
    reply = await link.create_ttl(context.path("t"), 60_000)
    (await link.ping()).ok()
    return f"{reply.refused(Unimplemented)}, connection stays up"
