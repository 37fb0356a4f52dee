"""The operations on nodes: what each sends, what comes of the answer, and whose paths are told."""

from __future__ import annotations

import pytest
import trio

import zkwire
from rooted import Rooted
from scripted_server import Peer, connected
from server_frames import STAT, reply
from zkwire import (
    Acl,
    Check,
    Create,
    Created,
    CreateMode,
    Delete,
    GetChildren,
    GetData,
    Identity,
    SetData,
)
from zkwire._jute import records

STATS = records.EXISTS_RESPONSE.build(STAT)
ANYONE = Acl(31, Identity("world", "anyone"))


def made(path: str) -> bytes:
    return records.CREATE_RESPONSE.build(path)


def entry(kind: int, body: bytes = b"") -> bytes:
    return records.MULTI_HEADER.build(kind, False, 0) + body


def error_entry(code: int) -> bytes:
    return records.MULTI_HEADER.build(-1, False, code) + records.ERROR_RESPONSE.build(code)


END = records.MULTI_HEADER.build(-1, True, -1)


async def ask(call, answer: bytes, err: int = 0):
    """The request that a call sends, and what it returns or raises for an answer."""
    got = []
    async with connected() as (zk, peer), trio.open_nursery() as nursery:

        async def run():
            try:
                got.append(await call(zk))
            except zkwire.ReplyError as error:
                got.append(error)

        nursery.start_soon(run)
        sent = await peer.request()
        await peer.send(reply(sent.xid, 1, err, answer))
    return sent, got[0]


CALLS = [
    (lambda zk: zk.create("/a"), 1, made("/a"), "/a"),
    (lambda zk: zk.create("/a", mode=CreateMode.CONTAINER), 19, made("/a") + STATS, "/a"),
    (
        lambda zk: zk.create("/a", mode=CreateMode.PERSISTENT_WITH_TTL, ttl=1),
        21,
        made("/a") + STATS,
        "/a",
    ),
    (lambda zk: zk.create2("/a"), 15, made("/a") + STATS, ("/a", STAT)),
    (
        lambda zk: zk.create2("/a", mode=CreateMode.CONTAINER),
        19,
        made("/a") + STATS,
        ("/a", STAT),
    ),
    (lambda zk: zk.delete("/a"), 2, b"", None),
    (lambda zk: zk.exists("/a"), 3, STATS, STAT),
    (lambda zk: zk.get("/a"), 4, b"\xff\xff\xff\xff" + STATS, (None, STAT)),
    (lambda zk: zk.set("/a", b"x"), 5, STATS, STAT),
    (lambda zk: zk.get_children("/a"), 8, b"\0\0\0\0", []),
    (lambda zk: zk.get_children2("/a"), 12, b"\0\0\0\0" + STATS, ([], STAT)),
    (lambda zk: zk.sync("/a"), 9, made("/a"), None),
    (
        lambda zk: zk.get_acl("/a"),
        6,
        records.GET_ACL_RESPONSE.build([ANYONE], STAT),
        ([ANYONE], STAT),
    ),
    (lambda zk: zk.set_acl("/a", [ANYONE], 3), 7, STATS, STAT),
    (lambda zk: zk.multi([Delete("/a")]), 14, entry(2) + END, [None]),
    (lambda zk: zk.multi_read([GetChildren("/a")]), 22, entry(8, b"\0\0\0\0") + END, [[]]),
]


@pytest.mark.parametrize(("call", "opcode", "answer", "value"), CALLS)
async def test_a_call_is_one_request_and_its_answer(call, opcode, answer, value, autojump_clock):
    sent, got = await ask(call, answer)
    assert sent.opcode == opcode
    assert got == value


@pytest.mark.parametrize("call", [row[0] for row in CALLS])
@pytest.mark.parametrize("code", [-102, -127, -999])
async def test_a_refusal_is_the_callers(call, code, autojump_clock):
    _, error = await ask(call, b"", code)
    assert isinstance(error, zkwire.ReplyError)
    assert error.code == code
    assert error.outcome is zkwire.Outcome.REFUSED


async def test_only_exists_takes_absence_for_an_answer(autojump_clock):
    for call, opcode, *_ in CALLS:
        _, got = await ask(call, b"", -101)
        assert (got is None) == (opcode == 3)


# --- multi ------------------------------------------------------------------------------------


async def test_a_multis_failure_is_raised_with_what_became_of_each(autojump_clock):
    ops = [Create("/a"), Check("/b", 3), Delete("/c")]
    answer = b"".join(map(error_entry, (0, -103, -2))) + END
    _, error = await ask(lambda zk: zk.multi(ops), answer)
    assert type(error) is zkwire.BadVersion
    assert (error.index, error.path) == (1, "/b")
    assert [(type(one), one.path) for one in error.results] == [
        (zkwire.RolledBack, "/a"),
        (zkwire.BadVersion, "/b"),
        (zkwire.RuntimeInconsistency, "/c"),
    ]


