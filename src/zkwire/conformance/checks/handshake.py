"""The connect handshake: its shapes, its refusals, and the timeout that comes of it."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire._jute import records
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._handshake import NO_PASSWORD, Granted, connect_request, shake
from zkwire.conformance._mismatch import Mismatch, require, same

check = Group("handshake")
FAR_AHEAD = 2**62


async def answered(context: Context, request: bytes) -> Granted:
    """Shake hands, get a session, end it."""
    wire = await context.wire()
    granted = await shake(wire, request)
    if granted is None:
        raise Mismatch("closed without an answer")
    if not granted.refused:
        await wire.send_frame(records.REQUEST_HEADER.encode(1, -11))
        await wire.rest()
    return granted


async def refused(context: Context, session_id: int, password: bytes) -> str:
    """Ask for a session that the server must refuse, and see it close."""
    wire = await context.wire()
    granted = await shake(wire, connect_request(session_id=session_id, password=password))
    if granted is None:
        raise Mismatch("closed without an answer")
    same("timeOut", granted.timeout_ms, 0)
    same("sessionId", granted.session_id, 0)
    same("passwd", granted.password, NO_PASSWORD)
    same("behind the answer", await wire.frame(), None)
    return "timeOut 0, sessionId 0, zero passwd, closed"


@check("new_session", "37 bytes: a session id, a passwd of 16 bytes, readOnly 0")
async def new_session(context: Context) -> str:
    granted = await answered(context, connect_request())
    same("size", granted.size, 37)
    same("readOnly", granted.read_only, False)
    require(granted.session_id != 0, "sessionId 0")
    require(granted.password not in {None, NO_PASSWORD}, "no passwd")
    same("length of passwd", len(granted.password or b""), 16)
    return "37 bytes"


@check("without_read_only", "an answer without the readOnly byte, 36 bytes")
async def without_read_only(context: Context) -> str:
    granted = await answered(context, connect_request()[:-1])
    same("size", granted.size, 36)
    require(not granted.refused, "refused")
    return "36 bytes"


@check("accepts_read_only", "readOnly 0 in the answer to a client that would take 1")
async def accepts_read_only(context: Context) -> str:
    granted = await answered(context, connect_request(read_only=True))
    same("size", granted.size, 37)
    same("readOnly", granted.read_only, False)
    return "readOnly 0"


@check("password_null", "a new session for a null passwd")
async def password_null(context: Context) -> str:
    return await with_password(context, None)


@check("password_empty", "a new session for an empty passwd")
async def password_empty(context: Context) -> str:
    return await with_password(context, b"")


@check("password_short", "a new session for a passwd of 3 bytes")
async def password_short(context: Context) -> str:
    return await with_password(context, b"abc")


@check("password_long", "a new session for a passwd of 40 bytes")
async def password_long(context: Context) -> str:
    return await with_password(context, bytes(40))


async def with_password(context: Context, password: bytes | None) -> str:
    """A new session in spite of the password."""
    granted = await answered(context, connect_request(password=password))
    require(not granted.refused, "refused")
    return "new session"


@check("protocol_version", "protocolVersion is not looked at")
async def protocol_version(context: Context) -> str:
    granted = await answered(context, connect_request(protocol_version=7))
    require(not granted.refused, "refused")
    return "new session, protocolVersion 0"


@check("garbage", "a first frame that is no ConnectRequest: closed without a byte")
async def garbage(context: Context) -> str:
    wire = await context.wire()
    await wire.send_frame(b"\0\0\0\0", first=True)
    same("answer", await wire.frame(), None)
    return "closed"


@check("session_ids", "different ids with the same server id in the high byte")
async def session_ids(context: Context) -> str:
    first, second = await context.connect(), await context.connect()
    require(first.session_id != second.session_id, "the same id twice")
    same("high byte", second.session_id >> 56, first.session_id >> 56)
    return "different ids, same high byte"


@check("timeout_zero", "timeOut 0 is raised to the shortest that the server grants")
async def timeout_zero(context: Context) -> str:
    return await granted_timeout(context, 0, context.target.shortest_ms)


@check("timeout_negative", "a negative timeOut is raised to the shortest")
async def timeout_negative(context: Context) -> str:
    return await granted_timeout(context, -1, context.target.shortest_ms)


@check("timeout_below", "a timeOut below the shortest is raised to it")
async def timeout_below(context: Context) -> str:
    return await granted_timeout(context, 1, context.target.shortest_ms)


@check("timeout_above", "a timeOut above the longest is lowered to it")
async def timeout_above(context: Context) -> str:
    return await granted_timeout(context, context.target.longest_ms + 1, context.target.longest_ms)


@check("timeout_between", "a timeOut between the two is granted as it is")
async def timeout_between(context: Context) -> str:
    between = (context.target.shortest_ms + context.target.longest_ms) // 2 + 1
    await granted_timeout(context, between, between)
    return "granted as asked"


async def granted_timeout(context: Context, asked: int, expected: int) -> str:
    """What is granted where ``asked`` is asked for."""
    granted = await answered(context, connect_request(timeout_ms=asked))
    same("timeOut", granted.timeout_ms, expected)
    return f"granted {granted.timeout_ms} ms"


@check("zxid_ahead", "a lastZxidSeen ahead of the server: closed without a byte")
async def zxid_ahead(context: Context) -> str:
    wire = await context.wire()
    same("answer", await shake(wire, connect_request(last_zxid=FAR_AHEAD)), None)
    return "closed"


@check("zxid_seen", "a lastZxidSeen that the server has reached is no hindrance")
async def zxid_seen(context: Context) -> str:
    link, path = await context.node()
    zxid = (await link.set_data(path, b"x")).stat().mzxid
    await context.connect(last_zxid=zxid)
    return "new session"


@check("unknown_session", "an unknown session id: all zeros, then a close")
async def unknown_session(context: Context) -> str:
    return await refused(context, 0x7F00_0000_0000_0001, bytes(range(16)))


@check("wrong_password", "a wrong passwd: all zeros, then a close")
async def wrong_password(context: Context) -> str:
    link = await context.connect()
    return await refused(context, link.session_id, b"\xff" * 16)


@check("wrong_password_evicts", "a wrong passwd closes the session's connection, not the session")
async def wrong_password_evicts(context: Context) -> str:
    link = await context.connect()
    await refused(context, link.session_id, b"\xff" * 16)
    await link.closed()
    again = await context.attach(link)
    same("sessionId", again.session_id, link.session_id)
    return "connection closed, session lives"


@check("closed_session", "the id of a session that was closed: all zeros, then a close")
async def closed_session(context: Context) -> str:
    link = await context.connect()
    await link.aclose()
    return await refused(context, link.session_id, link.granted.password or b"")


@check("attach", "the id and passwd of a session: that session, ephemeral nodes and all")
async def attach(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("e"), flags=1)).ok()
    await link.drop()
    again = await context.attach(link)
    same("sessionId", again.session_id, link.session_id)
    same("passwd", again.granted.password, link.granted.password)
    stat = (await again.exists(context.path("e"))).stat()
    same("owner", stat.ephemeral_owner, link.session_id)
    return "same session, node still there"


@check("attach_evicts", "attaching a session closes its other connection to the server")
async def attach_evicts(context: Context) -> str:
    link = await context.connect()
    again = await context.attach(link)
    await link.closed()
    (await again.ping()).ok()
    return "the older connection is closed"


@check("attach_timeout", "the timeout is negotiated again when a session is attached")
async def attach_timeout(context: Context) -> str:
    link = await context.connect()
    await link.drop()
    again = await context.connect(
        session_id=link.session_id, password=link.granted.password, timeout_ms=0
    )
    same("timeOut", again.granted.timeout_ms, context.target.shortest_ms)
    return f"{link.granted.timeout_ms} ms becomes {again.granted.timeout_ms} ms"
