"""addWatch (106): persistent and recursive watches."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import MarshallingError
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import same
from zkwire.conformance._version import Changed
from zkwire.conformance.checks.delete import ADMIN
from zkwire.conformance.checks.watches import CHANGED, CHILDREN, CREATED, DELETED

check = Group("add_watch", since=(3, 6, 0))
PERSISTENT, RECURSIVE = 0, 1


@check("persistent_reply", "an ErrorResponse with 0")
async def persistent_reply(context: Context) -> str:
    link = await context.connect()
    reply = await link.add_watch(context.parent, PERSISTENT)
    same("body", reply.values(records.ERROR_RESPONSE), (0,))
    return "ErrorResponse 0"


@check("recursive_reply", "an ErrorResponse with 0")
async def recursive_reply(context: Context) -> str:
    link = await context.connect()
    reply = await link.add_watch(context.parent, RECURSIVE)
    same("body", reply.values(records.ERROR_RESPONSE), (0,))
    return "ErrorResponse 0"


@check("bad_mode", "-5 for a mode that nobody knows")
async def bad_mode(context: Context) -> str:
    link = await context.connect()
    return (await link.add_watch(context.parent, 2)).refused(MarshallingError)


@check("negative_mode", "-5 for a negative mode")
async def negative_mode(context: Context) -> str:
    link = await context.connect()
    return (await link.add_watch(context.parent, -1)).refused(MarshallingError)


@check("missing", "a missing node can be watched")
async def missing(context: Context) -> str:
    link = await context.connect()
    (await link.add_watch(context.path("n"), PERSISTENT)).ok()
    (await link.create(context.path("n"))).ok()
    await link.heard((CREATED, context.path("n")))
    return "ok, type 1"


@check("no_acl", "no ACL is checked", needs=[needs.acls])
async def no_acl(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("n"), acl=ADMIN)).ok()
    (await link.add_watch(context.path("n"), PERSISTENT)).ok()
    return "ok"


@check("persistent_events", "created, changed, deleted, children changed; not used up")
async def persistent_events(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.add_watch(path, PERSISTENT)).ok()
    (await link.create(path)).ok()
    (await link.set_data(path, b"1")).ok()
    (await link.set_data(path, b"2")).ok()
    (await link.create(f"{path}/c")).ok()
    (await link.delete(f"{path}/c")).ok()
    (await link.delete(path)).ok()
    kinds = [CREATED, CHANGED, CHANGED, CHILDREN, CHILDREN, DELETED]
    await link.heard(*((kind, path) for kind in kinds))
    return "1, 3, 3, 4, 4, 2"


@check("persistent_not_deeper", "a persistent watch is silent about a child's data")
async def persistent_not_deeper(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(context.parent, PERSISTENT)).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard()
    return "no event"


@check("persistent_survives", "a persistent watch outlives its node")
async def persistent_survives(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, PERSISTENT)).ok()
    (await link.delete(path)).ok()
    (await link.create(path)).ok()
    await link.heard((DELETED, path), (CREATED, path))
    return "2, 1"


@check("recursive_events", "created, changed, deleted at any depth; never children changed")
async def recursive_events(context: Context) -> str:
    link = await context.connect()
    near, far = context.path("n"), context.path("n/m")
    (await link.add_watch(context.parent, RECURSIVE)).ok()
    (await link.create(near)).ok()
    (await link.create(far)).ok()
    (await link.set_data(far, b"x")).ok()
    (await link.delete(far)).ok()
    (await link.delete(near)).ok()
    await link.heard(
        (CREATED, near), (CREATED, far), (CHANGED, far), (DELETED, far), (DELETED, near)
    )
    return "1, 1, 3, 2, 2"


@check("recursive_self", "a recursive watch covers its own node")
async def recursive_self(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, RECURSIVE)).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return "type 3"


@check("recursive_survives", "a recursive watch outlives its node")
async def recursive_survives(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, RECURSIVE)).ok()
    (await link.delete(path)).ok()
    (await link.create(path)).ok()
    await link.heard((DELETED, path), (CREATED, path))
    return "2, 1"


@check("overlap", "recursive and persistent watches that overlap: one event for a change")
async def overlap(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(context.parent, RECURSIVE)).ok()
    (await link.add_watch(path, PERSISTENT)).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return "one event"


@check(
    "one_shot_beside_persistent",
    Changed("a one-shot watch replaces a persistent one", "both live side by side", (3, 9, 0)),
)
async def one_shot_beside_persistent(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, PERSISTENT)).ok()
    (await link.get_data(path, watch=True)).ok()
    (await link.set_data(path, b"1")).ok()
    (await link.set_data(path, b"2")).ok()
    same("events for two changes", count := len(await link.events()), 2 if beside(context) else 1)
    return f"events for two changes: {count}"


@check(
    "persistent_beside_one_shot",
    "a persistent watch on top of a one-shot one stays",
)
async def persistent_beside_one_shot(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.add_watch(path, PERSISTENT)).ok()
    (await link.set_data(path, b"1")).ok()
    (await link.set_data(path, b"2")).ok()
    await link.heard((CHANGED, path), (CHANGED, path))
    return "2 events for two changes"


@check(
    "one_shot_beside_recursive",
    Changed("a one-shot watch replaces a recursive one", "both live side by side", (3, 9, 0)),
)
async def one_shot_beside_recursive(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.add_watch(context.parent, RECURSIVE)).ok()
    (await link.get_data(context.parent, watch=True)).ok()
    (await link.create(path)).ok()
    same("events", count := len(await link.events()), 1 if beside(context) else 0)
    return f"events for a child created: {count}"


def beside(context: Context) -> bool:
    """Whether the server keeps several kinds of watch for one path."""
    return context.since((3, 9, 0))


@check("lost_with_connection", "persistent watches too belong to the connection")
async def lost_with_connection(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, PERSISTENT)).ok()
    again = await context.attach(link)
    (await again.set_data(path, b"x")).ok()
    await again.heard()
    return "no event on the next connection"


@check("config", "the configuration node can be watched")
async def config(context: Context) -> str:
    link = await context.connect()
    (await link.add_watch("/zookeeper/config", PERSISTENT)).ok()
    return "ok"
