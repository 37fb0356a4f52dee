"""reconfig (16), refused: the suite changes no configuration."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import (
    BadArguments,
    BadVersion,
    MarshallingError,
    NoAuth,
    ReconfigDisabled,
    Unimplemented,
)
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require
from zkwire.conformance._target import NO_SUCH_CONFIG

check = Group("reconfig", since=(3, 5, 3))


@check("switched_off", "-123 where it is switched off", needs=[needs.no_reconfig])
async def switched_off(context: Context) -> str:
    link = await context.connect()
    return (await link.reconfig(None, "1", NO_SUCH_CONFIG)).refused(ReconfigDisabled)


@check("standalone", "-6 from a server that is alone", needs=[needs.reconfig, needs.standalone])
async def standalone(context: Context) -> str:
    link = await context.connect()
    observed = (await link.reconfig(None, "1", NO_SUCH_CONFIG)).refused(Unimplemented)
    (await link.ping()).ok()
    return f"{observed}, connection stays up"


ENSEMBLE = [needs.reconfig, needs.ensemble, needs.acls]


@check("bad_version", "-103 for another version of the configuration", needs=ENSEMBLE)
async def bad_version(context: Context) -> str:
    link = await context.connect()
    return (await link.reconfig(None, "9", NO_SUCH_CONFIG)).refused(BadVersion)


@check("bad_syntax", "-8 for a server that is no server", needs=ENSEMBLE)
async def bad_syntax(context: Context) -> str:
    link = await context.connect()
    return (await link.reconfig("9=nonsense", None, -1)).refused(BadArguments)


@check("bad_id", "-5 for a server id that is no number", needs=ENSEMBLE)
async def bad_id(context: Context) -> str:
    link = await context.connect()
    return (await link.reconfig(None, "nonsense", -1)).refused(MarshallingError)


@check("no_auth", "-102 without WRITE on the configuration node", needs=ENSEMBLE)
async def no_auth(context: Context) -> str:
    link = await context.connect()
    return (await link.reconfig(None, "99", -1)).refused(NoAuth)


@check("config_node", "the configuration node names servers and version", needs=[needs.ensemble])
async def config_node(context: Context) -> str:
    link = await context.connect()
    data, _ = (await link.get_data("/zookeeper/config")).values(records.GET_DATA_RESPONSE)
    *servers, version = (data or b"").decode().split("\n")
    require(version.startswith("version="), version)
    require(all(line.startswith("server.") for line in servers), f"{servers}")
    return f"{len(servers)} servers, and a version"
