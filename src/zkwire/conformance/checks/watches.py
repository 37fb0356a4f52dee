"""One-shot watches: what sets them, what fires them, and what they say."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import NoAuth, NoNode, OpCode
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._link import NOTIFICATION
from zkwire.conformance._mismatch import require, same
from zkwire.conformance._reply import event_of
from zkwire.conformance._version import Changed
from zkwire.conformance.checks.delete import ADMIN

check = Group("watches")
CREATED, DELETED, CHANGED, CHILDREN = 1, 2, 3, 4


@check("data_changed", "getData with watch: NodeDataChanged")
async def data_changed(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return "type 3"


@check("data_deleted", "getData with watch: NodeDeleted")
async def data_deleted(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.delete(path)).ok()
    await link.heard((DELETED, path))
    return "type 2"


@check("exists_created", "exists with watch on a missing node: NodeCreated")
async def exists_created(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.exists(path, watch=True)).refused(NoNode)
    (await link.create(path)).ok()
    await link.heard((CREATED, path))
    return "type 1"


@check("exists_changed", "exists with watch on a node that is there: NodeDataChanged")
async def exists_changed(context: Context) -> str:
    link, path = await context.node()
    (await link.exists(path, watch=True)).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return "type 3"


@check("exists_deleted", "exists with watch on a node that is there: NodeDeleted")
async def exists_deleted(context: Context) -> str:
    link, path = await context.node()
    (await link.exists(path, watch=True)).ok()
    (await link.delete(path)).ok()
    await link.heard((DELETED, path))
    return "type 2"


@check("child_created", "getChildren with watch: NodeChildrenChanged when a child comes")
async def child_created(context: Context) -> str:
    link = await context.connect()
    (await link.get_children(context.parent, watch=True)).ok()
    (await link.create(context.path("n"))).ok()
    await link.heard((CHILDREN, context.parent))
    return "type 4"


@check("child_deleted", "getChildren2 with watch: NodeChildrenChanged when a child goes")
async def child_deleted(context: Context) -> str:
    link, path = await context.node()
    (await link.get_children2(context.parent, watch=True)).ok()
    (await link.delete(path)).ok()
    await link.heard((CHILDREN, context.parent))
    return "type 4"


@check("child_not_changed", "a child watch is silent when a child's data change")
async def child_not_changed(context: Context) -> str:
    link, path = await context.node()
    (await link.get_children(context.parent, watch=True)).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard()
    return "no event"


@check("child_not_deeper", "a child watch is silent about grandchildren")
async def child_not_deeper(context: Context) -> str:
    link, path = await context.node()
    (await link.get_children(context.parent, watch=True)).ok()
    (await link.create(f"{path}/deeper")).ok()
    await link.heard()
    return "no event"


@check("child_node_deleted", "a child watch on a node that is deleted: NodeDeleted")
async def child_node_deleted(context: Context) -> str:
    link, path = await context.node()
    (await link.get_children(path, watch=True)).ok()
    (await link.delete(path)).ok()
    await link.heard((DELETED, path))
    return "type 2"


@check("deleted_once", "data and child watch on a node that is deleted: one event")
async def deleted_once(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.get_children(path, watch=True)).ok()
    (await link.delete(path)).ok()
    await link.heard((DELETED, path))
    return "one event"


@check("one_shot", "a watch fires once")
async def one_shot(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.set_data(path, b"1")).ok()
    (await link.set_data(path, b"2")).ok()
    await link.heard((CHANGED, path))
    return "one event for two changes"


@check("once_each", "a watch set three times fires once")
async def once_each(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.get_data(path, watch=True)).ok()
    (await link.exists(path, watch=True)).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return "one event"


@check("set_acl", "setACL fires nothing")
async def set_acl(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.get_children(path, watch=True)).ok()
    (await link.set_acl(path, ADMIN)).ok()
    await link.heard()
    return "no event"


@check("missing_sets_nothing", "getData with watch of a missing node sets no watch")
async def missing_sets_nothing(context: Context) -> str:
    link = await context.connect()
    (await link.get_data(context.path("n"), watch=True)).refused(NoNode)
    (await link.create(context.path("n"))).ok()
    await link.heard()
    return "no event"


@check("no_auth_sets_nothing", "a read that is refused sets no watch", needs=[needs.acls])
async def no_auth_sets_nothing(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.create(path, acl=ADMIN)).ok()
    (await link.get_data(path, watch=True)).refused(NoAuth)
    (await link.delete(path)).ok()
    await link.heard()
    return "no event"


@check("before_reply", "the event of one's own write comes before its reply")
async def before_reply(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    body = records.SET_DATA_REQUEST.encode(path, b"x", -1)
    xid = await link.send(OpCode.SET_DATA, body)
    first, second = await link.receive(), await link.receive()
    same("xids", (first.xid, second.xid), (NOTIFICATION, xid))
    return "event, reply"


@check("node_before_parent", "the node's own event comes before its parent's")
async def node_before_parent(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.exists(path, watch=True)).refused(NoNode)
    (await link.get_children(context.parent, watch=True)).ok()
    (await link.create(path)).ok()
    await link.heard((CREATED, path), (CHILDREN, context.parent))
    return "type 1, type 4"


@check("header", "xid -1, err 0, state 3")
async def header(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    await link.send(OpCode.SET_DATA, records.SET_DATA_REQUEST.encode(path, b"x", -1))
    reply = await link.receive()
    same("xid, err", (reply.xid, reply.err), (NOTIFICATION, 0))
    same("state", event_of(reply).state, 3)
    return "xid -1, err 0, state 3"


@check("zxid", Changed("zxid -1", "the zxid of the transaction", (3, 9, 0)))
async def zxid(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    mzxid = (await link.set_data(path, b"x")).stat().mzxid
    (event,) = await link.heard((CHANGED, path))
    same("zxid", event.zxid, mzxid if context.since((3, 9, 0)) else -1)
    return "mzxid" if event.zxid > 0 else "-1"


@check("other_connection", "a change by another connection, before that one's next reply")
async def other_connection(context: Context) -> str:
    link, path = await context.node()
    watcher = await context.connect()
    (await watcher.get_data(path, watch=True)).ok()
    (await link.set_data(path, b"x")).ok()
    await watcher.heard((CHANGED, path))
    return "heard with the next reply"


@check("session_end", "an ephemeral node that goes with its session fires NodeDeleted")
async def session_end(context: Context) -> str:
    link, watcher = await context.connect(), await context.connect()
    path = context.path("e")
    (await link.create(path, flags=1)).ok()
    (await watcher.exists(path, watch=True)).ok()
    await link.aclose()
    same("event", (await watcher.next_event()).what, (DELETED, path))
    return "type 2"


@check("lost_with_connection", "watches belong to the connection, not to the session")
async def lost_with_connection(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    again = await context.attach(link)
    (await again.set_data(path, b"x")).ok()
    await again.heard()
    return "no event on the next connection"


@check(
    "filtered",
    Changed("an event without READ", "no event without READ", (3, 7, 3), (3, 8, 4), (3, 9, 2)),
    needs=[needs.acls],
)
async def filtered(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.set_acl(path, [ADMIN[0]._replace(perms=18)])).ok()
    (await link.set_data(path, b"x")).ok()
    filters = context.since((3, 7, 3), (3, 8, 4), (3, 9, 2))
    heard = await link.heard(*([] if filters else [(CHANGED, path)]))
    return "event" if heard else "no event"


@check(
    "filtered_is_spent",
    "a watch whose event was kept back is spent all the same",
    since=(3, 7, 3),
    needs=[needs.acls],
)
async def filtered_is_spent(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.set_acl(path, [ADMIN[0]._replace(perms=18)])).ok()
    (await link.set_data(path, b"x")).ok()
    (await link.set_acl(path, [ADMIN[0]._replace(perms=31)])).ok()
    (await link.set_data(path, b"y")).ok()
    events = await link.events()
    require(not events, f"{events}")
    return "no event later"
