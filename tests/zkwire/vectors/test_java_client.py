"""The official Java client's own bytes, and what it made of the answers.

``java-3.8.0.jsonl`` holds 63 exchanges recorded between the official Java client 3.8.0 and a
ZooKeeper 3.8.0 server, without the lengths of the frames: each line an operation, its request,
all that the server wrote up to and with the reply, and the result as Java printed it.  For each,
the public call sends the same bytes but for the request's number, reads the same events, and
returns the same result.  All are calls that an application makes: none is Java's own business.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import Peer, connected
from server_frames import framed, reply
from zkwire import (
    Acl,
    Check,
    Connection,
    Create,
    Created,
    CreateMode,
    Delete,
    EventType,
    GetChildren,
    GetData,
    Identity,
    Perms,
    ReplyError,
    SetData,
    Stat,
    WatcherType,
)
from zkwire._jute import Record, records

LINES = (Path(__file__).parent / "java-3.8.0.jsonl").read_text("utf-8").splitlines()
RECORDED = [json.loads(line) for line in LINES]
BY_OP = {line["op"]: line for line in RECORDED}


@dataclass(frozen=True)
class Call:
    """What an application writes for an operation, and the events that come with its answer."""

    op: str
    make: Callable[[Connection], Awaitable[Any]]
    events: tuple[tuple[EventType, str], ...] = ()


async def _first(call: Awaitable[tuple]) -> Any:
    return (await call)[0]


async def _follow(zk: Connection, path: str, *, recursive: bool) -> None:
    async with zk.watch(path, recursive=recursive):
        pass


MADE, GONE = EventType.NODE_CREATED, EventType.NODE_DELETED
CHANGED, CHILDREN = EventType.NODE_DATA_CHANGED, EventType.NODE_CHILDREN_CHANGED
SEQUENTIAL, EPHEMERAL = CreateMode.PERSISTENT_SEQUENTIAL, CreateMode.EPHEMERAL
TTL, TTL_SEQUENTIAL = CreateMode.PERSISTENT_WITH_TTL, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL
CREATOR_ALL = [Acl(Perms.ALL, Identity("auth", ""))]
MULTI = [
    Create("/v/m1", b"1", with_stat=False),
    Create("/v/m2", b"2", CreateMode.CONTAINER),
    SetData("/v/m1", b"3"),
    Check("/v"),
    Delete("/v/m1"),
]
FAILING = [Create("/v/m3", None, with_stat=False), Check("/v", 999), Delete("/v/kid")]
READS = [GetData("/v/later"), GetChildren("/v/kid"), GetData("/none")]

CALLS = [
    Call("create /v data=root persistent", lambda zk: zk.create("/v", b"root")),
    Call("create2 /v/c2 data=d persistent with stat", lambda zk: zk.create2("/v/c2", b"d")),
    Call("create /v/null data=null", lambda zk: zk.create("/v/null", None)),
    Call("create /v/empty data=empty", lambda zk: zk.create("/v/empty", b"")),
    Call("create /v/e ephemeral", lambda zk: zk.create("/v/e", b"e", EPHEMERAL)),
    Call("create /v/s- persistent_sequential", lambda zk: zk.create("/v/s-", b"s", SEQUENTIAL)),
    Call(
        "create2 /v/es- ephemeral_sequential with stat",
        lambda zk: zk.create2("/v/es-", b"s", CreateMode.EPHEMERAL_SEQUENTIAL),
    ),
    Call("create /v/cont container", lambda zk: zk.create("/v/cont", b"k", CreateMode.CONTAINER)),
    Call("createTTL /v/ttl ttl=60000", lambda zk: zk.create("/v/ttl", b"t", TTL, ttl=60)),
    Call(
        "createTTL /v/ttls- sequential ttl=3600000",
        lambda zk: zk.create("/v/ttls-", b"t", TTL_SEQUENTIAL, ttl=3600),
    ),
    Call(
        "create /v/uni-é-日本 unicode",
        lambda zk: zk.create("/v/uni-é-日本", "ü".encode()),
    ),
    Call("create /v again -> NODEEXISTS", lambda zk: zk.create("/v", None)),
    Call("create /nope/x -> NONODE", lambda zk: zk.create("/nope/x", None)),
    Call("create /v/e/child -> NOCHILDRENFOREPHEMERALS", lambda zk: zk.create("/v/e/child", None)),
    Call("exists /v", lambda zk: zk.exists("/v")),
    Call("exists /none", lambda zk: zk.exists("/none")),
    Call("exists /v/later watch", lambda zk: _first(zk.exists_and_watch("/v/later"))),
    Call("exists /v/c2 watch", lambda zk: _first(zk.exists_and_watch("/v/c2"))),
    Call("getData /v", lambda zk: zk.get("/v")),
    Call("getData /v/null", lambda zk: zk.get("/v/null")),
    Call("getData /v/empty", lambda zk: zk.get("/v/empty")),
    Call("getData /none -> NONODE", lambda zk: zk.get("/none")),
    Call("getData /v watch", lambda zk: _first(zk.get_and_watch("/v"))),
    Call(
        "setData /v new version=0 (fires data watch)",
        lambda zk: zk.set("/v", b"new", 0),
        ((CHANGED, "/v"),),
    ),
    Call("setData /v version=0 -> BADVERSION", lambda zk: zk.set("/v", b"x", 0)),
    Call("setData /v version=-1 null", lambda zk: zk.set("/v", None)),
    Call(
        "create /v/later (fires exist watch)",
        lambda zk: zk.create("/v/later", None),
        ((MADE, "/v/later"),),
    ),
    Call(
        "delete /v/c2 (fires data watch set by exists)",
        lambda zk: zk.delete("/v/c2"),
        ((GONE, "/v/c2"),),
    ),
    Call("delete /v/empty version=7 -> BADVERSION", lambda zk: zk.delete("/v/empty", 7)),
    Call("delete /v -> NOTEMPTY", lambda zk: zk.delete("/v")),
    Call("delete /none -> NONODE", lambda zk: zk.delete("/none")),
    Call("getChildren /v", lambda zk: zk.get_children("/v")),
    Call("getChildren2 /v", lambda zk: zk.get_children2("/v")),
    Call("getChildren /v/empty", lambda zk: zk.get_children("/v/empty")),
    Call("getChildren2 /v watch", lambda zk: _first(zk.get_children_and_watch("/v"))),
    Call(
        "create /v/kid (fires child watch)",
        lambda zk: zk.create("/v/kid", None),
        ((CHILDREN, "/v"),),
    ),
    Call("getACL /v", lambda zk: _first(zk.get_acl("/v"))),
    Call("addAuth digest bob:secret", lambda zk: zk.add_auth("digest", b"bob:secret")),
    Call("whoAmI", lambda zk: zk.whoami()),
    Call("create /v/mine creator_all", lambda zk: zk.create("/v/mine", b"m", acl=CREATOR_ALL)),
    Call("getACL /v/mine", lambda zk: _first(zk.get_acl("/v/mine"))),
    # The name is what was expected of it; the connection had the right identity.
    Call("setData /v/mine -> NOAUTH", lambda zk: zk.set("/v/mine", b"q")),
    Call("sync /v", lambda zk: zk.sync("/v")),
    Call("getEphemerals /v", lambda zk: zk.get_ephemerals("/v")),
    Call("getEphemerals all", lambda zk: zk.get_ephemerals()),
    Call("getAllChildrenNumber /v", lambda zk: zk.get_all_children_number("/v")),
    Call("addWatch /v/kid persistent", lambda zk: _follow(zk, "/v/kid", recursive=False)),
    Call("addWatch /v persistent_recursive", lambda zk: _follow(zk, "/v", recursive=True)),
    Call(
        "create /v/kid/x (fires persistent and recursive)",
        lambda zk: zk.create("/v/kid/x", None),
        ((MADE, "/v/kid/x"), (CHILDREN, "/v/kid")),
    ),
    Call("setData /v/kid/x", lambda zk: zk.set("/v/kid/x", b"1"), ((CHANGED, "/v/kid/x"),)),
    Call(
        "delete /v/kid/x",
        lambda zk: zk.delete("/v/kid/x"),
        ((GONE, "/v/kid/x"), (CHILDREN, "/v/kid")),
    ),
    Call("removeWatches /v/kid any", lambda zk: zk.remove_watches("/v/kid", WatcherType.ANY)),
    Call(
        "multi ok: create, create2 container, setData, check, delete",
        lambda zk: zk.multi(MULTI),
        ((MADE, "/v/m1"), (MADE, "/v/m2"), (CHANGED, "/v/m1"), (GONE, "/v/m1")),
    ),
    Call("multi fail: create, check badversion, delete", lambda zk: zk.multi(FAILING)),
    Call("multiRead: getData, getChildren, getData none", lambda zk: zk.multi_read(READS)),
    Call(
        "createTTL in multi",
        lambda zk: zk.multi([Create("/v/mt", None, TTL, ttl=5)]),
        ((MADE, "/v/mt"),),
    ),
    Call("getData /zookeeper/config", lambda zk: zk.get_config()),
    Call(
        "getData /v 100KiB roundtrip set",
        lambda zk: zk.set("/v/kid", bytes(3000)),
        ((CHANGED, "/v/kid"),),
    ),
    Call(
        "closeSession",
        lambda zk: zk.aclose(),
        ((GONE, "/v/e"), (GONE, "/v/es-0000000005")),
    ),
]
OF_THEIR_OWN = {"connect session_timeout=10000", "ping"}


def as_java_prints(value: object) -> str | None:
    """Results as the recording has them, which names a multi's by their classes alone."""
    match value:
        case None:
            return "null"
        case ReplyError():
            return f"KeeperException {type(value).__name__.upper()}"
        case bytes():
            return value.decode() or None
        case Stat():
            return ",".join(map(str, value))
        case [Acl(), *_]:
            return "[" + ", ".join(f"{int(p)},s{{'{s},'{i}}} " for p, (s, i) in value) + "]"
        case [Identity(), *_]:
            return "[" + ", ".join(f"'{scheme},'{name} " for scheme, name in value) + "]"
        case [*names] if all(isinstance(name, str) for name in names) and type(value) is list:
            return f"[{', '.join(names)}]"
        case (str(), Stat() as stat):
            return as_java_prints(stat)
        case (bytes() | None as data, Stat()):
            return as_java_prints(data)
        case ([*_] as names, Stat()):
            return as_java_prints(list(names))
        case _:
            return str(value)


