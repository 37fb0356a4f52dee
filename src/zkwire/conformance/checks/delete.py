"""delete (2)."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import Acl, BadArguments, BadVersion, Identity, NoAuth, NoNode, NotEmpty, Perms
from zkwire.conformance import _needs as needs
from zkwire.conformance._calls import OPEN
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context

check = Group("delete")
ADMIN = [Acl(Perms.ADMIN, Identity("world", "anyone"))]
ALL_BUT_DELETE = [Acl(Perms.ALL & ~Perms.DELETE, Identity("world", "anyone"))]


@check("any_version", "-1 stands for any version; the reply has no body")
async def any_version(context: Context) -> str:
    link, path = await context.node()
    (await link.set_data(path, b"x")).ok()
    observed = (await link.delete(path)).empty()
    (await link.exists(path)).refused(NoNode)
    return observed


@check("version", "the node's version is accepted")
async def version(context: Context) -> str:
    link, path = await context.node()
    (await link.set_data(path, b"x")).ok()
    return (await link.delete(path, 1)).empty()


@check("bad_version", "-103 for another version")
async def bad_version(context: Context) -> str:
    link, path = await context.node()
    return (await link.delete(path, 7)).refused(BadVersion)


@check("bad_version_first", "-103 before -111: the version is checked before the children")
async def bad_version_first(context: Context) -> str:
    link, path = await context.node()
    (await link.create(f"{path}/child")).ok()
    return (await link.delete(path, 7)).refused(BadVersion)


@check("missing", "-101")
async def missing(context: Context) -> str:
    link = await context.connect()
    return (await link.delete(context.path("missing"))).refused(NoNode)


@check("no_parent", "-101 where even the parent is missing")
async def no_parent(context: Context) -> str:
    link = await context.connect()
    return (await link.delete(context.path("missing/n"))).refused(NoNode)


@check("not_empty", "-111")
async def not_empty(context: Context) -> str:
    link, path = await context.node()
    (await link.create(f"{path}/child")).ok()
    return (await link.delete(path)).refused(NotEmpty)


@check("no_auth", "-102 without DELETE on the parent", needs=[needs.acls])
async def no_auth(context: Context) -> str:
    link = await context.connect()
    path, child = context.path("n"), context.path("n/child")
    # From the start: a leader goes by the old ACL until it has applied a setACL itself, and a
    # follower may have answered by then.
    (await link.create(path, acl=ALL_BUT_DELETE)).ok()
    (await link.create(child)).ok()
    observed = (await link.delete(child)).refused(NoAuth)
    (await link.set_acl(path, OPEN)).ok()
    while (await link.delete(child)).err == NoAuth.code:
        pass
    return observed


async def reserved(context: Context, path: str) -> str:
    """The refusal to delete one of the server's own nodes."""
    link = await context.connect()
    return (await link.delete(path)).refused(BadArguments)


@check("root", "-8 for the root")
async def root(context: Context) -> str:
    return await reserved(context, "/")


@check("zookeeper", "-8 for /zookeeper")
async def zookeeper(context: Context) -> str:
    return await reserved(context, "/zookeeper")


@check("quota", "-8 for /zookeeper/quota")
async def quota(context: Context) -> str:
    return await reserved(context, "/zookeeper/quota")


@check("config", "-8 for /zookeeper/config")
async def config(context: Context) -> str:
    return await reserved(context, "/zookeeper/config")


@check("path_relative", "-8 for a path without a slash")
async def path_relative(context: Context) -> str:
    return await reserved(context, "abc")
