"""What each operation sends, and what is refused before anything is made of it."""

from __future__ import annotations

import pytest

from server_frames import frames_of
from zkwire._errors import InvalidArgument, InvalidArgumentType
from zkwire._jute import records
from zkwire._models import OPEN_ACL_UNSAFE, Acl, Identity
from zkwire._proto import _requests as requests
from zkwire._types import CreateMode, OpCode, WatcherType, WatchKind

ME = Acl(31, Identity("digest", "me:x"))


def make(path="/a", data=b"", mode=CreateMode.PERSISTENT, acl=OPEN_ACL_UNSAFE, ttl=None):
    return requests.create(path, data, mode, acl, ttl)


def make2(path="/a", data=b"", mode=CreateMode.PERSISTENT, acl=OPEN_ACL_UNSAFE, ttl=None):
    return requests.create2(path, data, mode, acl, ttl)


def body_of(request: requests.Request, xid: int = 1) -> bytes:
    (body,) = frames_of(request.operation.encode_frame(xid, *request.values))
    assert body[:4] == xid.to_bytes(4, "big", signed=True)
    return body[4:]


# --- what is sent -----------------------------------------------------------------------------

FLAGS_AND_OPCODES = {
    CreateMode.PERSISTENT: (0, 1, 15),
    CreateMode.EPHEMERAL: (1, 1, 15),
    CreateMode.PERSISTENT_SEQUENTIAL: (2, 1, 15),
    CreateMode.EPHEMERAL_SEQUENTIAL: (3, 1, 15),
    CreateMode.CONTAINER: (4, 19, 19),
    CreateMode.PERSISTENT_WITH_TTL: (5, 21, 21),
    CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL: (6, 21, 21),
}


@pytest.mark.parametrize("mode", CreateMode)
def test_a_mode_fixes_flags_and_opcode(mode):
    flags, opcode, opcode2 = FLAGS_AND_OPCODES[mode]
    ttl = 60.0 if mode.has_ttl else None
    for request, expected in (
        (make(mode=mode, ttl=ttl), opcode),
        (make2(mode=mode, ttl=ttl), opcode2),
    ):
        body = body_of(request)
        assert int.from_bytes(body[:4], "big") == expected
        record = records.CREATE_TTL_REQUEST if mode.has_ttl else records.CREATE_REQUEST
        values, end = record.decode_from(body, 4, len(body))
        assert end == len(body)
        assert values[:4] == ("/a", b"", list(OPEN_ACL_UNSAFE), flags)
        assert values[4:] == ((60_000,) if mode.has_ttl else ())
        assert request.path == "/a"


@pytest.mark.parametrize(
    ("seconds", "sent"), [(0.0001, 1), (0.001, 1), (1, 1000), (1099511627.775, 2**40 - 1)]
)
def test_a_ttl_is_sent_in_milliseconds(seconds, sent):
    assert make(mode=CreateMode.PERSISTENT_WITH_TTL, ttl=seconds).values[-1] == sent