def java_result(op: str, value: object) -> str | None:
    if op == "sync /v":
        return "0 /v" if value is None else "?"  # Java tells the path that went in
    if op.startswith("create2 /v/es-"):
        return value[0]  # here the path was printed, and not the Stat
    return as_java_prints(value)


class Heard:
    """Takes every event of the paths it is registered for."""

    def __init__(self, zk: Connection, events: tuple[tuple[EventType, str], ...]) -> None:
        self.streams = {
            path: zkwire.WatchStream(path, lambda server_path: server_path) for _, path in events
        }
        for path, stream in self.streams.items():
            zk.watches.register(zkwire.WatchKind.PERSISTENT, path, stream)
        self.expected = events

    async def check(self) -> None:
        for type_, path in self.expected:
            assert await anext(self.streams[path]) == (type_, path, -1)
        assert all(repr(one).endswith(" 0 waiting>") for one in self.streams.values())


async def _played(call: Call) -> object:
    """Make a call against a peer that expects the recorded bytes and answers as recorded."""
    recorded = BY_OP[call.op]
    request = bytes.fromhex(recorded["request"])
    kept: list[object] = []
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        heard = Heard(zk, call.events)

        async def run() -> None:
            try:
                kept.append(await call.make(zk))
            except ReplyError as error:
                kept.append(error)
            nursery.cancel_scope.cancel()

        nursery.start_soon(run)
        sent = await peer.frame()
        xid = sent[:4] if sent[:4] == request[:4] == b"\xff\xff\xff\xfc" else b"\0\0\0\x01"
        assert sent == xid + request[4:]
        for answer in map(bytes.fromhex, recorded["reply"]):
            mine = xid + answer[4:] if answer[:4] == request[:4] else answer
            await peer.send(framed(mine))
        await trio.testing.wait_all_tasks_blocked()
        await heard.check()
        while True:  # what follows of a call that is more than one request
            later = await peer.request()
            await peer.send(reply(later.xid, 2**40))
    return kept[0]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.op)
