from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_frames import active, frames_of
from zkwire._jute import records
from zkwire._proto._watch_table import BATCH_BYTES, WatchTable
from zkwire._types import EventType, OpCode, SpecialXid, WatchKind

ONE_SHOT = DATA, EXIST, CHILD = WatchKind.DATA, WatchKind.EXIST, WatchKind.CHILD
PERSISTENT, RECURSIVE = WatchKind.PERSISTENT, WatchKind.PERSISTENT_RECURSIVE


def filled() -> WatchTable[str]:
    table: WatchTable[str] = WatchTable()
    for path in ("/a", "/b"):
        for kind in ONE_SHOT:
            table.add(kind, path, f"{kind.value} {path}")
    return table


def set_again(table: WatchTable, zxid: int = 9) -> list[tuple]:
    """What the table asks to be set again, as a server reads it."""
    found = []
    for request in table.rearm(zxid):
        assert request.operation.opcode is OpCode.SET_WATCHES
        assert request.special_xid is SpecialXid.SET_WATCHES
        frame = request.operation.encode_frame(-8, *request.values)
        found.append(records.SET_WATCHES.decode_from(frame, 12, len(frame))[0])
    return found


@pytest.mark.parametrize(
    ("event", "consumed"),
    [
        (EventType.NODE_CREATED, ["data /a", "exist /a"]),
        (EventType.NODE_DATA_CHANGED, ["data /a", "exist /a"]),
        (EventType.NODE_DELETED, ["data /a", "exist /a", "child /a"]),
        (EventType.NODE_CHILDREN_CHANGED, ["child /a"]),
    ],
)
def test_an_event_consumes_the_kinds_that_java_has_it_consume(event, consumed):
    table = filled()
    assert table.take(event, "/a") == consumed
    assert len(table) == 6 - len(consumed)
    assert table.take(event, "/a") == [], "one-shot"
    left = {name for kind in ONE_SHOT if (name := f"{kind.value} /a") not in consumed}
    assert set(table.take_all()) == left | {"data /b", "exist /b", "child /b"}


@pytest.mark.parametrize("event", [-1, 0, 5, 6, 7, 99])
def test_an_event_of_an_unknown_type_consumes_nothing(event):
    table = filled()
    assert table.take(event, "/a") == []
    assert len(table) == 6


def test_an_event_for_a_path_that_nobody_watches_finds_nobody():
    table = filled()
    for path in ("/", "/a/b", "/ab", "", "/a/"):
        assert table.take(EventType.NODE_DELETED, path) == []
    assert len(table) == 6


def test_watchers_are_told_in_the_order_in_which_they_came_and_each_once():
    table: WatchTable[str] = WatchTable()
    for watcher in ("x", "y", "x"):
        table.add(DATA, "/a", watcher)
    table.add(EXIST, "/a", "y")
    table.add(CHILD, "/a", "z")
    assert len(table) == 4
    assert table.take(EventType.NODE_DELETED, "/a") == ["x", "y", "z"]
    assert len(table) == 0


def test_a_watcher_that_has_left_is_told_nothing_and_not_set_again():
    table = filled()
    table.add(CHILD, "/a", "data /a")
    table.discard("/a", "data /a")
    table.discard("/a", "nobody")
    table.discard("/nowhere", "child /a")
    assert len(table) == 5
    assert table.take(EventType.NODE_DELETED, "/a") == ["exist /a", "child /a"]
    (only,) = set_again(table)
    assert only == (9, ["/b"], ["/b"], ["/b"])


def test_a_path_goes_with_its_last_watcher():
    table: WatchTable[str] = WatchTable()
    table.add(DATA, "/a", "x")
    table.add(DATA, "/a", "y")
    table.discard("/a", "x")
    assert set_again(table) == [(9, ["/a"], [], [])]
    table.discard("/a", "y")
    assert set_again(table) == []


def test_all_are_taken_at_the_end_each_once():
    table = filled()
    table.add(CHILD, "/c", "data /a")
    assert sorted(table.take_all()) == sorted(
        f"{kind.value} {path}" for kind in ONE_SHOT for path in ("/a", "/b")
    )
    assert len(table) == 0
    assert table.take_all() == []


# --- watches that stay ------------------------------------------------------------------------


@pytest.mark.parametrize("event", EventType)
def test_a_persistent_watch_hears_of_its_own_path_and_stays(event):
    table: WatchTable[str] = WatchTable()
    for path in ("/a", "/a/b", "/"):
        table.add(PERSISTENT, path, path)
    assert table.take(event, "/a") == table.take(event, "/a") == ["/a"]
    assert len(table) == 3


@pytest.mark.parametrize("event", EventType)
@pytest.mark.parametrize("more", [0, 20], ids=["few", "many"])
def test_a_recursive_watch_hears_of_all_below_it_but_never_of_a_list_of_children(event, more):
    table: WatchTable[str] = WatchTable()
    paths = ["/", "/a", "/a/b", "/a/b/c", "/a/bb", "/b"]
    for path in paths + [f"/more/{number}" for number in range(more)]:
        table.add(RECURSIVE, path, path)
    hears = set() if event is EventType.NODE_CHILDREN_CHANGED else {"/", "/a", "/a/b"}
    assert set(table.take(event, "/a/b")) == hears
    assert set(table.take(event, "/")) == hears & {"/"}
    assert set(table.take(event, "/a/b/c/d/e/f/g")) == (hears and hears | {"/a/b/c"})
    assert len(table) == len(paths) + more