@pytest.mark.parametrize(
    ("request_", "opcode", "expected"),
    [
        (requests.delete("/a", -1), OpCode.DELETE, "00000002 2f61 ffffffff"),
        (requests.delete("/a", 2**31 - 1), OpCode.DELETE, "00000002 2f61 7fffffff"),
        (requests.exists("/a"), OpCode.EXISTS, "00000002 2f61 00"),
        (requests.exists("/a", watch=True), OpCode.EXISTS, "00000002 2f61 01"),
        (requests.get_data("/"), OpCode.GET_DATA, "00000001 2f 00"),
        (requests.get_data("/a", watch=True), OpCode.GET_DATA, "00000002 2f61 01"),
        (requests.set_data("/a", None, 0), OpCode.SET_DATA, "00000002 2f61 ffffffff 00000000"),
        (requests.set_data("/a", b"", 0), OpCode.SET_DATA, "00000002 2f61 00000000 00000000"),
        (requests.get_children("/a"), OpCode.GET_CHILDREN, "00000002 2f61 00"),
        (requests.get_children("/a", watch=True), OpCode.GET_CHILDREN, "00000002 2f61 01"),
        (requests.get_children2("/a"), OpCode.GET_CHILDREN2, "00000002 2f61 00"),
        (requests.get_children2("/a", watch=True), OpCode.GET_CHILDREN2, "00000002 2f61 01"),
        (requests.sync("/a"), OpCode.SYNC, "00000002 2f61"),
        (
            requests.set_watches(5, {WatchKind.DATA: ["/a"]}),
            OpCode.SET_WATCHES,
            "0000000000000005 00000001 00000002 2f61 00000000 00000000",
        ),
        (
            requests.set_watches(5, {WatchKind.PERSISTENT: ["/a"]}),
            OpCode.SET_WATCHES2,
            "0000000000000005 00000000 00000000 00000000 00000001 00000002 2f61 00000000",
        ),
        (
            requests.set_watches(5, {WatchKind.EXIST: ["/a"], WatchKind.PERSISTENT: []}),
            OpCode.SET_WATCHES,
            "0000000000000005 00000000 00000001 00000002 2f61 00000000",
        ),
        (requests.get_acl("/a"), OpCode.GET_ACL, "00000002 2f61"),
        (
            requests.set_acl("/a", [ME], 3),
            OpCode.SET_ACL,
            "00000002 2f61 00000001 0000001f 00000006 646967657374 00000004 6d653a78 00000003",
        ),
        (requests.multi([]), OpCode.MULTI, "ffffffff 01 ffffffff"),
        (requests.multi_read([]), OpCode.MULTI_READ, "ffffffff 01 ffffffff"),
        (requests.auth("ip", b"x"), OpCode.AUTH, "00000000 00000002 6970 00000001 78"),
        (requests.sasl(b""), OpCode.SASL, "00000000"),
        (requests.get_ephemerals("no path"), OpCode.GET_EPHEMERALS, "00000007 6e6f2070617468"),
        (requests.get_all_children_number("/"), OpCode.GET_ALL_CHILDREN_NUMBER, "00000001 2f"),
        (requests.who_am_i(), OpCode.WHO_AM_I, ""),
        (requests.add_watch("/a", recursive=False), OpCode.ADD_WATCH, "00000002 2f61 00000000"),
        (requests.add_watch("/a", recursive=True), OpCode.ADD_WATCH, "00000002 2f61 00000001"),
        (
            requests.check_watches("/a", WatcherType.CHILDREN),
            OpCode.CHECK_WATCHES,
            "00000002 2f61 00000001",
        ),
        (
            requests.remove_watches("/a", WatcherType.PERSISTENT_RECURSIVE),
            OpCode.REMOVE_WATCHES,
            "00000002 2f61 00000005",
        ),
        (
            requests.reconfig(["a", "b"], [], None, -1),
            OpCode.RECONFIG,
            "00000003 612c62 00000000 ffffffff ffffffffffffffff",
        ),
        (requests.ping(), OpCode.PING, ""),
        (requests.close_session(), OpCode.CLOSE_SESSION, ""),
    ],
)
def test_what_is_sent(request_, opcode, expected):
    assert body_of(request_) == int(opcode).to_bytes(4, "big", signed=True) + bytes.fromhex(
        expected
    )


def test_a_watch_is_filed_where_it_belongs():
    assert requests.exists("/a", watch=True).watch is WatchKind.DATA
    assert requests.get_data("/a", watch=True).watch is WatchKind.DATA
    assert requests.get_children("/a", watch=True).watch is WatchKind.CHILD
    assert requests.get_children2("/a", watch=True).watch is WatchKind.CHILD
    for unwatched in (requests.exists, requests.get_data, requests.get_children):
        assert unwatched("/a").watch is None


def test_reads_can_be_repeated_and_writes_cannot():
    reads = {
        requests.exists("/a"),
        requests.get_data("/a"),
        requests.get_children("/a"),
        requests.get_children2("/a"),
        requests.sync("/a"),
    }
    writes = {make(), make2(), requests.delete("/a", -1), requests.set_data("/a", b"", -1)}
    assert all(request.is_read for request in reads)
    assert not any(request.is_read for request in writes)


def test_a_sequential_path_may_end_with_a_slash_and_no_other():
    for mode in CreateMode:
        ttl = 1.0 if mode.has_ttl else None
        if mode.is_sequential:
            assert make("/a/", mode=mode, ttl=ttl).values[0] == "/a/"
            assert make("/", mode=mode, ttl=ttl).values[0] == "/"
        else:
            with pytest.raises(InvalidArgument, match="path: '/a/' must not end with '/'"):
                make("/a/", mode=mode, ttl=ttl)


def test_an_acl_is_taken_as_it_is_when_the_request_is_made():
    acl = [ME]
    request = make(acl=acl)
    acl.clear()
    assert request.values[2] == [ME]
    assert make(acl=(ME, ME)).values[2] == [ME, ME]
    assert make(acl=iter([ME, ME])).values[2] == [ME, ME]


def test_repr_shows_no_data():
    assert repr(requests.set_data("/a", b"secret", -1)) == "<set_data /a>"
    assert repr(requests.ping()) == "<ping None>"


# --- what is refused --------------------------------------------------------------------------

NOT_TEXT = [None, b"/a", 7, ["/a"]]
EVERY_PATH = [
    make,
    make2,
    lambda path: requests.delete(path, -1),
    requests.exists,
    requests.get_data,
    lambda path: requests.set_data(path, b"", -1),
    requests.get_children,
    requests.get_children2,
    requests.sync,
    requests.get_acl,
    lambda path: requests.set_acl(path, [ME], -1),
    requests.get_all_children_number,
    lambda path: requests.add_watch(path, recursive=True),
    lambda path: requests.check_watches(path, WatcherType.ANY),
    lambda path: requests.remove_watches(path, WatcherType.ANY),
]