async def test_a_call_sends_and_reads_what_the_java_client_does(call, autojump_clock):
    got = await _played(call)
    result = BY_OP[call.op]["result"]
    if "OpResult$" not in (result or ""):
        assert java_result(call.op, got) == result


async def test_the_results_of_the_multis(autojump_clock):
    by_op = {call.op: call for call in CALLS}
    names = iter(call for call in by_op if "multi" in call)
    whole = await _played(by_op[next(names)])
    first, second, written, *rest = whole
    assert first == Created("/v/m1", None)
    assert (second.path, second.stat.czxid) == ("/v/m2", 0xC4D)
    assert (written.version, written.mzxid) == (1, 0xC4D)
    assert rest == [None, None]

    failure = await _played(by_op[next(names)])
    assert (type(failure), failure.index, failure.path) == (zkwire.BadVersion, 1, "/v")
    assert [error.code for error in failure.results] == [0, -103, -2]

    data, children, missing = await _played(by_op[next(names)])
    assert data[0] is None
    assert data[1].czxid == 0xC42
    assert children == []
    assert (type(missing), missing.path) == (zkwire.NoNode, "/none")

    (ttl,) = await _played(by_op[next(names)])
    assert (ttl.path, ttl.stat.czxid) == ("/v/mt", 0xC4F)
    assert next(names, None) is None