def test_a_child_watch_below_a_recursive_one_gets_its_event_alone():
    table: WatchTable[str] = WatchTable()
    table.add(RECURSIVE, "/a", "recursive")
    table.add(CHILD, "/a/b", "child")
    assert table.take(EventType.NODE_CHILDREN_CHANGED, "/a/b") == ["child"]


def test_one_event_is_told_once_to_whoever_watches_in_several_ways():
    table: WatchTable[str] = WatchTable()
    for kind in WatchKind:
        table.add(kind, "/a", "x")
        table.add(kind, "/a", kind.value)
    told = table.take(EventType.NODE_DELETED, "/a")
    assert told == ["x", "data", "exist", "child", "persistent", "persistent recursive"]
    assert table.take(EventType.NODE_DELETED, "/a") == ["x", "persistent", "persistent recursive"]


@pytest.mark.parametrize("path", ["", "a", "//", "/a//b", "/a/"])
def test_a_path_that_is_none_finds_the_root_at_most(path):
    table: WatchTable[str] = WatchTable()
    for watched in ("/b", "/"):
        table.add(RECURSIVE, watched, watched)
    assert table.take(EventType.NODE_CREATED, path) in ([], ["/"])


def test_a_path_of_a_million_elements_takes_no_hours():
    table: WatchTable[str] = WatchTable()
    table.add(RECURSIVE, "/a", "x")
    assert table.take(EventType.NODE_CREATED, "/a" * 1_000_000) == ["x"]


def test_those_that_stay_are_listed_once_each():
    table = filled()
    table.add(PERSISTENT, "/a", "x")
    table.add(RECURSIVE, "/b", "x")
    table.add(RECURSIVE, "/b", "y")
    assert table.persistent() == ["x", "y"]
    assert table.has("/a")
    assert not table.has("/c")


@pytest.mark.parametrize("kind", [PERSISTENT, RECURSIVE])
def test_they_are_set_again_with_the_opcode_that_has_room_for_them(kind):
    table = filled()
    table.add(kind, "/p", "x")
    (request,) = table.rearm(9)
    assert request.operation.opcode is OpCode.SET_WATCHES2
    lists = dict(zip(WatchKind, request.values[1:], strict=True))
    expected = {each: ["/a", "/b"] if each in ONE_SHOT else [] for each in WatchKind}
    assert lists == {**expected, kind: ["/p"]}


def test_a_batch_without_them_goes_out_with_the_older_opcode():
    table: WatchTable[int] = WatchTable()
    for number in range(3):
        table.add(DATA, f"/{number}" + "x" * BATCH_BYTES, number)
    table.add(PERSISTENT, "/p", 9)
    opcodes = [request.operation.opcode for request in table.rearm(9)]
    assert opcodes == [OpCode.SET_WATCHES] * 3 + [OpCode.SET_WATCHES2]


# --- after a reconnect ------------------------------------------------------------------------


def test_an_empty_table_sets_nothing_again():
    assert list(WatchTable().rearm(9)) == []


def test_every_list_is_sent_with_the_zxid_that_is_given():
    table = filled()
    assert set_again(table, 0x77) == [(0x77, ["/a", "/b"], ["/a", "/b"], ["/a", "/b"])]
    assert len(table) == 6, "they are still waited for"


@pytest.mark.parametrize("kind", ONE_SHOT)
def test_an_empty_list_is_sent_empty_and_never_null(kind):
    table: WatchTable[str] = WatchTable()
    table.add(kind, "/a", "x")
    (values,) = set_again(table)
    lists = dict(zip(ONE_SHOT, values[1:], strict=True))
    assert lists == {DATA: [], EXIST: [], CHILD: [], kind: ["/a"]}


def test_the_bound_is_javas():
    assert BATCH_BYTES == 128 * 1024


@settings(deadline=None, max_examples=20)
@given(
    lengths=st.lists(
        st.tuples(st.sampled_from(ONE_SHOT), st.integers(1, 40_000)), min_size=1, max_size=30
    ),
    letter=st.sampled_from(["x", "é", "日"]),
)
def test_a_batch_has_128_kib_and_one_path_at_most(lengths, letter):
    table: WatchTable[int] = WatchTable()
    for number, (kind, length) in enumerate(lengths):
        table.add(kind, f"/{number}" + letter * length, number)
    longest = max(
        4 + len(f"/{n}{letter * length}".encode()) for n, (_, length) in enumerate(lengths)
    )
    batches = list(table.rearm(9))
    seen: dict[WatchKind, list[str]] = {kind: [] for kind in ONE_SHOT}
    for index, request in enumerate(batches):
        size = len(request.operation.encode_frame(-8, *request.values)) - 12 - 8 - 3 * 4
        assert size < BATCH_BYTES + longest
        assert size >= BATCH_BYTES or index == len(batches) - 1, "no batch before its time"
        assert size > 0
        for kind, paths in zip(ONE_SHOT, request.values[1:], strict=True):
            seen[kind] += paths
    for kind in ONE_SHOT:
        assert [path.split(letter)[0] for path in seen[kind]] == [
            f"/{number}" for number, (its, _) in enumerate(lengths) if its is kind
        ]


def test_batches_fit_into_what_servers_accept():
    table: WatchTable[int] = WatchTable()
    for number in range(3000):
        table.add(DATA, f"/{number:0200}", number)
    protocol = active()
    for request in table.rearm(9):
        protocol.submit(request, None)
    sizes = [len(frame) // 1024 for frame in frames_of(protocol.data_to_send(0.0))]
    assert sizes == [128, 128, 128, 128, 88]
