"""Reply headers: request numbers, zxids, and what may come out of order."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import NodeExists, OpCode
from zkwire._jute import records
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._link import AUTH, PING
from zkwire.conformance._mismatch import require, same

check = Group("headers")
ROOT = records.GET_DATA_REQUEST.encode("/", False)


async def echoed(context: Context, xid: int) -> str:
    """The server answers under the same number."""
    link = await context.connect()
    (await link.call(OpCode.GET_DATA, ROOT, xid=xid)).ok()
    return f"xid {xid}"


@check("xid", "the reply has the request's xid")
async def xid_echoed(context: Context) -> str:
    return await echoed(context, 4711)


@check("xid_zero", "xid 0 is echoed")
async def xid_zero(context: Context) -> str:
    return await echoed(context, 0)


@check("xid_negative", "a negative xid is echoed")
async def xid_negative(context: Context) -> str:
    return await echoed(context, -77)


@check("xid_max", "xid 2147483647 is echoed")
async def xid_max(context: Context) -> str:
    return await echoed(context, 2**31 - 1)


@check("ping", "a ping's reply has xid -2, err 0 and no body")
async def ping(context: Context) -> str:
    link = await context.connect()
    return (await link.ping()).empty()


@check("ping_xid", "a ping's reply has xid -2 whatever was sent")
async def ping_xid(context: Context) -> str:
    link = await context.connect()
    await link.send(OpCode.PING, xid=4711)
    return f"xid {(await link.reply(PING)).xid}"


@check("ping_body", "a ping with a body is answered all the same")
async def ping_body(context: Context) -> str:
    link = await context.connect()
    await link.send(OpCode.PING, b"body", xid=PING)
    return (await link.reply(PING)).empty()


@check("auth_xid", "an auth reply has the xid of its request")
async def auth_xid(context: Context) -> str:
    link = await context.connect()
    return f"xid {(await link.auth('digest', b'a:b', xid=4711)).ok().xid}"


@check("auth_zxid", "an auth reply has zxid 0")
async def auth_zxid(context: Context) -> str:
    link = await context.connect()
    same("zxid", (await link.auth("digest", b"a:b")).ok().zxid, 0)
    return "zxid 0"


@check("auth_overtakes", "an auth reply may overtake; the other replies keep their order")
async def auth_overtakes(context: Context) -> str:
    link = await context.connect()
    packet = records.AUTH_PACKET.encode(0, "digest", b"a:b")
    read = [records.REQUEST_HEADER.encode(xid, 4) + ROOT for xid in (1, 2, 3)]
    await link.wire.send_frames([*read, records.REQUEST_HEADER.encode(AUTH, 100) + packet])
    order = [(await link.receive()).ok().xid for _ in range(4)]
    same("order of the others", [xid for xid in order if xid != AUTH], [1, 2, 3])
    require(AUTH in order, f"order {order}")
    return "auth among 1, 2, 3"


@check("reply_zxid", "a write's reply has a zxid not below that of its transaction")
async def reply_zxid(context: Context) -> str:
    link, path = await context.node()
    reply = await link.set_data(path, b"x")
    require(reply.zxid >= reply.stat().mzxid > 0, f"{reply.zxid:#x}, mzxid {reply.stat().mzxid:#x}")
    return "zxid >= mzxid"


@check("read_zxid", "a read's reply has the zxid of the server, not of the node")
async def read_zxid(context: Context) -> str:
    link, path = await context.node()
    written = (await link.set_data(path, b"x")).ok().zxid
    reply = await link.get_data("/")
    require(reply.zxid >= written, f"{reply.zxid:#x} behind {written:#x}")
    return "zxid of the last transaction"


@check("failed_write_zxid", "a refused write takes a zxid too")
async def failed_write_zxid(context: Context) -> str:
    link, path = await context.node()
    before = (await link.get_data(path)).ok().zxid
    reply = await link.create(path)
    reply.refused(NodeExists)
    require(reply.zxid > before, "the zxid stayed")
    return "the zxid rose"


@check("error_without_body", "an error reply has no body")
async def error_without_body(context: Context) -> str:
    link = await context.connect()
    reply = await link.create(context.parent)
    reply.refused(NodeExists)
    same("body", reply.body, b"")
    return "no body"
