"""multiRead (22)."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import MarshallingError, OpCode
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._calls import END, Op
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require, same
from zkwire.conformance._reply import results_of
from zkwire.conformance.checks.delete import ADMIN

check = Group("multi_read", since=(3, 6, 0))


def get_data(path: str, *, watch: bool = False) -> Op:
    """A getData."""
    return OpCode.GET_DATA, records.GET_DATA_REQUEST.encode(path, watch)


def get_children(path: str, *, watch: bool = False) -> Op:
    """A getChildren."""
    return OpCode.GET_CHILDREN, records.GET_CHILDREN_REQUEST.encode(path, watch)


@check("get_data", "type 4, data and Stat")
async def data(context: Context) -> str:
    link, path = await context.node("n", b"x")
    (result,) = results_of((await link.multi_read(get_data(path))).ok().body)
    same("type", result.type, 4)
    same("values", result.values, (b"x", (await link.exists(path)).stat()))
    return str(result)


@check("get_children", "type 8 and names, without a Stat")
async def children(context: Context) -> str:
    link, _ = await context.node()
    (result,) = results_of((await link.multi_read(get_children(context.parent))).ok().body)
    same("result", result, (8, 0, (["n"],)))
    return str(result)


@check("empty", "an empty list comes back for an empty list")
async def empty(context: Context) -> str:
    link = await context.connect()
    same("body", (await link.multi_read()).ok().body, END)
    return "ok, end header alone"


@check("failure", "err 0; each read succeeds or fails by itself")
async def failure(context: Context) -> str:
    link = await context.connect()
    reply = await link.multi_read(
        get_data(context.parent), get_data(context.path("missing")), get_children(context.parent)
    )
    results = results_of(reply.ok().body)
    same("results", [(each.type, each.err) for each in results], [(4, 0), (-1, -101), (8, 0)])
    return "type 4, -101, type 8"


@check("no_auth", "-102 in place without READ", needs=[needs.acls])
async def no_auth(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.create(path, acl=ADMIN)).ok()
    results = results_of((await link.multi_read(get_data(path), get_children(path))).ok().body)
    same("results", [(each.type, each.err) for each in results], [(-1, -102), (-1, -102)])
    return "-102, -102"


@check("no_watch", "the watch byte sets no watch")
async def no_watch(context: Context) -> str:
    link = await context.connect()
    reads = get_data(context.parent, watch=True), get_children(context.parent, watch=True)
    (await link.multi_read(*reads)).ok()
    (await link.set_data(context.parent, b"x")).ok()
    (await link.create(context.path("n"))).ok()
    await link.heard()
    return "no event"


async def unreadable(context: Context, op: Op) -> str:
    """The refusal of a whole list, and what comes with it."""
    link = await context.connect()
    reply = await link.multi_read(op)
    observed = reply.refused(MarshallingError)
    require(reply.body in {b"", END}, f"{observed} with {reply.body!r}")
    (await link.ping()).ok()
    return f"{observed}, {'empty list' if reply.body else 'no body'}"


@check("write_inside", "-5 for the whole: writes are not allowed")
async def write_inside(context: Context) -> str:
    body = records.SET_DATA_REQUEST.encode(context.parent, b"", -1)
    return await unreadable(context, (OpCode.SET_DATA, body))


@check("exists_inside", "-5 for the whole: exists is not allowed")
async def exists_inside(context: Context) -> str:
    body = records.EXISTS_REQUEST.encode(context.parent, False)
    return await unreadable(context, (OpCode.EXISTS, body))


@check("mixed", "-5 for the whole where a write stands behind a read")
async def mixed(context: Context) -> str:
    link = await context.connect()
    write = records.SET_DATA_REQUEST.encode(context.parent, b"x", -1)
    reply = await link.multi_read(get_data(context.parent), (OpCode.SET_DATA, write))
    same("version", (await link.exists(context.parent)).stat().version, 0)
    return reply.refused(MarshallingError)
