"""Several operations in one request: what is sent, what is refused, how the results are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_frames import STAT, active, frames_of, reply
from zkwire import (
    BadVersion,
    Check,
    Create,
    Created,
    CreateMode,
    Delete,
    GetChildren,
    GetData,
    InvalidArgument,
    InvalidArgumentType,
    NoNode,
    RemoteProtocolError,
    ReplyError,
    RolledBack,
    RuntimeInconsistency,
    SetData,
    UnknownReplyError,
)
from zkwire._jute import MalformedRecord, records
from zkwire._models import OPEN_ACL_UNSAFE
from zkwire._proto import _multi as multi
from zkwire._proto import _requests as requests
from zkwire._proto._events import PeerFailed

END = "ffffffff 01 ffffffff"
STATS = records.EXISTS_RESPONSE.build(STAT)
A = "00000002 2f61"
OPEN = "00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65"


def entry(kind: int, body: bytes = b"", done: bool = False, err: int = 0) -> bytes:
    return records.MULTI_HEADER.build(kind, done, err) + body


def error_entry(code: int) -> bytes:
    return entry(-1, records.ERROR_RESPONSE.build(code), err=code)


DONE = entry(-1, done=True, err=-1)
CREATED = entry(1, records.CREATE_RESPONSE.build("/a"))
CREATED2 = entry(15, records.CREATE2_RESPONSE.build("/a", STAT))


def results(body: bytes, count: int) -> list:
    return multi.decode_results(b"head" + body, 4, [f"/{n}" for n in range(count)])


# --- what is sent -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "kind", "body"),
    [
        (Create("/a", b"x"), 15, f"{A} 00000001 78 {OPEN} 00000000"),
        (Create("/a", b"x", with_stat=False), 1, f"{A} 00000001 78 {OPEN} 00000000"),
        (
            Create("/a", mode=CreateMode.EPHEMERAL_SEQUENTIAL, with_stat=False),
            1,
            f"{A} 00000000 {OPEN} 00000003",
        ),
        (
            Create("/a", mode=CreateMode.CONTAINER, with_stat=False),
            19,
            f"{A} 00000000 {OPEN} 00000004",
        ),
        (Create("/a", None, CreateMode.EPHEMERAL), 15, f"{A} ffffffff {OPEN} 00000001"),
        (Create("/a", mode=CreateMode.PERSISTENT_SEQUENTIAL), 15, f"{A} 00000000 {OPEN} 00000002"),
        (Create("/a", mode=CreateMode.EPHEMERAL_SEQUENTIAL), 15, f"{A} 00000000 {OPEN} 00000003"),
        (Create("/a", mode=CreateMode.CONTAINER), 19, f"{A} 00000000 {OPEN} 00000004"),
        (
            Create("/a", mode=CreateMode.PERSISTENT_WITH_TTL, ttl=5),
            21,
            f"{A} 00000000 {OPEN} 00000005 0000000000001388",
        ),
        (
            Create("/a", mode=CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, ttl=0.001),
            21,
            f"{A} 00000000 {OPEN} 00000006 0000000000000001",
        ),
        (Delete("/a"), 2, f"{A} ffffffff"),
        (Delete("/a", 7), 2, f"{A} 00000007"),
        (SetData("/a", b"x", 7), 5, f"{A} 00000001 78 00000007"),
        (SetData("/a", None), 5, f"{A} ffffffff ffffffff"),
        (Check("/a", 7), 13, f"{A} 00000007"),
        (Check("/a"), 13, f"{A} ffffffff"),
    ],
)
def test_each_write_behind_its_header(op, kind, body):
    assert multi.encode_writes([op]) == bytes.fromhex(f"{kind:08x} 00 ffffffff {body} {END}")


@pytest.mark.parametrize(
    ("op", "kind"), [(GetData("/a"), 4), (GetChildren("/a"), 8)], ids=["data", "children"]
)
def test_each_read_without_a_watch(op, kind):
    assert multi.encode_reads([op]) == bytes.fromhex(f"{kind:08x} 00 ffffffff {A} 00 {END}")


def test_no_operation_is_a_list_of_its_end():
    assert multi.encode_writes([]) == multi.encode_reads([]) == bytes.fromhex(END)


@pytest.mark.parametrize(("build", "opcode"), [(requests.multi, 14), (requests.multi_read, 22)])
def test_a_multi_is_a_frame_like_others(build, opcode):
    protocol = active()
    protocol.submit(build([]), None)
    (sent,) = frames_of(protocol.data_to_send(0.0))
    assert sent == bytes.fromhex(f"00000001 {opcode:08x} {END}")


def test_operations_keep_their_order():
    ops = [Create("/a"), SetData("/a", b"1"), Check("/a", 1), Delete("/a")]
    whole = multi.encode_writes(ops)
    end = len(bytes.fromhex(END))
    assert whole == b"".join(multi.encode_writes([op])[:-end] for op in ops) + bytes.fromhex(END)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("mode", CreateMode)
@pytest.mark.parametrize("with_stat", [False, True])
def test_only_pairs_of_opcode_and_flags_that_servers_store_right(mode, with_stat):
    op = Create("/a", mode=mode, ttl=1 if mode.has_ttl else None, with_stat=with_stat)
    sent = multi.encode_writes([op])
    kind, flags_at = int.from_bytes(sent[:4], "big"), -9 - (12 if mode.has_ttl else 4)
    flags = int.from_bytes(sent[flags_at : flags_at + 4], "big")
    allowed = {19: {4}, 21: {5, 6}}.get(kind, {0, 1, 2, 3} if kind in {1, 15} else set())
    assert flags in allowed


BAD_WRITES = [
    (Create("/a", mode=0), InvalidArgumentType, "mode: must be a CreateMode, not int"),
    (Create("/a", mode=CreateMode.CONTAINER, ttl=1), InvalidArgument, "ttl: CONTAINER has none"),
    (Create("/a", ttl=1), InvalidArgument, "ttl: PERSISTENT has none"),
    (Create("/a", mode=CreateMode.PERSISTENT_WITH_TTL), InvalidArgument, "needs one"),
    (Create("/a", mode=CreateMode.PERSISTENT_WITH_TTL, ttl=0), InvalidArgument, "ttl: "),
    (Create("/a", mode=CreateMode.PERSISTENT_WITH_TTL, ttl=-1), InvalidArgument, "ttl: "),
    (
        Create("/a", mode=CreateMode.PERSISTENT_WITH_TTL, ttl=2**40 / 1000),
        InvalidArgument,
        "ttl: ",
    ),
    (Create("/a/"), InvalidArgument, "path: '/a/' must not end with '/'"),
    (Create("/a", "text"), InvalidArgumentType, "data: must be bytes or None"),
    (Create("/a", with_stat=1), InvalidArgumentType, "with_stat: must be a bool, not int"),
    (Create("/a", acl=[]), InvalidArgument, "acl: must have at least one entry"),
    (Delete("a"), InvalidArgument, "path: 'a' must start"),
    (Delete("/a", -2), InvalidArgument, "version: "),
    (SetData("/a", "text"), InvalidArgumentType, "data: must be bytes or None"),
    (SetData("//", b""), InvalidArgument, "path: "),
    (SetData("/a", b"", 2**31), InvalidArgument, "version: "),
    (Check(None), InvalidArgumentType, "path: must be a str"),
    (Check("/a", None), InvalidArgumentType, "version: must be an int"),
]


@pytest.mark.parametrize(("op", "error", "words"), BAD_WRITES)
def test_a_write_that_breaks_a_rule_is_refused_as_when_it_is_alone(op, error, words):
    with pytest.raises(error, match=words) as caught:
        multi.encode_writes([Delete("/fine"), op])
    assert type(caught.value) is error


@pytest.mark.parametrize("op", [GetData("/a"), GetChildren("/a"), ("create", "/a"), None, b"", []])
def test_what_is_no_write_is_refused_by_its_place(op):
    with pytest.raises(InvalidArgumentType) as caught:
        multi.encode_writes([Delete("/fine"), op])
    kind = type(op).__name__
    assert str(caught.value) == f"ops[1]: must be a Create, Delete, SetData or Check, not {kind}"


@pytest.mark.parametrize("op", [Create("/a"), Check("/a"), ("get", "/a"), None])
def test_what_is_no_read_is_refused_by_its_place(op):
    with pytest.raises(InvalidArgumentType, match=r"ops\[0\]: must be a GetData or GetChildren"):
        multi.encode_reads([op])


@pytest.mark.parametrize("op", [GetData("/a/"), GetChildren(7)])
def test_a_read_of_no_path_is_refused(op):
    with pytest.raises((InvalidArgument, InvalidArgumentType), match=r"^path: "):
        multi.encode_reads([op])


def test_operations_show_no_data_and_move_to_another_path():
    create, write = Create("/a", b"secret"), SetData("/a", b"secret", 3)
    assert "secret" not in repr([create, write])
    assert write.at("/b") == SetData("/b", b"secret", 3)
    assert "secret" not in repr(requests.multi([create, write]))


# --- results ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (CREATED, Created("/a", None)),
        (CREATED2, Created("/a", STAT)),
        (entry(2), None),
        (entry(5, STATS), STAT),
        (entry(13), None),
        (entry(4, b"\0\0\0\x01x" + STATS), (b"x", STAT)),
        (entry(4, b"\xff\xff\xff\xff" + STATS), (None, STAT)),
        (entry(8, b"\0\0\0\x01\0\0\0\x01x"), ["x"]),
        (entry(8, b"\xff\xff\xff\xff"), []),
    ],
)
def test_a_result_is_read_by_the_type_in_the_reply(one, value):
    assert results(one + DONE, 1) == [value]
    assert results(one + one + DONE, 2) == [value, value], "nothing is left over"


@pytest.mark.parametrize(
    "mode", [CreateMode.CONTAINER, CreateMode.PERSISTENT_WITH_TTL, CreateMode.PERSISTENT]
)
@pytest.mark.parametrize("answer", [CREATED, CREATED2])
def test_the_requests_type_says_nothing_about_the_results(mode, answer):
    """Containers and TTL nodes come back as create2, and create2 as create from old servers."""
    ops = [Create("/a", mode=mode, ttl=1 if mode.has_ttl else None), Delete("/a")]
    request = requests.multi(ops)
    stat = STAT if answer is CREATED2 else None
    assert request.decode(reply(1, body=answer + entry(2) + DONE)[4:]) == [
        Created("/a", stat),
        None,
    ]


def test_a_list_ends_where_done_says_so_and_not_at_type_minus_one():
    got = results(error_entry(0) + error_entry(-103) + error_entry(-2) + DONE, 3)
    assert [(type(one), one.path) for one in got] == [
        (RolledBack, "/0"),
        (BadVersion, "/1"),
        (RuntimeInconsistency, "/2"),
    ]
    assert results(CREATED + entry(2, done=True), 1) == [Created("/a", None)], "of any type"


def test_an_error_among_reads_takes_the_place_of_its_value():
    one, error, two = results(
        entry(8, b"\0\0\0\0") + error_entry(-101) + entry(8, b"\0\0\0\0") + DONE, 3
    )
    assert (one, two) == ([], [])
    assert type(error) is NoNode
    assert error.path == "/1"


def test_a_code_nobody_knows_is_an_error_like_others():
    (error,) = results(error_entry(-999) + DONE, 1)
    assert type(error) is UnknownReplyError
    assert error.code == -999


@pytest.mark.parametrize("count", [0, 1, 3])
def test_another_number_of_results_than_of_operations_is_malformed(count):
    with pytest.raises(MalformedRecord, match=rf"results for a multi of {count} operations"):
        results(entry(2) + error_entry(-101) + DONE, count)


@pytest.mark.parametrize("kind", [0, 3, 9, 14, 19, 21, 20, -2, 2**31 - 1])
def test_a_result_of_a_type_that_nothing_answers_with_is_malformed(kind):
    with pytest.raises(MalformedRecord, match=f"a multi's result has type {kind}") as caught:
        results(entry(2) + entry(kind) + DONE, 2)
    assert caught.value.position == 4 + 9


@pytest.mark.parametrize(
    "one",
    [
        entry(1, b"\xff\xff\xff\xff"),
        entry(15, b"\xff\xff\xff\xff" + STATS),
        entry(8, b"\0\0\0\x01\xff\xff\xff\xff"),
    ],
    ids=["create", "create2", "children"],
)
def test_a_null_where_a_name_must_be_is_malformed(one):
    with pytest.raises(MalformedRecord, match="is null"):
        results(one + DONE, 1)


WHOLE = (
    CREATED
    + CREATED2
    + entry(2)
    + entry(5, STATS)
    + error_entry(-101)
    + entry(4, b"\0\0\0\x01x" + STATS)
    + entry(8, b"\0\0\0\x01\0\0\0\x01x")
)


def test_a_list_cut_short_at_any_byte_is_malformed():
    assert len(results(WHOLE + DONE, 7)) == 7
    for cut in range(len(WHOLE + DONE)):
        with pytest.raises(MalformedRecord):
            results((WHOLE + DONE)[:cut], 7)


@given(st.binary(max_size=200), st.integers(0, 4))
def test_random_bytes_are_results_or_malformed(body, count):
    try:
        assert len(results(body, count)) == count
    except MalformedRecord as error:
        assert error.position <= len(body) + 4  # noqa: PT017


@given(st.data())
def test_damaged_lists_are_results_or_malformed(data):
    body = bytearray(WHOLE + DONE)
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert len(results(bytes(body), 7)) == 7
    except MalformedRecord as error:
        assert error.reason  # noqa: PT017


def test_results_that_are_none_are_the_peers_fault():
    protocol = active()
    protocol.submit(requests.multi([Delete("/a")]), "ticket")
    protocol.data_to_send(0.0)
    (event,) = protocol.receive_data(reply(1, body=entry(99) + DONE), 0.1)
    assert isinstance(event, PeerFailed)
    assert isinstance(event.error, RemoteProtocolError)
    assert [ticket for ticket, _ in protocol.give_up()] == ["ticket"]


def test_a_refused_multi_has_no_list_even_if_one_comes():
    protocol = active()
    protocol.submit(requests.multi_read([GetData("/a")]), None)
    protocol.data_to_send(0.0)
    (event,) = protocol.receive_data(reply(1, err=-5, body=DONE), 0.1)
    assert (event.error.code, event.value) == (-5, None)


# --- what failed ------------------------------------------------------------------------------


def test_a_multi_without_an_error_entry_has_not_failed():
    assert multi.failure_of([]) is None
    assert multi.failure_of([None, Created("/a", None), STAT]) is None


@pytest.mark.parametrize("index", [0, 1, 2])
def test_the_failure_names_its_place_and_has_all_results(index):
    codes = [0] * index + [-101] + [-2] * (2 - index)
    got = results(b"".join(map(error_entry, codes)) + DONE, 3)
    error = multi.failure_of(got)
    assert isinstance(error, NoNode)
    assert (error.index, error.path, error.results) == (index, f"/{index}", tuple(got))


@pytest.mark.parametrize(
    ("codes", "index"), [([-2, -2], 0), ([0, -2], 1), ([-2, 0], 0), ([0, 0], 0), ([0], 0)]
)
def test_error_entries_that_give_no_reason_are_a_failure_all_the_same(codes, index):
    """No server of ours sends such a list; it must not pass for a success."""
    error = multi.failure_of(results(b"".join(map(error_entry, codes)) + DONE, len(codes)))
    assert isinstance(error, ReplyError)
    assert (error.index, error.code) == (index, codes[index])


def test_a_reason_anywhere_is_preferred():
    got = results(error_entry(-2) + error_entry(0) + error_entry(-999) + DONE, 3)
    assert multi.failure_of(got).index == 2


def test_the_default_acl_is_the_open_one():
    assert Create("/a").acl is OPEN_ACL_UNSAFE
