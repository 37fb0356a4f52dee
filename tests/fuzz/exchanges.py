"""What clients ask and servers answer: the vocabulary of a fuzzed conversation."""

from __future__ import annotations

from collections.abc import Callable

from zkwire._jute import records
from zkwire._models import OPEN_ACL_UNSAFE, Identity, SessionCredentials, Stat
from zkwire._proto import _multi as multi
from zkwire._proto import _requests as build
from zkwire._proto._operations import AUTH, SET_WATCHES
from zkwire._proto._request import Request
from zkwire._types import CreateMode, WatcherType, WatchKind

SESSION = 0x0100_0000_0000_0001
KNOWN = SessionCredentials(id=SESSION, password=bytes(16))
STAT = Stat(*range(1, 12))
MAX_FRAME = 1024

_stat = records.EXISTS_RESPONSE.encode(STAT)
_path = records.CREATE_RESPONSE.encode("/a")
_texts = records.GET_CHILDREN_RESPONSE.encode(["a", "b"])
_header = records.MULTI_HEADER.encode
_end = _header(-1, True, -1)
_results = b"".join([_header(2, False, 0), _header(5, False, 0), _stat, _end])

WRITES = [multi.Delete("/a"), multi.SetData("/b", b"x")]
READS = [multi.GetData("/a"), multi.GetChildren("/b")]

# What a client asks for, and the body of a good answer.
REQUESTS: list[tuple[Callable[[], Request], bytes]] = [
    (lambda: build.get_data("/a", watch=True), records.GET_DATA_RESPONSE.encode(b"x", STAT)),
    (lambda: build.exists("/a"), _stat),
    (lambda: build.create("/a", b"", CreateMode.EPHEMERAL, OPEN_ACL_UNSAFE, None), _path),
    (lambda: build.create2("/a", b"", CreateMode.CONTAINER, OPEN_ACL_UNSAFE, None), _path + _stat),
    (lambda: build.set_data("/a", None, -1), _stat),
    (lambda: build.delete("/a", -1), b""),
    (lambda: build.get_children("/a"), _texts),
    (lambda: build.get_children2("/a"), _texts + _stat),
    (lambda: build.get_acl("/a"), records.GET_ACL_RESPONSE.encode(list(OPEN_ACL_UNSAFE), STAT)),
    (lambda: build.set_acl("/a", OPEN_ACL_UNSAFE, -1), _stat),
    (lambda: build.multi(WRITES), _results),
    (
        lambda: build.multi_read(READS),
        _header(-1, False, -101) + b"\xff\xff\xff\x9b" + _header(8, False, 0) + _texts + _end,
    ),
    (lambda: build.sync("/a"), _path),
    (lambda: build.sasl(b"token"), records.SET_SASL_RESPONSE.encode(None)),
    (lambda: build.get_ephemerals("/"), _texts),
    (lambda: build.get_all_children_number("/"), b"\x00\x00\x00\x05"),
    (build.who_am_i, records.WHO_AM_I_RESPONSE.encode([Identity("ip", "::1")])),
    (lambda: build.add_watch("/a", recursive=True), b""),
    (lambda: build.remove_watches("/a", WatcherType.ANY), b""),
    (lambda: build.reconfig(None, ["3"], None, -1), records.GET_DATA_RESPONSE.encode(b"x", STAT)),
]
# Asked for under an xid of their own, which the answer carries.
SPECIAL: list[tuple[int, Callable[[], Request]]] = [
    (-4, lambda: build.auth("digest", b"a:b")),
    (-8, lambda: build.set_watches(0, {WatchKind.DATA: ["/a"]})),
]
SPECIAL_OPERATIONS = {AUTH: -4, SET_WATCHES: -8}


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def reply(xid: int, zxid: int, err: int, body: bytes) -> bytes:
    return framed(records.REPLY_HEADER.encode(xid, zxid, err) + body)


def connect_reply(timeout: int, session: int) -> bytes:
    return framed(records.CONNECT_RESPONSE.encode(0, timeout, session, bytes(16)) + b"\x00")
