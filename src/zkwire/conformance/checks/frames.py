"""Frames: their limits, their pieces, and bodies that are too long or too short."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import MarshallingError, OpCode
from zkwire._jute import records
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require, same

check = Group("frames")
LIMIT = 0xFFFFF  # jute.maxbuffer, unless the server's operator changed it


def filling(path: str, size: int) -> bytes:
    """Data that makes the frame of a setData of ``path`` exactly ``size`` bytes long."""
    rest = len(records.REQUEST_HEADER.encode(1, 5) + records.SET_DATA_REQUEST.encode(path, b"", -1))
    return bytes(size - rest)


@check("limit", "a frame of 1048575 bytes is taken")
async def limit(context: Context) -> str:
    link, path = await context.node()
    data = filling(path, LIMIT)
    same("dataLength", (await link.set_data(path, data)).stat().data_length, len(data))
    return "1048575 bytes: ok"


@check("above_limit", "a frame of 1048576 bytes: closed without a reply")
async def above_limit(context: Context) -> str:
    link, path = await context.node()
    body = records.SET_DATA_REQUEST.encode(path, filling(path, LIMIT + 1), -1)
    await link.send(OpCode.SET_DATA, body)
    await link.closed()
    return "1048576 bytes: closed"


@check("reply_above_limit", "a reply may be longer than the longest request")
async def reply_above_limit(context: Context) -> str:
    link, path = await context.node()
    (await link.set_data(path, filling(path, LIMIT))).ok()
    reply = (await link.get_data(path)).ok()
    size = len(reply.body) + 16
    require(size > LIMIT, f"a frame of {size} bytes")
    return "above 1048575 bytes"


@check("negative_length", "a negative length: closed without a reply")
async def negative_length(context: Context) -> str:
    link = await context.connect()
    await link.wire.send_length(-5)
    await link.closed()
    return "closed"


@check("huge_length", "a length of 2147483647: closed without a reply")
async def huge_length(context: Context) -> str:
    link = await context.connect()
    await link.wire.send_length(2**31 - 1)
    await link.closed()
    return "closed"


@check("huge_first_length", "a first frame of length 2147483647: closed without a reply")
async def huge_first_length(context: Context) -> str:
    wire = await context.wire()
    await wire.send_length(2**31 - 1)
    same("answer", await wire.frame(), None)
    return "closed"


@check("short_header", "a frame too short for a header: closed without a reply")
async def short_header(context: Context) -> str:
    link = await context.connect()
    await link.wire.send_frame(b"\0\0\0\1")
    await link.closed()
    return "closed"


@check("trailing_bytes", "bytes behind a request's record are ignored")
async def trailing_bytes(context: Context) -> str:
    link = await context.connect()
    body = records.GET_DATA_REQUEST.encode(context.parent, False) + b"behind"
    (await link.call(OpCode.GET_DATA, body)).values(records.GET_DATA_RESPONSE)
    return "ok"


@check("short_body", "a body too short for its record: -5, and the connection stays up")
async def short_body(context: Context) -> str:
    link = await context.connect()
    reply = await link.call(OpCode.GET_DATA, b"\0\0\0\x20/sh")
    (await link.ping()).ok()
    return reply.refused(MarshallingError)


@check("no_body", "no body where a record is due: -5, and the connection stays up")
async def no_body(context: Context) -> str:
    link = await context.connect()
    reply = await link.call(OpCode.GET_CHILDREN)
    (await link.ping()).ok()
    return reply.refused(MarshallingError)


@check("huge_string", "a string of length 2147483647 inside a frame: -5")
async def huge_string(context: Context) -> str:
    link = await context.connect()
    reply = await link.call(OpCode.EXISTS, b"\x7f\xff\xff\xff/a\0")
    (await link.ping()).ok()
    return reply.refused(MarshallingError)


@check("negative_string", "a string of length -2 inside a frame: -5")
async def negative_string(context: Context) -> str:
    link = await context.connect()
    reply = await link.call(OpCode.EXISTS, b"\xff\xff\xff\xfe\0")
    (await link.ping()).ok()
    return reply.refused(MarshallingError)


@check("null_path", "a null path: -5")
async def null_path(context: Context) -> str:
    link = await context.connect()
    return (await link.get_data(None)).refused(MarshallingError)


@check("pieces", "a frame that comes byte by byte is put together")
async def pieces(context: Context) -> str:
    link = await context.connect()
    body = records.REQUEST_HEADER.encode(1, 4) + records.GET_DATA_REQUEST.encode("/", False)
    await link.wire.send_frame(body, pieces=len(body) + 4)
    (await link.reply(1)).ok()
    return "ok"


@check("many_in_one_write", "frames that come in one piece are taken apart, answered in order")
async def many_in_one_write(context: Context) -> str:
    link = await context.connect()
    body = records.GET_DATA_REQUEST.encode("/", False)
    await link.wire.send_frames(
        [records.REQUEST_HEADER.encode(xid, 4) + body for xid in range(1, 101)]
    )
    for xid in range(1, 101):
        (await link.reply(xid)).ok()
    return "100 replies in order"
