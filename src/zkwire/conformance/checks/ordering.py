"""Order, and sync (9)."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import OpCode
from zkwire._jute import records
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require, same
from zkwire.conformance.checks.watches import CHANGED

check = Group("ordering")
sync = Group("sync")


@check("pipeline", "a read behind a write, without waiting, sees the write")
async def pipeline(context: Context) -> str:
    link, path = await context.node()
    write = await link.send(OpCode.SET_DATA, records.SET_DATA_REQUEST.encode(path, b"new", -1))
    read = await link.send(OpCode.GET_DATA, records.GET_DATA_REQUEST.encode(path, False))
    (await link.reply(write)).ok()
    data, _ = (await link.reply(read)).values(records.GET_DATA_RESPONSE)
    same("data", data, b"new")
    return "the new data"


@check("mixed", "reads and writes without waiting: replies in the order of the requests")
async def mixed(context: Context) -> str:
    link, path = await context.node()
    read = records.GET_DATA_REQUEST.encode(path, False)
    write = records.SET_DATA_REQUEST.encode(path, b"x", -1)
    xids = [
        await link.send(*((OpCode.SET_DATA, write) if turn % 3 else (OpCode.GET_DATA, read)))
        for turn in range(60)
    ]
    for xid in xids:
        (await link.reply(xid)).ok()
    return "60 replies in order"


@check("zxids", "the zxids of replies never fall")
async def zxids(context: Context) -> str:
    link, path = await context.node()
    seen = [(await link.set_data(path, b"x")).ok().zxid for _ in range(10)]
    seen.append((await link.get_data(path)).ok().zxid)
    require(seen == sorted(seen), f"{seen}")
    return "rising"


@check("events", "events come in the order of their changes")
async def events(context: Context) -> str:
    link = await context.connect()
    watcher = await context.connect()
    paths = [context.path(f"n{number}") for number in range(10)]
    for path in paths:
        (await link.create(path)).ok()
        (await watcher.get_data(path, watch=True)).ok()
    for path in reversed(paths):
        (await link.set_data(path, b"x")).ok()
    (await watcher.sync("/")).ok()
    await watcher.heard(*((CHANGED, path) for path in reversed(paths)))
    return "10 events in order"


@check("event_before_data", "a reader hears of a change before it can see it")
async def event_before_data(context: Context) -> str:
    link, path = await context.node()
    reader = await context.connect()
    (await reader.get_data(path, watch=True)).ok()
    (await link.set_data(path, b"new")).ok()
    while True:
        xid = await reader.send(OpCode.GET_DATA, records.GET_DATA_REQUEST.encode(path, False))
        first = await reader.receive()
        if first.xid == xid:
            data, _ = first.values(records.GET_DATA_RESPONSE)
            require(data != b"new", "the data before the event")
            continue
        (await reader.reply(xid)).ok()
        return "event, then data"


@sync("path", "the path comes back")
async def path_echoed(context: Context) -> str:
    link = await context.connect()
    same("path", (await link.sync(context.parent)).values(records.SYNC_RESPONSE), (context.parent,))
    return "the path"


@sync("missing", "a missing path is as good as any")
async def missing(context: Context) -> str:
    link = await context.connect()
    path = context.path("missing")
    same("path", (await link.sync(path)).values(records.SYNC_RESPONSE), (path,))
    return "the path"


@sync("read_behind", "a read behind it sees what another connection wrote before")
async def read_behind(context: Context) -> str:
    writer, path = await context.node()
    reader = await context.connect()
    (await writer.set_data(path, b"new")).ok()
    first = await reader.send(OpCode.SYNC, records.SYNC_REQUEST.encode(path))
    read = await reader.send(OpCode.GET_DATA, records.GET_DATA_REQUEST.encode(path, False))
    (await reader.reply(first)).ok()
    same("data", (await reader.reply(read)).values(records.GET_DATA_RESPONSE)[0], b"new")
    return "the new data"