async def test_the_stat_of_an_ephemeral_node(autojump_clock):
    (call,) = [call for call in CALLS if call.op.startswith("create2 /v/es-")]
    path, stat = await _played(call)
    assert path == "/v/es-0000000005"
    expected = (3127, 3127, 1795346895343, 1795346895343, 0, 0, 0, 0x0100000D6AA50610, 1, 0, 3127)
    assert stat == expected


async def test_data_that_is_null_is_not_empty(autojump_clock):
    by_op = {call.op: call for call in CALLS}
    assert (await _played(by_op["getData /v/null"]))[0] is None
    assert (await _played(by_op["getData /v/empty"]))[0] == b""


async def test_the_handshake(autojump_clock):
    recorded = BY_OP["connect session_timeout=10000"]
    near, far = trio.testing.memory_stream_pair()
    peer = Peer(far)
    (answer,) = map(bytes.fromhex, recorded["reply"])
    await peer.send(framed(answer))
    async with zkwire.open_connection_over(near, session_timeout=10.0) as zk:
        assert await peer.frame() == bytes.fromhex(recorded["request"])
        assert zk.session.negotiated_timeout == 4.0
        assert zk.session.credentials.id == 0x0100000D6AA50610
        assert zk.session.credentials.password.hex() == "4c01b0f7006140faada36f5dc7a93ade"
        assert not zk.session.read_only
        zk.detach()


async def test_the_pings(autojump_clock):
    pings = [line for line in RECORDED if line["op"] == "ping"]
    assert len(pings) == 3
    async with connected() as (zk, peer):
        for recorded in pings:
            assert await peer.frame() == bytes.fromhex(recorded["request"])
            sent_at = trio.current_time()
            await peer.send(*(framed(bytes.fromhex(answer)) for answer in recorded["reply"]))
            await trio.testing.wait_all_tasks_blocked()
            assert zk.last_contact == sent_at
        assert zk.last_zxid == 0


def test_every_recorded_exchange_is_tested():
    assert len(RECORDED) == 63
    tested = [call.op for call in CALLS]
    assert len(tested) == len(set(tested)) == 59
    assert {line["op"] for line in RECORDED} == {*tested, *OF_THEIR_OWN}


# --- records ----------------------------------------------------------------------------------

