"""Sessions: how they end, what goes with them; closeSession and getEphemerals (-11, 103)."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

import trio

from zkwire import NoNode, OpCode, SessionExpired
from zkwire._jute import records
from zkwire.conformance._calls import Link
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._handshake import connect_request, shake
from zkwire.conformance._link import PING
from zkwire.conformance._mismatch import require, same
from zkwire.conformance._reply import word_for
from zkwire.conformance.checks.watches import DELETED

# Short enough to wait for, long enough for a busy machine; servers may raise it.
SHORT_MS = 1000

close = Group("close_session")
check = Group("sessions")
ephemerals = Group("get_ephemerals", since=(3, 6, 0))


@close("reply", "err 0 without a body, then a close")
async def reply(context: Context) -> str:
    link = await context.connect()
    observed = (await link.close_session()).empty()
    await link.closed()
    return f"{observed}, closed"


@close("behind", "requests behind it may get a reply or none; then a close")
async def behind(context: Context) -> str:
    link = await context.connect()
    ping = records.REQUEST_HEADER.encode(PING, OpCode.PING)
    await link.wire.send_frames([records.REQUEST_HEADER.encode(1, OpCode.CLOSE_SESSION), ping])
    (await link.reply(1)).ok()
    # How far the ping gets before the socket is closed is a race within the server: no reply,
    # one with -112, and one with 0 have all been seen.
    frame = await link.wire.frame()
    if frame is not None:
        err = int.from_bytes(frame[12:16], "big", signed=True)
        require(err in {0, SessionExpired.code}, word_for(err))
        await link.closed()
    return "closed"


@close("ephemerals", "the ephemeral nodes are gone when the reply comes")
async def close_ephemerals(context: Context) -> str:
    link, observer = await context.connect(), await context.connect()
    (await link.create(context.path("e"), flags=1)).ok()
    (await link.close_session()).ok()
    await link.closed()
    (await observer.sync("/")).ok()
    return (await observer.exists(context.path("e"))).refused(NoNode)


@close("persistent", "nodes that are not ephemeral stay")
async def persistent(context: Context) -> str:
    link, path = await context.node()
    (await link.close_session()).ok()
    await link.closed()
    observer = await context.connect()
    (await observer.exists(path)).ok()
    return "ok"


@check("drop", "a connection that breaks leaves session and ephemeral nodes")
async def drop(context: Context) -> str:
    link, observer = await context.connect(), await context.connect()
    (await link.create(context.path("e"), flags=1)).ok()
    await link.drop()
    (await observer.exists(context.path("e"))).ok()
    (await context.attach(link)).session_id  # noqa: B018  # and ends it with the check
    return "still there"


@check("expiry", "ephemeral nodes go when nobody attached the session for its timeout")
async def expiry(context: Context) -> str:
    observer = await context.connect()
    link = await context.connect(timeout_ms=SHORT_MS)
    (await link.create(context.path("e"), flags=1)).ok()
    (await observer.exists(context.path("e"), watch=True)).ok()
    await link.drop()
    same("event", (await observer.next_event()).what, (DELETED, context.path("e")))
    return "NodeDeleted"


@check("expiry_refused", "a session that expired is refused: all zeros, then a close")
async def expiry_refused(context: Context) -> str:
    observer = await context.connect()
    link = await context.connect(timeout_ms=SHORT_MS)
    (await link.create(context.path("e"), flags=1)).ok()
    (await observer.exists(context.path("e"), watch=True)).ok()
    await link.drop()
    await observer.next_event()
    wire = await context.wire()
    granted = await shake(
        wire, connect_request(session_id=link.session_id, password=link.granted.password)
    )
    require(granted is not None and granted.refused, f"{granted}")
    same("behind the answer", await wire.frame(), None)
    return "timeOut 0, closed"


@check("expiry_connected", "a client that is silent too long: closed without a word")
async def expiry_connected(context: Context) -> str:
    link = await context.connect(timeout_ms=SHORT_MS)
    await link.closed()
    return "closed"


@check("not_before_timeout", "the server waits for the whole timeout")
async def not_before_timeout(context: Context) -> str:
    link = await context.connect(timeout_ms=SHORT_MS)
    started = trio.current_time()
    await link.closed()
    waited = trio.current_time() - started
    # The clock here starts when the answer came, the server's a moment before.
    require(waited > 0.9 * link.granted.timeout_ms / 1000, f"closed after {waited:.3f} s")
    return "not before"


@check("pings", "pings keep a session alive beyond its timeout")
async def pings(context: Context) -> str:
    link = await context.connect(timeout_ms=SHORT_MS)
    seconds = link.granted.timeout_ms / 1000
    end = trio.current_time() + 2 * seconds
    while trio.current_time() < end:
        (await link.ping()).ok()
        await trio.sleep(seconds / 5)
    (await link.get_data("/")).ok()
    return "alive after twice the timeout"


async def own_nodes(link: Link, prefix: str | None) -> list[str]:
    """What getEphemerals gives, sorted."""
    (found,) = (await link.get_ephemerals(prefix)).values(records.GET_EPHEMERALS_RESPONSE)
    return sorted(found or [])


async def with_ephemerals(context: Context) -> tuple[Link, list[str]]:
    """A session with three ephemeral nodes."""
    link = await context.connect()
    paths = [context.path(name) for name in ("a1", "a2", "b1")]
    for path in paths:
        (await link.create(path, flags=1)).ok()
    return link, paths


@ephemerals("root", "the session's own ephemeral nodes, for the prefix /")
async def ephemerals_root(context: Context) -> str:
    link, paths = await with_ephemerals(context)
    same("paths", await own_nodes(link, "/"), paths)
    return "three paths"


@ephemerals("null", "a null prefix means all")
async def ephemerals_null(context: Context) -> str:
    link, paths = await with_ephemerals(context)
    same("paths", await own_nodes(link, None), paths)
    return "three paths"


@ephemerals("empty", "an empty prefix means all")
async def ephemerals_empty(context: Context) -> str:
    link, paths = await with_ephemerals(context)
    same("paths", await own_nodes(link, ""), paths)
    return "three paths"


@ephemerals("prefix", "a prefix of the text, not of the path's names")
async def ephemerals_prefix(context: Context) -> str:
    link, paths = await with_ephemerals(context)
    same("paths", await own_nodes(link, context.path("a")), paths[:2])
    return "two paths"


@ephemerals("others", "not those of other sessions")
async def ephemerals_others(context: Context) -> str:
    await with_ephemerals(context)
    same("paths", await own_nodes(await context.connect(), "/"), [])
    return "empty list"


@ephemerals("no_match", "an empty list where the prefix matches nothing")
async def ephemerals_no_match(context: Context) -> str:
    link, _ = await with_ephemerals(context)
    same("paths", await own_nodes(link, "/elsewhere"), [])
    return "empty list"
