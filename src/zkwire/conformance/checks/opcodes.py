"""Opcodes that a server knows, and what it does about the others."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import OpCode, Unimplemented
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._calls import END
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._link import PING
from zkwire.conformance._mismatch import same
from zkwire.conformance._version import Changed

check = Group("opcodes")
CLOSED = "-6 and closed"


async def unknown(context: Context, opcode: int, body: bytes = b"") -> str:
    """The server refuses an opcode and closes."""
    link = await context.connect()
    reply = await link.call(opcode, body)
    reply.refused(Unimplemented)
    same("zxid", reply.zxid, -1)
    await link.closed()
    return CLOSED


async def known_since(context: Context, release: tuple[int, int, int], op: int, body: bytes) -> str:
    """The server answers an opcode, or refuses it as unknown where it is older."""
    if not context.since(release):
        return await unknown(context, op, body)
    link = await context.connect()
    (await link.call(op, body)).ok()
    return "known"


@check("unknown", "an opcode that nobody knows: -6 with zxid -1, then a close")
async def unknown_999(context: Context) -> str:
    return await unknown(context, 999)


@check("gap_10", "opcode 10 is unknown: -6, then a close")
async def gap_10(context: Context) -> str:
    return await unknown(context, 10)


@check("gap_23", "opcode 23 is unknown: -6, then a close")
async def gap_23(context: Context) -> str:
    return await unknown(context, 23)


@check("gap_108", "opcode 108 is unknown: -6, then a close")
async def gap_108(context: Context) -> str:
    return await unknown(context, 108)


@check("notification", "opcode 0, a notification, is no request: -6, then a close")
async def notification(context: Context) -> str:
    return await unknown(context, 0)


@check("unknown_takes_neighbours", "requests behind an unknown opcode lose their connection")
async def unknown_takes_neighbours(context: Context) -> str:
    link = await context.connect()
    ping = records.REQUEST_HEADER.encode(PING, OpCode.PING)
    await link.wire.send_frames([records.REQUEST_HEADER.encode(1, 999), *[ping] * 10])
    (await link.reply(1)).refused(Unimplemented)
    # The close comes from another thread of the server, so a few may get through.
    while await link.wire.frame() is not None:
        pass
    return "closed"


@check("multi_read", Changed(CLOSED, "known", (3, 6, 0)))
async def multi_read(context: Context) -> str:
    return await known_since(context, (3, 6, 0), OpCode.MULTI_READ, END)


@check("get_ephemerals", Changed(CLOSED, "known", (3, 6, 0)))
async def get_ephemerals(context: Context) -> str:
    body = records.GET_EPHEMERALS_REQUEST.encode("/")
    return await known_since(context, (3, 6, 0), OpCode.GET_EPHEMERALS, body)


@check("get_all_children_number", Changed(CLOSED, "known", (3, 6, 0)))
async def get_all_children_number(context: Context) -> str:
    body = records.GET_ALL_CHILDREN_NUMBER_REQUEST.encode("/")
    return await known_since(context, (3, 6, 0), OpCode.GET_ALL_CHILDREN_NUMBER, body)


@check("set_watches2", Changed(CLOSED, "known", (3, 6, 0)))
async def set_watches2(context: Context) -> str:
    body = records.SET_WATCHES2.encode(0, [], [], [], [], [])
    return await known_since(context, (3, 6, 0), OpCode.SET_WATCHES2, body)


@check("add_watch", Changed(CLOSED, "known", (3, 6, 0)))
async def add_watch(context: Context) -> str:
    body = records.ADD_WATCH_REQUEST.encode("/", 0)
    return await known_since(context, (3, 6, 0), OpCode.ADD_WATCH, body)


@check("who_am_i", Changed(CLOSED, "known", (3, 7, 0)))
async def who_am_i(context: Context) -> str:
    return await known_since(context, (3, 7, 0), OpCode.WHO_AM_I, b"")


@check(
    "check_alone",
    "a check outside a multi: -6, then a close",
    needs=[needs.refuses_check_alone],
)
async def check_alone(context: Context) -> str:
    body = records.CHECK_VERSION_REQUEST.encode(context.parent, -1)
    return await unknown(context, OpCode.CHECK, body)