# By opcode: what a request holds behind its header, and a reply without an error behind its own.
BODIES = {
    1: (records.CREATE_REQUEST, records.CREATE_RESPONSE),
    2: (records.DELETE_REQUEST, records.EMPTY),
    3: (records.EXISTS_REQUEST, records.EXISTS_RESPONSE),
    4: (records.GET_DATA_REQUEST, records.GET_DATA_RESPONSE),
    5: (records.SET_DATA_REQUEST, records.SET_DATA_RESPONSE),
    6: (records.GET_ACL_REQUEST, records.GET_ACL_RESPONSE),
    8: (records.GET_CHILDREN_REQUEST, records.GET_CHILDREN_RESPONSE),
    9: (records.SYNC_REQUEST, records.SYNC_RESPONSE),
    11: (records.EMPTY, records.EMPTY),
    12: (records.GET_CHILDREN2_REQUEST, records.GET_CHILDREN2_RESPONSE),
    13: (records.CHECK_VERSION_REQUEST, records.EMPTY),
    15: (records.CREATE_REQUEST, records.CREATE2_RESPONSE),
    18: (records.REMOVE_WATCHES_REQUEST, records.EMPTY),
    19: (records.CREATE_REQUEST, records.CREATE2_RESPONSE),
    21: (records.CREATE_TTL_REQUEST, records.CREATE2_RESPONSE),
    100: (records.AUTH_PACKET, records.EMPTY),
    103: (records.GET_EPHEMERALS_REQUEST, records.GET_EPHEMERALS_RESPONSE),
    104: (records.GET_ALL_CHILDREN_NUMBER_REQUEST, records.GET_ALL_CHILDREN_NUMBER_RESPONSE),
    106: (records.ADD_WATCH_REQUEST, records.ERROR_RESPONSE),
    107: (records.EMPTY, records.WHO_AM_I_RESPONSE),
    -1: (records.ERROR_RESPONSE, records.ERROR_RESPONSE),
    -11: (records.EMPTY, records.EMPTY),
}


def read_and_made_again(record: Record, body: bytes, start: int = 0) -> int:
    """Where the record ends; both engines read and write it alike."""
    values, end = record.decode_from(body, start, len(body))
    piece = body[start:end]
    assert record.parse(piece) == values
    assert record.encode(*values) == piece
    assert record.build(*values) == piece
    return end


def list_read_and_made_again(body: bytes, side: int) -> None:
    pos, done = 0, False
    while not done:
        (kind, done, _), _ = records.MULTI_HEADER.decode_from(body, pos, len(body))
        pos = read_and_made_again(records.MULTI_HEADER, body, pos)
        if not done:
            pos = read_and_made_again(BODIES[kind][side], body, pos)
    assert pos == len(body)


@pytest.mark.parametrize("op", [op for op in BY_OP if not op.startswith("connect")])
def test_both_engines_on_requests_and_replies(op):
    request = bytes.fromhex(BY_OP[op]["request"])
    (xid, opcode), _ = records.REQUEST_HEADER.decode_from(request, 0, len(request))
    is_list = opcode in {14, 22}
    if is_list:
        list_read_and_made_again(request[8:], 0)
    else:
        assert read_and_made_again(BODIES[opcode][0], request[8:]) == len(request[8:])
    for answer in map(bytes.fromhex, BY_OP[op]["reply"]):
        (to, _, err), _ = records.REPLY_HEADER.decode_from(answer, 0, len(answer))
        body = answer[16:]
        if err:
            assert body == b""
        elif to != xid:
            assert to == -1
            assert read_and_made_again(records.WATCHER_EVENT, body) == len(body)
        elif is_list:
            list_read_and_made_again(body, 1)
        else:
            assert read_and_made_again(BODIES[opcode][1], body) == len(body)


def test_both_engines_on_the_handshake():
    recorded = BY_OP["connect session_timeout=10000"]
    request = bytes.fromhex(recorded["request"])
    assert read_and_made_again(records.CONNECT_REQUEST, request) == len(request)
    (answer,) = map(bytes.fromhex, recorded["reply"])
    assert read_and_made_again(records.CONNECT_RESPONSE, answer[:36]) == 36
    assert read_and_made_again(records.CONNECT_RESPONSE_READ_ONLY, answer[36:]) == 1
