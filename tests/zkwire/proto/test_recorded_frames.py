"""The official Java client's own bytes.

``jute/data/java-3.8.0.jsonl`` holds frames recorded between the official Java client 3.8.0 and a
ZooKeeper 3.8.0 server, without their lengths: each line an operation, its request, and all that the
server wrote up to and with the reply.  We send the same bytes for the same operations, and read the
same values.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from server_frames import active, framed, frames_of
from zkwire import NoChildrenForEphemerals, NodeExists, NoNode, NotEmpty
from zkwire._errors import BadVersion, ReplyError
from zkwire._models import OPEN_ACL_UNSAFE, Stat, WatchEvent
from zkwire._proto import _requests as requests
from zkwire._proto._events import ReplyReceived, SessionClosed, SessionOpened, WatchFired
from zkwire._proto._protocol import ZkProtocol
from zkwire._proto._request import Request
from zkwire._types import CreateMode, EventType

PATH = Path(__file__).parent.parent / "jute" / "data" / "java-3.8.0.jsonl"


@dataclass(frozen=True)
class Recorded:
    op: str
    request: bytes
    replies: list[bytes]

    @property
    def xid(self) -> int:
        return int.from_bytes(self.request[:4], "big", signed=True)


def _recorded(line: str) -> Recorded:
    fields = json.loads(line)
    replies = [bytes.fromhex(reply) for reply in fields["reply"]]
    return Recorded(fields["op"], bytes.fromhex(fields["request"]), replies)


RECORDED = {one.op: one for one in map(_recorded, PATH.read_text("utf-8").splitlines())}


def made(path: str, data: bytes | None, mode=CreateMode.PERSISTENT, ttl=None) -> Request:
    return requests.create(path, data, mode, OPEN_ACL_UNSAFE, ttl)


def made2(path: str, data: bytes | None, mode=CreateMode.PERSISTENT) -> Request:
    return requests.create2(path, data, mode, OPEN_ACL_UNSAFE, None)


V = Stat(3121, 3121, 1795346895113, 1795346895113, 0, 10, 0, 0, 4, 10, 3131)
C2 = Stat(3122, 3122, 1795346895155, 1795346895155, 0, 0, 0, 0, 1, 0, 3122)
ES = Stat(3127, 3127, 1795346895343, 1795346895343, 0, 0, 0, 0x0100000D6AA50610, 1, 0, 3127)
NULL = Stat(3123, 3123, 1795346895195, 1795346895195, 0, 0, 0, 0, 0, 0, 3123)
EMPTY = Stat(3124, 3124, 1795346895237, 1795346895237, 0, 0, 0, 0, 0, 0, 3124)
V_SET = Stat(3121, 3135, 1795346895113, 1795346895949, 1, 10, 0, 0, 3, 10, 3131)
V_NULL = Stat(3121, 3137, 1795346895113, 1795346896061, 2, 10, 0, 0, 0, 10, 3131)
V_LATER = V_NULL._replace(cversion=12, pzxid=3139)
CHILDREN = [
    "later",
    "null",
    "e",
    "es-0000000005",
    "ttls-0000000008",
    "cont",
    "ttl",
    "uni-é-日本",
    "empty",
    "s-0000000004",
]
SEQUENTIAL, EPHEMERAL = CreateMode.PERSISTENT_SEQUENTIAL, CreateMode.EPHEMERAL
TTL, TTL_SEQUENTIAL = CreateMode.PERSISTENT_WITH_TTL, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL

ANSWERED: list[tuple[str, Request, object]] = [
    ("create /v data=root persistent", made("/v", b"root"), "/v"),
    ("create2 /v/c2 data=d persistent with stat", made2("/v/c2", b"d"), ("/v/c2", C2)),
    ("create /v/null data=null", made("/v/null", None), "/v/null"),
    ("create /v/empty data=empty", made("/v/empty", b""), "/v/empty"),
    ("create /v/e ephemeral", made("/v/e", b"e", EPHEMERAL), "/v/e"),
    ("create /v/s- persistent_sequential", made("/v/s-", b"s", SEQUENTIAL), "/v/s-0000000004"),
    (
        "create2 /v/es- ephemeral_sequential with stat",
        made2("/v/es-", b"s", CreateMode.EPHEMERAL_SEQUENTIAL),
        ("/v/es-0000000005", ES),
    ),
    ("create /v/cont container", made("/v/cont", b"k", CreateMode.CONTAINER), "/v/cont"),
    ("createTTL /v/ttl ttl=60000", made("/v/ttl", b"t", TTL, 60.0), "/v/ttl"),
    (
        "createTTL /v/ttls- sequential ttl=3600000",
        made("/v/ttls-", b"t", TTL_SEQUENTIAL, 3600.0),
        "/v/ttls-0000000008",
    ),
    (
        "create /v/uni-é-日本 unicode",
        made("/v/uni-é-日本", "ü".encode()),
        "/v/uni-é-日本",
    ),
    ("create /v again -> NODEEXISTS", made("/v", None), NodeExists),
    (
        "create /v/e/child -> NOCHILDRENFOREPHEMERALS",
        made("/v/e/child", None),
        NoChildrenForEphemerals,
    ),
    ("exists /v", requests.exists("/v"), V),
    ("exists /none", requests.exists("/none"), None),
    ("exists /v/later watch", requests.exists("/v/later", watch=True), None),
    ("getData /v", requests.get_data("/v"), (b"root", V)),
    ("getData /v/null", requests.get_data("/v/null"), (None, NULL)),
    ("getData /v/empty", requests.get_data("/v/empty"), (b"", EMPTY)),
    ("getData /none -> NONODE", requests.get_data("/none"), NoNode),
    (
        "setData /v new version=0 (fires data watch)",
        requests.set_data("/v", b"new", 0),
        V_SET,
    ),
    ("setData /v version=0 -> BADVERSION", requests.set_data("/v", b"x", 0), BadVersion),
    ("setData /v version=-1 null", requests.set_data("/v", None, -1), V_NULL),
    ("create /v/later (fires exist watch)", made("/v/later", None), "/v/later"),
    (
        "delete /v/c2 (fires data watch set by exists)",
        requests.delete("/v/c2", -1),
        None,
    ),
    ("delete /v/empty version=7 -> BADVERSION", requests.delete("/v/empty", 7), BadVersion),
    ("delete /v -> NOTEMPTY", requests.delete("/v", -1), NotEmpty),
    ("getChildren /v", requests.get_children("/v"), CHILDREN),
    ("getChildren /v/empty", requests.get_children("/v/empty"), []),
    (
        "getChildren2 /v watch",
        requests.get_children2("/v", watch=True),
        (CHILDREN, V_LATER),
    ),
    ("sync /v", requests.sync("/v"), None),
]
FIRED = {
    "setData /v new version=0 (fires data watch)": (EventType.NODE_DATA_CHANGED, "/v"),
    "create /v/later (fires exist watch)": (EventType.NODE_CREATED, "/v/later"),
    "delete /v/c2 (fires data watch set by exists)": (EventType.NODE_DELETED, "/v/c2"),
}


@pytest.mark.parametrize(("op", "request_", "answer"), ANSWERED)
def test_we_send_and_read_what_the_java_client_does(op, request_, answer):
    recorded = RECORDED[op]
    protocol = active(first_xid=recorded.xid)
    protocol.submit(request_, op)
    assert frames_of(protocol.data_to_send(0.0)) == [recorded.request]
    *events, reply = protocol.receive_data(b"".join(map(framed, recorded.replies)), 0.1)
    fired = [WatchFired(WatchEvent(*FIRED[op], -1))] if op in FIRED else []
    assert events == fired
    assert isinstance(reply, ReplyReceived)
    assert reply.ticket == op
    if isinstance(answer, type) and issubclass(answer, ReplyError):
        assert type(reply.error) is answer
        assert reply.error.path == request_.path
    else:
        assert (reply.value, reply.error) == (answer, None)
    assert protocol.last_zxid == reply.zxid == int.from_bytes(recorded.replies[-1][4:12], "big")


def test_the_handshake():
    recorded = RECORDED["connect session_timeout=10000"]
    protocol = ZkProtocol(session_timeout=10.0, now=0.0)
    assert frames_of(protocol.data_to_send(0.0)) == [recorded.request]
    (event,) = protocol.receive_data(framed(recorded.replies[0]), 0.1)
    assert isinstance(event, SessionOpened)
    assert event.info.negotiated_timeout == 4.0
    assert event.info.credentials.id == 0x0100000D6AA50610
    assert event.info.credentials.password.hex() == "4c01b0f7006140faada36f5dc7a93ade"
    assert not event.info.read_only


def test_a_ping():
    recorded = RECORDED["ping"]
    protocol = active()
    assert protocol.handle_timer(protocol.next_deadline())
    assert frames_of(protocol.data_to_send(1.0)) == [recorded.request]
    assert protocol.receive_data(framed(recorded.replies[0]), 1.1) == []
    assert protocol.liveness.last_contact == 1.0


def test_the_end_of_a_session():
    recorded = RECORDED["closeSession"]
    protocol = active(first_xid=recorded.xid)
    protocol.close("bye")
    assert frames_of(protocol.data_to_send(0.0)) == [recorded.request]
    events = protocol.receive_data(b"".join(map(framed, recorded.replies)), 0.1)
    gone = [event.event.path for event in events[:-1]]
    assert gone == ["/v/e", "/v/es-0000000005"]
    assert isinstance(events[-1], SessionClosed)


def test_every_recorded_exchange_is_tested():
    others = {"connect session_timeout=10000", "ping", "closeSession"}
    assert RECORDED.keys() == {op for op, *_ in ANSWERED} | others
