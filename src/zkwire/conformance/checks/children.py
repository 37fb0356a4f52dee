"""getChildren, getChildren2 and getAllChildrenNumber (8, 12, 104)."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import NoAuth, NoNode
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require, same
from zkwire.conformance.checks.delete import ADMIN

check = Group("get_children")
check2 = Group("get_children2")
number = Group("get_all_children_number", since=(3, 6, 0))


@check("names", "the names of the children, not their paths, in any order")
async def names(context: Context) -> str:
    link = await context.connect()
    for name in "abc":
        (await link.create(context.path(name))).ok()
    (found,) = (await link.get_children(context.parent)).values(records.GET_CHILDREN_RESPONSE)
    same("names", sorted(found or []), ["a", "b", "c"])
    return "three names"


@check("none", "no children: an empty list, not a null one")
async def none(context: Context) -> str:
    link, path = await context.node()
    (found,) = (await link.get_children(path)).values(records.GET_CHILDREN_RESPONSE)
    same("list", found, [])
    return "empty list"


@check("root", "the root's children include zookeeper")
async def root(context: Context) -> str:
    link = await context.connect()
    (found,) = (await link.get_children("/")).values(records.GET_CHILDREN_RESPONSE)
    require("zookeeper" in (found or []), f"{found}")
    return "zookeeper"


@check("zookeeper", "config and quota below /zookeeper")
async def zookeeper(context: Context) -> str:
    link = await context.connect()
    (found,) = (await link.get_children("/zookeeper")).values(records.GET_CHILDREN_RESPONSE)
    require({"config", "quota"} <= set(found or []), f"{found}")
    return "config, quota"


@check("missing", "-101")
async def missing(context: Context) -> str:
    link = await context.connect()
    return (await link.get_children(context.path("missing"))).refused(NoNode)


@check("no_auth", "-102 without READ", needs=[needs.acls])
async def no_auth(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("n"), acl=ADMIN)).ok()
    return (await link.get_children(context.path("n"))).refused(NoAuth)


@check2("stat", "names, and the parent's Stat: numChildren, cversion and pzxid move")
async def stat(context: Context) -> str:
    link, path = await context.node()
    before = (await link.exists(path)).stat()
    (await link.create(f"{path}/a")).ok()
    found, after = (await link.get_children2(path)).values(records.GET_CHILDREN2_RESPONSE)
    same("names", found, ["a"])
    same("numChildren, cversion", (after.num_children, after.cversion), (1, 1))
    same("version, mzxid", (after.version, after.mzxid), (0, before.mzxid))
    require(after.pzxid > before.pzxid, "pzxid stayed")
    return "numChildren 1, cversion 1"


@check2("missing", "-101")
async def missing2(context: Context) -> str:
    link = await context.connect()
    return (await link.get_children2(context.path("missing"))).refused(NoNode)


@check2("no_auth", "-102 without READ", needs=[needs.acls])
async def no_auth2(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("n"), acl=ADMIN)).ok()
    return (await link.get_children2(context.path("n"))).refused(NoAuth)


@number("all", "all nodes below the path, at any depth, itself not counted")
async def all_children(context: Context) -> str:
    link = await context.connect()
    for name in ("a", "a/b", "a/b/c", "d"):
        (await link.create(context.path(name))).ok()
    (found,) = (await link.get_all_children_number(context.parent)).values(
        records.GET_ALL_CHILDREN_NUMBER_RESPONSE
    )
    same("number", found, 4)
    return "4"


@number("root", "the root's number includes /zookeeper and what is below it")
async def number_root(context: Context) -> str:
    link = await context.connect()
    (found,) = (await link.get_all_children_number("/")).values(
        records.GET_ALL_CHILDREN_NUMBER_RESPONSE
    )
    require(found >= 5, f"{found}")
    return "with /zookeeper"


@number("missing", "-101")
async def number_missing(context: Context) -> str:
    link = await context.connect()
    return (await link.get_all_children_number(context.path("missing"))).refused(NoNode)


@number("no_auth", "-102 without READ", needs=[needs.acls])
async def number_no_auth(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("n"), acl=ADMIN)).ok()
    return (await link.get_all_children_number(context.path("n"))).refused(NoAuth)