@pytest.mark.parametrize("codes", [(0,), (-2,), (0, 0)])
async def test_error_entries_without_a_reason_do_not_pass_for_results(codes, autojump_clock):
    ops = [Delete("/a")] * len(codes)
    _, error = await ask(lambda zk: zk.multi(ops), b"".join(map(error_entry, codes)) + END)
    assert isinstance(error, zkwire.ReplyError)
    assert error.index == 0


async def test_the_reads_that_failed_are_among_the_results(autojump_clock):
    answer = error_entry(-101) + entry(4, b"\0\0\0\0" + STATS) + END
    _, got = await ask(lambda zk: zk.multi_read([GetData("/a"), GetData("/b")]), answer)
    assert type(got[0]) is zkwire.NoNode
    assert got[1] == (b"", STAT)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda zk: zk.multi([GetData("/a")]), r"ops\[0\]: must be a Create, "),
        (lambda zk: zk.multi([Delete("/a"), None]), r"ops\[1\]: must be a Create, "),
        (lambda zk: zk.multi("ab"), r"ops\[0\]: "),
        (lambda zk: zk.multi_read([Delete("/a")]), r"ops\[0\]: must be a GetData "),
        (lambda zk: zk.create("/", mode=0), "mode: must be a CreateMode, not int"),
        (lambda zk: zk.multi([Create("/", mode=0)]), "mode: must be a CreateMode, not int"),
        (lambda zk: zk.create("/a", mode=CreateMode.CONTAINER, ttl=1), "ttl: CONTAINER has none"),
        (lambda zk: zk.set_acl("/a", []), "acl: must have at least one entry"),
        (lambda zk: zk.set_acl("/a", [ANYONE], -2), "version: must be -1"),
    ],
)
async def test_what_is_refused_here_is_not_sent(call, words, autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        with pytest.raises((zkwire.InvalidArgument, zkwire.InvalidArgumentType), match=words):
            await call(zk)
        nursery.start_soon(zk.sync, "/")
        sent = await peer.request()
        assert (sent.opcode, sent.xid) == (9, 1)
        await peer.send(reply(1))


async def test_a_multi_over_the_servers_limit_is_refused_here(autojump_clock):
    async with connected(max_outbound_frame=1024) as (zk, peer):
        assert isinstance(peer, Peer)
        with pytest.raises(zkwire.InvalidArgument, match=r"multi .* bytes, where servers accept"):
            await zk.multi([SetData("/a", bytes(600)), SetData("/a", bytes(600))])
        assert zk.is_alive


# --- paths of another root --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "answer", "path"),
    [
        (lambda zk: zk.create("/a"), "/root/a", "/root/a"),
        (lambda zk: zk.create("/"), "/root", "/root"),
        (lambda zk: zk.create2("/a"), ("/root/a", STAT), "/root/a"),
        (lambda zk: zk.delete("/a"), None, "/root/a"),
        (lambda zk: zk.exists("/"), STAT, "/root"),
        (lambda zk: zk.get("/a"), (b"", STAT), "/root/a"),
        (lambda zk: zk.set("/a", b""), STAT, "/root/a"),
        (lambda zk: zk.get_children("/a"), [], "/root/a"),
        (lambda zk: zk.get_children2("/a"), ([], STAT), "/root/a"),
        (lambda zk: zk.sync("/a"), None, "/root/a"),
        (lambda zk: zk.get_acl("/a"), ([], STAT), "/root/a"),
        (lambda zk: zk.set_acl("/a", [ANYONE]), STAT, "/root/a"),
    ],
)
async def test_paths_are_moved_below_the_root_and_back(call, answer, path):
    zk = Rooted(answer)
    got = await call(zk)
    (request,) = zk.asked
    assert request.path == request.values[0] == path
    if isinstance(answer, str):
        assert got == answer.removeprefix("/root") or got == "/"
    assert "/root" not in repr(got)


@pytest.mark.parametrize("method", ["create", "create2"])
async def test_a_bare_number_below_the_root_is_no_brother_of_it(method):
    created = "/root/0000000001"
    zk = Rooted(created if method == "create" else (created, STAT))
    await getattr(zk, method)("/", mode=CreateMode.PERSISTENT_SEQUENTIAL)
    assert zk.asked[0].values[0] == "/root/"


async def test_paths_in_a_multi_are_moved_too():
    zk = Rooted([Created("/root/0000000001", STAT), Created("/root/b", None), None, STAT, None])
    results = await zk.multi(
        [
            Create("/", mode=CreateMode.EPHEMERAL_SEQUENTIAL),
            Create("/b"),
            Delete("/c"),
            SetData("/", b"x"),
            Check("/d"),
        ]
    )
    assert results == [Created("/0000000001", STAT), Created("/b", None), None, STAT, None]
    (body,) = zk.asked[0].values
    for path in (b"/root/", b"/root/b", b"/root/c", b"/root", b"/root/d"):
        assert len(path).to_bytes(4, "big") + path in body


async def test_paths_in_a_multi_read_are_moved_too():
    zk = Rooted([[], (b"", STAT)])
    assert await zk.multi_read([GetChildren("/a"), GetData("/")]) == [[], (b"", STAT)]
    (body,) = zk.asked[0].values
    assert b"\0\0\0\x07/root/a" in body
    assert b"\0\0\0\x05/root\0" in body
