"""exists, getData and setData (3, 4, 5), and the server's own nodes."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import BadArguments, BadVersion, NoAuth, NoNode
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require, same
from zkwire.conformance._version import Changed
from zkwire.conformance.checks.create import READ_ONLY
from zkwire.conformance.checks.delete import ADMIN

exists = Group("exists")
get = Group("get_data")
put = Group("set_data")
CONFIG = "/zookeeper/config"


@exists("present", "the Stat that getData gives too")
async def present(context: Context) -> str:
    link, path = await context.node()
    (stat,) = (await link.exists(path)).values(records.EXISTS_RESPONSE)
    same("Stat", stat, (await link.get_data(path)).stat())
    return "Stat"


@exists("missing", "-101 without a body")
async def missing(context: Context) -> str:
    link = await context.connect()
    reply = await link.exists(context.path("missing"))
    same("body", reply.body, b"")
    return reply.refused(NoNode)


@exists("empty_path", "the empty path is the root")
async def empty_path(context: Context) -> str:
    link = await context.connect()
    czxid = (await link.exists("")).stat().czxid
    same("czxid", czxid, (await link.exists("/")).stat().czxid)
    return "the root's Stat"


@exists("relative_path", "a path without a slash names no node: -101")
async def relative_path(context: Context) -> str:
    link = await context.connect()
    return (await link.exists("abc")).refused(NoNode)


@exists("nul", "U+0000 in the path: -8")
async def nul(context: Context) -> str:
    link = await context.connect()
    return (await link.exists(context.path("a\0b"))).refused(BadArguments)


@exists(
    "no_auth",
    Changed("a Stat in spite of the ACL", "-102 without READ", (3, 7, 3), (3, 8, 4), (3, 9, 2)),
    needs=[needs.acls],
)
async def exists_no_auth(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.create(path, acl=ADMIN)).ok()
    reply = await link.exists(path)
    if context.since((3, 7, 3), (3, 8, 4), (3, 9, 2)):
        return reply.refused(NoAuth)
    reply.values(records.EXISTS_RESPONSE)
    return "Stat"


@get("data", "data and Stat")
async def data(context: Context) -> str:
    link, path = await context.node("n", b"\0\xffbytes")
    value, stat = (await link.get_data(path)).values(records.GET_DATA_RESPONSE)
    same("data", value, b"\0\xffbytes")
    same("dataLength", stat.data_length, 7)
    return "data and Stat"


@get("null", "null data stay null: length -1")
async def null(context: Context) -> str:
    return await kept(context, None)


@get("empty", "empty data stay empty: length 0")
async def empty(context: Context) -> str:
    return await kept(context, b"")


async def kept(context: Context, given: bytes | None) -> str:
    """What is read where ``given`` was created."""
    link, path = await context.node("n", given)
    value, stat = (await link.get_data(path)).values(records.GET_DATA_RESPONSE)
    same("data", value, given)
    same("dataLength", stat.data_length, 0)
    return f"length {-1 if value is None else 0}, dataLength 0"


@get("missing", "-101")
async def get_missing(context: Context) -> str:
    link = await context.connect()
    return (await link.get_data(context.path("missing"))).refused(NoNode)


@get("no_auth", "-102 without READ", needs=[needs.acls])
async def get_no_auth(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("n"), acl=ADMIN)).ok()
    return (await link.get_data(context.path("n"))).refused(NoAuth)


@get("trailing_slash", "read paths are not checked: a trailing slash names no node, -101")
async def trailing_slash(context: Context) -> str:
    link = await context.connect()
    return (await link.get_data(f"{context.parent}/")).refused(NoNode)


@get("config", "the configuration node: empty data of version -1 or 0", needs=[needs.standalone])
async def config(context: Context) -> str:
    link = await context.connect()
    value, stat = (await link.get_data(CONFIG)).values(records.GET_DATA_RESPONSE)
    same("data", value, b"")
    require(stat.version in {-1, 0}, f"version {stat.version}")
    return f"empty, version {stat.version}"


@put("stat", "the Stat has the version after the write, and a mzxid that moved")
async def stat(context: Context) -> str:
    link, path = await context.node()
    before = (await link.exists(path)).stat()
    (after,) = (await link.set_data(path, b"four")).values(records.SET_DATA_RESPONSE)
    same("version", after.version, 1)
    require(after.mzxid > before.mzxid, "mzxid stayed")
    same("czxid, pzxid", (after.czxid, after.pzxid), (before.czxid, before.pzxid))
    same("cversion, aversion", (after.cversion, after.aversion), (0, 0))
    same("dataLength", after.data_length, 4)
    return "version 1, mzxid moved"


@put("same_data", "the version rises for the same data too")
async def same_data(context: Context) -> str:
    link, path = await context.node("n", b"x")
    (await link.set_data(path, b"x")).ok()
    same("version", (await link.set_data(path, b"x")).stat().version, 2)
    return "version 2"


@put("null", "null data replace data")
async def put_null(context: Context) -> str:
    link, path = await context.node("n", b"x")
    (await link.set_data(path, None)).ok()
    same("data", (await link.get_data(path)).values(records.GET_DATA_RESPONSE)[0], None)
    return "null"


@put("version", "the node's version is accepted")
async def version(context: Context) -> str:
    link, path = await context.node()
    same("version", (await link.set_data(path, b"x", 0)).stat().version, 1)
    return "ok"


@put("bad_version", "-103 for another version, and nothing is written")
async def bad_version(context: Context) -> str:
    link, path = await context.node()
    observed = (await link.set_data(path, b"x", 7)).refused(BadVersion)
    same("version", (await link.exists(path)).stat().version, 0)
    return observed


@put("missing", "-101")
async def put_missing(context: Context) -> str:
    link = await context.connect()
    return (await link.set_data(context.path("missing"), b"")).refused(NoNode)


@put("no_auth", "-102 without WRITE", needs=[needs.acls])
async def put_no_auth(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("n"), acl=READ_ONLY)).ok()
    return (await link.set_data(context.path("n"), b"")).refused(NoAuth)


@put("bad_path", "-8 for a path that ends with a slash")
async def bad_path(context: Context) -> str:
    link = await context.connect()
    return (await link.set_data(f"{context.parent}/", b"")).refused(BadArguments)


@put("config", "-102 for the configuration node", needs=[needs.acls])
async def put_config(context: Context) -> str:
    link = await context.connect()
    return (await link.set_data(CONFIG, b"")).refused(NoAuth)
