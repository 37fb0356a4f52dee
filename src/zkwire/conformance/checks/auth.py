"""auth, sasl and whoAmI (100, 102, 107): who a connection is."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import Acl, AuthFailed, Identity, NoAuth, Perms
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._calls import Link
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require, same
from zkwire.conformance.checks.acl import ANNA, CREDENTIALS, acl_of

check = Group("auth")
sasl = Group("sasl", needs=[needs.no_sasl])
whoami = Group("who_am_i", since=(3, 7, 0))


@check("digest", "digest credentials: err 0, xid -4, no body")
async def digest(context: Context) -> str:
    link = await context.connect()
    return (await link.auth("digest", CREDENTIALS)).empty()


@check("any_digest", "digest takes whatever it gets, even without a colon")
async def any_digest(context: Context) -> str:
    link = await context.connect()
    return (await link.auth("digest", b"nocolon")).empty()


@check("ip", "the ip scheme is accepted, and adds what the connection has anyway")
async def ip(context: Context) -> str:
    link = await context.connect()
    return (await link.auth("ip", b"")).empty()


async def refused(context: Context, scheme: str) -> str:
    """The server refuses a scheme and closes."""
    link = await context.connect()
    observed = (await link.auth(scheme, b"x")).refused(AuthFailed)
    await link.closed()
    return f"{observed}, closed"


@check("unknown_scheme", "-115, then a close")
async def unknown_scheme(context: Context) -> str:
    return await refused(context, "nonsense")


@check("sasl_scheme", "-115, then a close, for sasl by an auth packet")
async def sasl_scheme(context: Context) -> str:
    return await refused(context, "sasl")


@check("world_scheme", "-115, then a close: nobody can prove to be anyone")
async def world_scheme(context: Context) -> str:
    return await refused(context, "world")


async def guarded(context: Context) -> str:
    """A node for anna alone."""
    link = await context.connect()
    path = context.path("n")
    (await link.create(path, acl=[Acl(Perms.ALL, ANNA)])).ok()
    return path


@check("grants", "credentials give what an ACL promises them", needs=[needs.acls])
async def grants(context: Context) -> str:
    path = await guarded(context)
    link = await context.connect()
    (await link.get_data(path)).refused(NoAuth)
    (await link.auth("digest", CREDENTIALS)).ok()
    (await link.get_data(path)).ok()
    return "-102 before, ok after"


@check("wrong_password", "other credentials give nothing", needs=[needs.acls])
async def wrong_password(context: Context) -> str:
    path = await guarded(context)
    link = await context.connect()
    (await link.auth("digest", b"anna:other")).ok()
    return (await link.get_data(path)).refused(NoAuth)


@check("per_connection", "credentials stay behind with the connection", needs=[needs.acls])
async def per_connection(context: Context) -> str:
    path = await guarded(context)
    link = await context.connect()
    (await link.auth("digest", CREDENTIALS)).ok()
    (await link.get_data(path)).ok()
    again = await context.attach(link)
    return f"same session, new connection: {(await again.get_data(path)).refused(NoAuth)}"


@check("expansion", "auth in an ACL becomes all who the connection is", needs=[needs.acls])
async def expansion(context: Context) -> str:
    link = await context.connect()
    (await link.auth("digest", CREDENTIALS)).ok()
    path = context.path("n")
    (await link.create(path, acl=[Acl(Perms.ALL, Identity("auth", ""))])).ok()
    same("ACL", await acl_of(link, path), [Acl(Perms.ALL, ANNA)])
    return "digest"


@check("ip_acl", "an address with a prefix in an ACL matches", needs=[needs.acls])
async def ip_acl(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.create(path, acl=[Acl(Perms.READ, Identity("ip", "0.0.0.0/0"))])).ok()
    (await link.set_data(path, b"")).refused(NoAuth)
    (await link.get_data(path)).ok()
    return "READ granted"


@sasl("not_configured", "err 0 and a null token from a server without SASL")
async def not_configured(context: Context) -> str:
    link = await context.connect()
    (token,) = (await link.sasl(b"")).values(records.SET_SASL_RESPONSE)
    same("token", token, None)
    return "ok, null token"


async def identities(link: Link) -> list[Identity]:
    """Who the server says that the connection is."""
    return (await link.who_am_i()).values(records.WHO_AM_I_RESPONSE)[0] or []


@whoami("ip", "an ip entry, whoever it is")
async def whoami_ip(context: Context) -> str:
    link = await context.connect()
    same("schemes", [each.scheme for each in await identities(link)], ["ip"])
    return "ip"


@whoami("digest", "digest users without their hashes")
async def whoami_digest(context: Context) -> str:
    link = await context.connect()
    (await link.auth("digest", CREDENTIALS)).ok()
    found = await identities(link)
    require(Identity("digest", "anna") in found, f"{found}")
    same("count", len(found), 2)
    return "ip, digest:anna"


@whoami("two_digests", "every digest user")
async def whoami_two(context: Context) -> str:
    link = await context.connect()
    for credentials in (CREDENTIALS, b"bert:other"):
        (await link.auth("digest", credentials)).ok()
    found = {each.id for each in await identities(link) if each.scheme == "digest"}
    same("users", found, {"anna", "bert"})
    return "anna, bert"
