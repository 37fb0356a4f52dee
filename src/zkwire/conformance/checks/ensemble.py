"""Two members of an ensemble: what moves between them."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import NoNode, OpCode
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._handshake import connect_request, shake
from zkwire.conformance._mismatch import Mismatch, require, same
from zkwire.conformance.checks.watches import CHANGED, DELETED

UNUSED_XID = 1_000_000
check = Group("ensemble", needs=[needs.other_member])


@check("sync", "sync, then a read: what was written through another member is there")
async def sync(context: Context) -> str:
    other = context.target.others[0]
    writer, path = await context.node()
    for turn in range(20):
        (await writer.set_data(path, str(turn).encode())).ok()
        reader = await context.connect(address=other)
        first = await reader.send(OpCode.SYNC, records.SYNC_REQUEST.encode(path))
        read = await reader.send(OpCode.GET_DATA, records.GET_DATA_REQUEST.encode(path, False))
        (await reader.reply(first)).ok()
        data, _ = (await reader.reply(read)).values(records.GET_DATA_RESPONSE)
        same("data", data, str(turn).encode())
        await reader.aclose()
    return "20 of 20"


@check("events", "a watch on one member fires for a write through another")
async def events(context: Context) -> str:
    link, path = await context.node()
    watcher = await context.connect(address=context.target.others[0])
    (await watcher.sync(path)).ok()
    (await watcher.get_data(path, watch=True)).ok()
    (await link.set_data(path, b"x")).ok()
    same("event", (await watcher.next_event()).what, (CHANGED, path))
    return "type 3"


@check("session_moves", "a session is attached at another member, nodes and all")
async def session_moves(context: Context) -> str:
    link = await context.connect()
    (await link.create(context.path("e"), flags=1)).ok()
    await link.drop()
    again = await context.attach(link, address=context.target.others[0])
    same("sessionId", again.session_id, link.session_id)
    (await again.sync("/")).ok()
    owner = (await again.exists(context.path("e"))).stat().ephemeral_owner
    same("owner", owner, link.session_id)
    return "same session"


@check("session_moved", "the connection that a session moved from is closed at its next write")
async def session_moved(context: Context) -> str:
    link, path = await context.node()
    again = await context.attach(link, address=context.target.others[0])
    body = records.SET_DATA_REQUEST.encode(path, b"old", -1)
    # A number that the new connection does not use: the refusal is a transaction, and a member
    # with a pending request of the same session and number takes it for that request's outcome.
    await link.send(OpCode.SET_DATA, body, xid=UNUSED_XID)
    await link.closed()
    (await again.sync(path)).ok()
    same("data", (await again.get_data(path)).values(records.GET_DATA_RESPONSE)[0], b"")
    return "closed without a reply, nothing written"


@check("wrong_password", "a wrong passwd is refused at another member too")
async def wrong_password(context: Context) -> str:
    link = await context.connect()
    wire = await context.wire(context.target.others[0])
    granted = await shake(wire, connect_request(session_id=link.session_id, password=b"\xff" * 16))
    if granted is None:
        raise Mismatch("closed without an answer")
    require(granted.refused, f"timeOut {granted.timeout_ms}")
    same("behind the answer", await wire.frame(), None)
    (await link.ping()).ok()
    return "refused, and the session's connection stays"


@check("ephemerals", "an ephemeral node goes at every member when its session ends")
async def ephemerals(context: Context) -> str:
    link = await context.connect()
    observer = await context.connect(address=context.target.others[0])
    (await link.create(context.path("e"), flags=1)).ok()
    (await observer.sync("/")).ok()
    (await observer.exists(context.path("e"), watch=True)).ok()
    await link.aclose()
    same("event", (await observer.next_event()).what, (DELETED, context.path("e")))
    return (await observer.exists(context.path("e"))).refused(NoNode)


@check("session_id", "session ids of two members differ in their high byte")
async def session_id(context: Context) -> str:
    here = await context.connect()
    there = await context.connect(address=context.target.others[0])
    require(here.session_id >> 56 != there.session_id >> 56, f"{here.session_id:#x} both")
    return "different"