@pytest.mark.parametrize("build", EVERY_PATH)
@pytest.mark.parametrize("path", NOT_TEXT)
def test_a_path_that_is_no_text_is_refused(build, path):
    with pytest.raises(InvalidArgumentType) as caught:
        build(path)
    assert str(caught.value) == f"path: must be a str, not {type(path).__name__}"


@pytest.mark.parametrize("build", EVERY_PATH)
@pytest.mark.parametrize("path", ["", "a", "/a/", "/a//b", "/a/../b", "/\x00", "/\U0001f600"])
def test_a_path_that_breaks_a_rule_is_refused(build, path):
    with pytest.raises(InvalidArgument, match=r"^path: .* must "):
        build(path)


@pytest.mark.parametrize("build", [make, make2])
@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"data": "text"}, InvalidArgumentType, "data: must be bytes or None, not str"),
        (
            {"data": bytearray(b"x")},
            InvalidArgumentType,
            "data: must be bytes or None, not bytearray",
        ),
        ({"mode": 0}, InvalidArgumentType, "mode: must be a CreateMode, not int"),
        ({"mode": None}, InvalidArgumentType, "mode: must be a CreateMode, not NoneType"),
        ({"acl": []}, InvalidArgument, "acl: must have at least one entry"),
        ({"acl": None}, InvalidArgumentType, "acl: must be a sequence of Acl, not NoneType"),
        ({"acl": 31}, InvalidArgumentType, "acl: must be a sequence of Acl, not int"),
        ({"acl": ME}, InvalidArgumentType, "acl[0]: must be an Acl, not int"),
        ({"acl": "world"}, InvalidArgumentType, "acl[0]: must be an Acl, not str"),
        ({"acl": [ME, (31, ("a", "b"))]}, InvalidArgumentType, "acl[1]: must be an Acl, not tuple"),
        ({"acl": [Acl("31", ME.identity)]}, InvalidArgumentType, "acl[0]: must be an Acl, not Acl"),
        (
            {"acl": [Acl(31, Identity(None, ""))]},
            InvalidArgumentType,
            "acl[0]: must be an Acl, not Acl",
        ),
        ({"acl": [Acl(32, ME.identity)]}, InvalidArgument, "acl[0].perms: must be 0 to 31, not 32"),
        (
            {"acl": [ME, Acl(-1, ME.identity)]},
            InvalidArgument,
            "acl[1].perms: must be 0 to 31, not -1",
        ),
        ({"ttl": 1.0}, InvalidArgument, "ttl: PERSISTENT has none"),
        ({"ttl": 0, "mode": CreateMode.CONTAINER}, InvalidArgument, "ttl: CONTAINER has none"),
        (
            {"mode": CreateMode.PERSISTENT_WITH_TTL},
            InvalidArgument,
            "ttl: PERSISTENT_WITH_TTL needs one",
        ),
    ],
)
def test_create_refuses(build, given, error, message):
    with pytest.raises(error) as caught:
        build(**given)
    assert str(caught.value) == message
    assert type(caught.value) is error


@pytest.mark.parametrize("ttl", [0, -1, 0.0, float("nan"), float("inf"), 1099511627.776, 2**60])
def test_a_ttl_out_of_range_is_refused(ttl):
    with pytest.raises(InvalidArgument, match=r"ttl: must be above 0 and at most 1.09951e"):
        make(mode=CreateMode.PERSISTENT_WITH_TTL, ttl=ttl)


@pytest.mark.parametrize("ttl", ["1", True, b"1"])
def test_a_ttl_that_is_no_number_is_refused(ttl):
    with pytest.raises(InvalidArgumentType, match="ttl: must be a number of seconds, not "):
        make(mode=CreateMode.PERSISTENT_WITH_TTL, ttl=ttl)


VERSIONED = [
    lambda v: requests.delete("/a", v),
    lambda v: requests.set_data("/a", b"", v),
    lambda v: requests.set_acl("/a", [ME], v),
]


@pytest.mark.parametrize("build", VERSIONED)
@pytest.mark.parametrize("version", [-2, 2**31, -(2**31)])
def test_a_version_out_of_range_is_refused(build, version):
    with pytest.raises(InvalidArgument, match=rf"version: must be -1 \(any\) to .*, not {version}"):
        build(version)


@pytest.mark.parametrize("build", VERSIONED)
@pytest.mark.parametrize("version", [None, "1", 1.0, True])
def test_a_version_that_is_no_number_is_refused(build, version):
    with pytest.raises(InvalidArgumentType) as caught:
        build(version)
    assert str(caught.value) == f"version: must be an int, not {type(version).__name__}"


def test_set_data_refuses_what_is_not_bytes():
    with pytest.raises(InvalidArgumentType, match="data: must be bytes or None, not memoryview"):
        requests.set_data("/a", memoryview(b"x"), -1)
