"""getACL and setACL (6, 7)."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import (
    Acl,
    BadArguments,
    BadVersion,
    Identity,
    InvalidAcl,
    MarshallingError,
    NoAuth,
    NoNode,
    Perms,
)
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._calls import OPEN, Link
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import same
from zkwire.conformance._version import Changed
from zkwire.conformance.checks.create import READ_ONLY

get = Group("get_acl")
put = Group("set_acl")
CREDENTIALS = b"anna:secret"
# user:base64(sha1("anna:secret"))
ANNA = Identity("digest", "anna:Wap/fLaD11BLJBT+7fkDcVxaT7c=")


async def acl_of(link: Link, path: str) -> list[Acl]:
    """The ACL that getACL shows."""
    return (await link.get_acl(path)).values(records.GET_ACL_RESPONSE)[0] or []


@get("acl", "the ACL that was given, and the Stat")
async def acl(context: Context) -> str:
    link, path = await context.node()
    found, stat = (await link.get_acl(path)).values(records.GET_ACL_RESPONSE)
    same("ACL", found, OPEN)
    same("Stat", stat, (await link.exists(path)).stat())
    return "ACL and Stat"


@get("config", "anybody may read the configuration node, nobody write it", needs=[needs.acls])
async def config(context: Context) -> str:
    link = await context.connect()
    same("ACL", await acl_of(link, "/zookeeper/config"), READ_ONLY)
    return "world:anyone, READ"


@get("missing", "-101")
async def missing(context: Context) -> str:
    link = await context.connect()
    return (await link.get_acl(context.path("missing"))).refused(NoNode)


@get("no_auth", "-102 with neither READ nor ADMIN", needs=[needs.acls])
async def no_auth(context: Context) -> str:
    link = await context.connect()
    write_only = [Acl(Perms.WRITE, Identity("world", "anyone"))]
    (await link.create(context.path("n"), acl=write_only)).ok()
    return (await link.get_acl(context.path("n"))).refused(NoAuth)


@get("admin_is_enough", "ADMIN without READ is enough", needs=[needs.acls])
async def admin_is_enough(context: Context) -> str:
    link = await context.connect()
    admin = [Acl(Perms.ADMIN, Identity("world", "anyone"))]
    (await link.create(context.path("n"), acl=admin)).ok()
    same("ACL", await acl_of(link, context.path("n")), admin)
    return "ok"


@get("masked", "digest hashes read as x without ADMIN", since=(3, 5, 5), needs=[needs.acls])
async def masked(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("n"), acl=[Acl(Perms.ALL, ANNA), *READ_ONLY])).ok()
    found = {entry.identity.id for entry in await acl_of(link, context.path("n"))}
    same("ids", found, {"anna:x", "anyone"})
    return "anna:x"


@get("unmasked", "digest hashes in full with ADMIN", needs=[needs.acls])
async def unmasked(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("n"), acl=[Acl(Perms.ALL, ANNA), *OPEN])).ok()
    found = {entry.identity.id for entry in await acl_of(link, context.path("n"))}
    same("ids", found, {ANNA.id, "anyone"})
    return "the hash"


@put("stat", "aversion rises; version and mzxid stay")
async def stat(context: Context) -> str:
    link, path = await context.node()
    before = (await link.exists(path)).stat()
    (after,) = (await link.set_acl(path, OPEN)).values(records.SET_ACL_RESPONSE)
    same("aversion", after.aversion, 1)
    same("version, mzxid", (after.version, after.mzxid), (0, before.mzxid))
    return "aversion 1"


@put("version", "the version is that of the ACL, not of the data")
async def version(context: Context) -> str:
    link, path = await context.node()
    (await link.set_data(path, b"x")).ok()
    (await link.set_acl(path, OPEN, 1)).refused(BadVersion)
    same("aversion", (await link.set_acl(path, OPEN, 0)).stat().aversion, 1)
    return "compared with aversion"


@put("bad_version", "-103 for another aversion")
async def bad_version(context: Context) -> str:
    link, path = await context.node()
    return (await link.set_acl(path, OPEN, 7)).refused(BadVersion)


@put("missing", "-101")
async def put_missing(context: Context) -> str:
    link = await context.connect()
    return (await link.set_acl(context.path("missing"), OPEN)).refused(NoNode)


@put("null", Changed("-5 for a null ACL", "-114 for a null ACL", (3, 6, 0)))
async def null(context: Context) -> str:
    link, path = await context.node()
    reply = await link.set_acl(path, None)
    return reply.refused(InvalidAcl if context.since((3, 6, 0)) else MarshallingError)


@put("empty", "-114 for an empty ACL")
async def empty(context: Context) -> str:
    link, path = await context.node()
    return (await link.set_acl(path, [])).refused(InvalidAcl)


@put("no_auth", "-102 without ADMIN", needs=[needs.acls])
async def put_no_auth(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("n"), acl=READ_ONLY)).ok()
    return (await link.set_acl(context.path("n"), OPEN)).refused(NoAuth)


@put("bad_path", "-8 for a path that ends with a slash")
async def bad_path(context: Context) -> str:
    link = await context.connect()
    return (await link.set_acl(f"{context.parent}/", OPEN)).refused(BadArguments)


@put("duplicates", "an entry that is there twice is kept once", needs=[needs.acls])
async def duplicates(context: Context) -> str:
    link, path = await context.node()
    (await link.set_acl(path, [*OPEN, *OPEN])).ok()
    same("ACL", await acl_of(link, path), OPEN)
    return "kept once"
