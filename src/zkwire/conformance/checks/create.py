"""create and create2 (1, 15): the kinds of node, and every refusal."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import (
    Acl,
    BadArguments,
    Identity,
    InvalidAcl,
    MarshallingError,
    NoAuth,
    NoChildrenForEphemerals,
    NodeExists,
    NoNode,
    OpCode,
    Perms,
)
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require, same
from zkwire.conformance._version import Changed

check = Group("create")
READ_ONLY = [Acl(Perms.READ, Identity("world", "anyone"))]


async def made(context: Context, name: str, flags: int = 0) -> str:
    """Create a node and return the path that came back."""
    link = await context.connect()
    (path,) = (await link.create(context.path(name), flags=flags)).values(records.CREATE_RESPONSE)
    return path or ""


@check("persistent", "the path comes back, and nothing else")
async def persistent(context: Context) -> str:
    same("path", await made(context, "n"), context.path("n"))
    return "the path"


@check("create2", "path and Stat come back")
async def create2(context: Context) -> str:
    link = await context.connect()
    reply = await link.create(context.path("n"), b"four", op=OpCode.CREATE2)
    path, stat = reply.values(records.CREATE2_RESPONSE)
    same("path", path, context.path("n"))
    same("Stat", stat, (await link.exists(context.path("n"))).stat())
    return "path and Stat"


@check("first_stat", "versions 0, one zxid and one time for all, no owner, no children")
async def first_stat(context: Context) -> str:
    link, path = await context.node("n", b"four")
    stat = (await link.exists(path)).stat()
    same("versions", (stat.version, stat.cversion, stat.aversion), (0, 0, 0))
    require(stat.czxid == stat.mzxid == stat.pzxid > 0, f"zxids of {stat}")
    require(stat.ctime == stat.mtime > 0, f"times of {stat}")
    same("rest", (stat.ephemeral_owner, stat.num_children, stat.data_length), (0, 0, 4))
    return "as expected"


@check("ephemeral", "ephemeralOwner is the session; the node goes with it")
async def ephemeral(context: Context) -> str:
    link, observer = await context.connect(), await context.connect()
    path = context.path("e")
    (await link.create(path, flags=1)).ok()
    same("owner", (await observer.exists(path)).stat().ephemeral_owner, link.session_id)
    await link.aclose()
    (await observer.sync(path)).ok()
    return f"after the session: {(await observer.exists(path)).refused(NoNode)}"


@check("ephemeral_sequential", "an ephemeral node with a number")
async def ephemeral_sequential(context: Context) -> str:
    link = await context.connect()
    reply = await link.create(context.path("e-"), flags=3, op=OpCode.CREATE2)
    path, stat = reply.values(records.CREATE2_RESPONSE)
    same("owner", stat.ephemeral_owner, link.session_id)
    same("path", path, context.path("e-0000000000"))
    return "e-0000000000"


@check("sequential", "ten digits are appended, from 0")
async def sequential(context: Context) -> str:
    path = await made(context, "s-", flags=2)
    same("path", path, context.path("s-0000000000"))
    return "s-0000000000"


@check("sequential_shared", "all prefixes below a parent share one counter")
async def sequential_shared(context: Context) -> str:
    same("first", await made(context, "a-", flags=2), context.path("a-0000000000"))
    same("second", await made(context, "b-", flags=2), context.path("b-0000000001"))
    return "a-0000000000, b-0000000001"


@check("sequential_gap", "nodes without a number move the counter too")
async def sequential_gap(context: Context) -> str:
    await made(context, "plain")
    same("path", await made(context, "s-", flags=2), context.path("s-0000000001"))
    return "s-0000000001"


@check("sequential_after_delete", "three created, one deleted: Stat.cversion 4, next number 3")
async def sequential_after_delete(context: Context) -> str:
    link = await context.connect()
    for name in "abc":
        (await link.create(context.path(name))).ok()
    (await link.delete(context.path("a"))).ok()
    same("cversion", (await link.exists(context.parent)).stat().cversion, 4)
    same("path", await made(context, "s-", flags=2), context.path("s-0000000003"))
    return "cversion 4, s-0000000003"


@check("sequential_empty_prefix", "a path that ends with a slash gets a number for a name")
async def sequential_empty_prefix(context: Context) -> str:
    same("path", await made(context, "", flags=2), context.path("0000000000"))
    return "/0000000000"


@check("odd_names", "spaces, three dots, a leading and a trailing dot are fine")
async def odd_names(context: Context) -> str:
    for name in ("a b", "...", ".x", "x."):
        same("path", await made(context, name), context.path(name))
    return "ok"


@check("unicode_name", "a name beyond ASCII is kept as it is")
async def unicode_name(context: Context) -> str:
    same("path", await made(context, "Zoë-動物"), context.path("Zoë-動物"))
    return "ok"


@check("long_name", "a name of 10,000 characters is fine: the frame is the limit")
async def long_name(context: Context) -> str:
    same("path", await made(context, "x" * 10_000), context.path("x" * 10_000))
    return "ok"


@check("exists_already", "-110")
async def exists_already(context: Context) -> str:
    link = await context.connect()
    return (await link.create(context.parent)).refused(NodeExists)


@check("root", "-110 for the root")
async def root(context: Context) -> str:
    link = await context.connect()
    return (await link.create("/")).refused(NodeExists)


@check("no_parent", "-101 where the parent is missing")
async def no_parent(context: Context) -> str:
    link = await context.connect()
    return (await link.create(context.path("missing/n"))).refused(NoNode)


@check("below_ephemeral", "-108 below an ephemeral node")
async def below_ephemeral(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("e"), flags=1)).ok()
    return (await link.create(context.path("e/n"))).refused(NoChildrenForEphemerals)


@check("no_auth", "-102 without CREATE on the parent", needs=[needs.acls])
async def no_auth(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("p"), acl=READ_ONLY)).ok()
    return (await link.create(context.path("p/n"))).refused(NoAuth)


@check("acl_null", Changed("-5 for a null ACL", "-114 for a null ACL", (3, 6, 0)))
async def acl_null(context: Context) -> str:
    link = await context.connect()
    reply = await link.create(context.path("n"), acl=None)
    return reply.refused(InvalidAcl if context.since((3, 6, 0)) else MarshallingError)


@check("acl_empty", "-114 for an empty ACL")
async def acl_empty(context: Context) -> str:
    link = await context.connect()
    return (await link.create(context.path("n"), acl=[])).refused(InvalidAcl)


async def with_identity(context: Context, scheme: str, name: str) -> str:
    """The refusal of an ACL entry."""
    link = await context.connect()
    acl = [Acl(Perms.ALL, Identity(scheme, name))]
    return (await link.create(context.path("n"), acl=acl)).refused(InvalidAcl)


@check("acl_scheme", "-114 for an ACL scheme that nobody knows", needs=[needs.acls])
async def acl_scheme(context: Context) -> str:
    return await with_identity(context, "nonsense", "x")


@check("acl_world", "-114 for a world id other than anyone", needs=[needs.acls])
async def acl_world(context: Context) -> str:
    return await with_identity(context, "world", "someone")


@check("acl_digest", "-114 for a digest id without a colon", needs=[needs.acls])
async def acl_digest(context: Context) -> str:
    return await with_identity(context, "digest", "nocolon")


@check("acl_ip", "-114 for an ip id that is no address", needs=[needs.acls])
async def acl_ip(context: Context) -> str:
    return await with_identity(context, "ip", "300.1.1.1")


@check("acl_auth", "-114 for auth where nobody is authenticated", needs=[needs.acls])
async def acl_auth(context: Context) -> str:
    return await with_identity(context, "auth", "")


@check("path_null", "-5 for a null path")
async def path_null(context: Context) -> str:
    link = await context.connect()
    return (await link.create(None)).refused(MarshallingError)


async def bad_path(context: Context, path: str) -> str:
    """The refusal of a path."""
    link = await context.connect()
    return (await link.create(path)).refused(BadArguments)


@check("path_empty", "-8 for an empty path")
async def path_empty(context: Context) -> str:
    return await bad_path(context, "")


@check("path_relative", "-8 for a path without a slash")
async def path_relative(context: Context) -> str:
    return await bad_path(context, "abc")


@check("path_trailing_slash", "-8 for a path that ends with a slash")
async def path_trailing_slash(context: Context) -> str:
    return await bad_path(context, context.path(""))


@check("path_double_slash", "-8 or -101 for an empty name within a path")
async def path_double_slash(context: Context) -> str:
    link = await context.connect()
    reply = await link.create(f"{context.parent}//n")
    return reply.refused(NoNode if reply.err == NoNode.code else BadArguments)


@check("path_dot", "-8 for the name .")
async def path_dot(context: Context) -> str:
    return await bad_path(context, context.path("."))


@check("path_dots", "-8 for the name ..")
async def path_dots(context: Context) -> str:
    return await bad_path(context, context.path(".."))


@check("path_nul", "-8 for U+0000")
async def path_nul(context: Context) -> str:
    return await bad_path(context, context.path("a\0b"))


@check("path_control", "-8 for U+0001 and U+001F")
async def path_control(context: Context) -> str:
    await bad_path(context, context.path("a\x01b"))
    return await bad_path(context, context.path("a\x1fb"))


@check("path_delete", "-8 for U+007F and U+009F")
async def path_delete(context: Context) -> str:
    await bad_path(context, context.path("a\x7fb"))
    return await bad_path(context, context.path("a\x9fb"))


@check("path_private", "-8 for U+E000 and U+F8FF")
async def path_private(context: Context) -> str:
    await bad_path(context, context.path("a\ue000b"))
    return await bad_path(context, context.path("a\uf8ffb"))


@check("path_special", "-8 for U+FFF0 and U+FFFF")
async def path_special(context: Context) -> str:
    await bad_path(context, context.path("a\ufff0b"))
    return await bad_path(context, context.path("a\uffffb"))


@check("path_astral", "-8 for a character above U+FFFF")
async def path_astral(context: Context) -> str:
    return await bad_path(context, context.path("a\U0001f418b"))
