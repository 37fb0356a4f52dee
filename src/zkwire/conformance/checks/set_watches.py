"""setWatches and setWatches2 (101, 105): watches set again after a reconnect."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import MarshallingError, OpCode
from zkwire.conformance._calls import Link
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._link import NOTIFICATION, SET_WATCHES
from zkwire.conformance._mismatch import same
from zkwire.conformance._reply import event_of
from zkwire.conformance.checks.watches import CHANGED, CHILDREN, CREATED, DELETED

check = Group("set_watches")
check2 = Group("set_watches2", since=(3, 6, 0))


async def now(link: Link) -> int:
    """The zxid up to which a client has seen everything."""
    return (await link.get_data("/")).ok().zxid


@check("empty", "three empty lists: err 0, no body")
async def empty(context: Context) -> str:
    link = await context.connect()
    return (await link.set_watches(0)).empty()


@check("xid", "xid -8 is echoed")
async def xid(context: Context) -> str:
    link = await context.connect()
    return f"xid {(await link.set_watches(0)).ok().xid}"


@check("plain_xid", "an ordinary xid is echoed too")
async def plain_xid(context: Context) -> str:
    link = await context.connect()
    await link.set_watches(0, xid=4711)
    return "xid 4711"


@check("null", "-5 for null lists")
async def null(context: Context) -> str:
    link = await context.connect()
    reply = await link.call(OpCode.SET_WATCHES, bytes(8) + b"\xff" * 12, xid=SET_WATCHES)
    return reply.refused(MarshallingError)


@check("data_missing", "data: NodeDeleted where the node is gone")
async def data_missing(context: Context) -> str:
    link = await context.connect()
    path = context.path("missing")
    await link.set_watches(await now(link), data=[path])
    await link.heard((DELETED, path))
    return "type 2"


@check("data_newer", "data: NodeDataChanged where it was written since")
async def data_newer(context: Context) -> str:
    link, path = await context.node()
    seen = await now(link)
    (await link.set_data(path, b"x")).ok()
    await link.set_watches(seen, data=[path])
    await link.heard((CHANGED, path))
    return "type 3"


@check("data_newer_no_watch", "data: no watch behind the event that makes up for a change")
async def data_newer_no_watch(context: Context) -> str:
    link, path = await context.node()
    await link.set_watches(0, data=[path])
    await link.heard((CHANGED, path))
    (await link.set_data(path, b"x")).ok()
    await link.heard()
    return "no second event"


@check("data_set", "data: a watch where nothing happened")
async def data_set(context: Context) -> str:
    link, path = await context.node()
    await link.set_watches(await now(link), data=[path])
    await link.heard()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return "no event, then type 3"


@check("exist_present", "exist: NodeCreated where the node is there")
async def exist_present(context: Context) -> str:
    link, path = await context.node()
    await link.set_watches(await now(link), exist=[path])
    await link.heard((CREATED, path))
    return "type 1"


@check("exist_set", "exist: a watch where the node is missing")
async def exist_set(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    await link.set_watches(await now(link), exist=[path])
    await link.heard()
    (await link.create(path)).ok()
    await link.heard((CREATED, path))
    return "no event, then type 1"


@check("exist_hole", "exist: a node that came and went is not seen")
async def exist_hole(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    seen = await now(link)
    (await link.create(path)).ok()
    (await link.delete(path)).ok()
    await link.set_watches(seen, exist=[path])
    await link.heard()
    return "no event"


@check("data_recreated", "data: a node that went and came again shows as NodeDataChanged")
async def data_recreated(context: Context) -> str:
    link, path = await context.node()
    seen = await now(link)
    (await link.delete(path)).ok()
    (await link.create(path)).ok()
    await link.set_watches(seen, data=[path])
    await link.heard((CHANGED, path))
    return "type 3"


@check("child_missing", "child: NodeDeleted where the node is gone")
async def child_missing(context: Context) -> str:
    link = await context.connect()
    path = context.path("missing")
    await link.set_watches(await now(link), child=[path])
    await link.heard((DELETED, path))
    return "type 2"


@check("child_newer", "child: NodeChildrenChanged where children came or went since")
async def child_newer(context: Context) -> str:
    link, path = await context.node()
    seen = await now(link)
    (await link.create(f"{path}/c")).ok()
    await link.set_watches(seen, child=[path])
    await link.heard((CHILDREN, path))
    return "type 4"


@check("child_set", "child: a watch where nothing happened")
async def child_set(context: Context) -> str:
    link, path = await context.node()
    await link.set_watches(await now(link), child=[path])
    await link.heard()
    (await link.create(f"{path}/c")).ok()
    await link.heard((CHILDREN, path))
    return "no event, then type 4"


@check("before_reply", "events that make up for changes come before the reply, with zxid -1")
async def before_reply(context: Context) -> str:
    link, path = await context.node()
    await link.send(OpCode.SET_WATCHES, catch_up(path), xid=SET_WATCHES)
    first, second = await link.receive(), await link.receive()
    same("xids", (first.xid, second.xid), (NOTIFICATION, SET_WATCHES))
    same("zxid", event_of(first).zxid, -1)
    return "event with zxid -1, reply"


def catch_up(path: str) -> bytes:
    """A SetWatches with one data watch, from the beginning of time."""
    text = path.encode()
    vector = b"\0\0\0\1" + len(text).to_bytes(4, "big") + text
    return bytes(8) + vector + bytes(8)


@check2("empty", "five empty lists: err 0, no body")
async def empty2(context: Context) -> str:
    link = await context.connect()
    return (await link.set_watches2(0)).empty()


@check2("null", "-5 for null lists")
async def null2(context: Context) -> str:
    link = await context.connect()
    reply = await link.call(OpCode.SET_WATCHES2, bytes(8) + b"\xff" * 20, xid=SET_WATCHES)
    return reply.refused(MarshallingError)


@check2("catch_up", "data, exist and child watches are made up for as by setWatches")
async def catch_up2(context: Context) -> str:
    link, path = await context.node()
    missing = context.path("missing")
    await link.set_watches2(0, data=[missing], exist=[path], child=[path])
    events = {event.what for event in await link.events()}
    same("events", events, {(DELETED, missing), (CREATED, path), (CHILDREN, path)})
    return "types 1, 2, 4"


@check2("persistent", "persistent: a watch, and no event for what was missed")
async def persistent(context: Context) -> str:
    link, path = await context.node()
    await link.set_watches2(0, persistent=[path])
    await link.heard()
    (await link.set_data(path, b"1")).ok()
    (await link.set_data(path, b"2")).ok()
    await link.heard((CHANGED, path), (CHANGED, path))
    return "no event, then each"


@check2("persistent_missing", "persistent: no event for a node that is gone")
async def persistent_missing(context: Context) -> str:
    link = await context.connect()
    await link.set_watches2(0, persistent=[context.path("n")], recursive=[context.path("m")])
    await link.heard()
    return "no event"


@check2("recursive", "recursive: a watch, and no event for what was missed")
async def recursive(context: Context) -> str:
    link, path = await context.node()
    await link.set_watches2(0, recursive=[context.parent])
    await link.heard()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return "no event, then type 3"
