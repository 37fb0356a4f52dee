"""Operations on the connection, the session and the ensemble: identities first of all."""

from __future__ import annotations

import traceback

import pytest
import trio
import trio.testing

import zkwire
from rooted import Rooted
from scripted_server import DATA, Peer, connected
from server_frames import STAT, connect_reply, framed, reply
from zkwire import Identity
from zkwire._jute import records
from zkwire._trio._options import CheckedOptions

AUTH, SET_WATCHES, GET_DATA, SASL = 100, 101, 4, 102
SECRET = b"me:s3cret"
STATS = records.EXISTS_RESPONSE.build(STAT)


async def outcome_of(call, kept: list) -> None:
    try:
        kept.append(await call())
    except zkwire.ZkwireError as error:
        kept.append(error)


# --- identities -------------------------------------------------------------------------------


async def test_an_identity_is_sent_under_its_own_number(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        nursery.start_soon(zk.add_auth, "digest", SECRET)
        sent = await peer.request()
        assert (sent.xid, sent.opcode) == (-4, AUTH)
        assert records.AUTH_PACKET.parse(sent.body) == (0, "digest", SECRET)
        await peer.send(reply(-4, 0))


async def test_its_answer_may_overtake_those_of_earlier_requests(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        read, auth = [], []
        nursery.start_soon(outcome_of, lambda: zk.get("/a"), read)
        await peer.request()
        nursery.start_soon(outcome_of, lambda: zk.add_auth("digest", SECRET), auth)
        await peer.request()
        await peer.send(reply(-4, 0))
        await trio.testing.wait_all_tasks_blocked()
        assert (auth, read) == ([None], [])
        assert zk.last_zxid == 0, "its zxid says nothing"
        await peer.send(reply(1, 7, body=DATA))
        await trio.testing.wait_all_tasks_blocked()
        assert read == [(b"data", STAT)]


async def test_several_identities_are_answered_in_their_order(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        one, two = [], []
        nursery.start_soon(outcome_of, lambda: zk.add_auth("digest", b"1"), one)
        await peer.request()
        nursery.start_soon(outcome_of, lambda: zk.add_auth("digest", b"2"), two)
        await peer.request()
        await peer.send(reply(-4, 0))
        await trio.testing.wait_all_tasks_blocked()
        assert (one, two) == ([None], [])
        await peer.send(reply(-4, 0))


async def test_a_refused_identity_is_the_callers_and_the_loss_everybodys(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        auth, read = [], []
        nursery.start_soon(outcome_of, lambda: zk.get("/a"), read)
        await peer.request()
        nursery.start_soon(outcome_of, lambda: zk.add_auth("nosuch", SECRET), auth)
        await peer.request()
        await peer.send(reply(-4, 0, -115))
        await peer.stream.aclose()
        await zk.wait_lost()
        await trio.testing.wait_all_tasks_blocked()
        assert type(auth[0]) is zkwire.AuthFailed
        assert type(read[0]) is zkwire.ConnectionLost
        assert read[0].outcome is zkwire.Outcome.UNKNOWN


async def test_an_identity_without_an_answer_is_lost_with_the_connection(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        auth = []
        nursery.start_soon(outcome_of, lambda: zk.add_auth("digest", SECRET), auth)
        await peer.request()
        await peer.stream.aclose()
        await zk.wait_lost()
        await trio.testing.wait_all_tasks_blocked()
        assert type(auth[0]) is zkwire.ConnectionLost
        assert auth[0].outcome is zkwire.Outcome.UNKNOWN


async def test_a_cancelled_identity_leaves_its_place_in_line(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        with trio.move_on_after(0.1):
            await zk.add_auth("digest", b"1")
        auth = []
        nursery.start_soon(outcome_of, lambda: zk.add_auth("nosuch", b"2"), auth)
        await peer.requests(2)
        await peer.send(reply(-4, 0), reply(-4, 0, -115))
        await trio.testing.wait_all_tasks_blocked()
        assert type(auth[0]) is zkwire.AuthFailed


async def test_opening_asks_nothing_of_the_server(autojump_clock):
    """Neither version nor abilities: an opcode that it does not know would cost the connection."""
    async with connected() as (_, peer):
        first = await peer.request()
        assert (first.xid, first.opcode) == (-2, 11), "a ping, after a while"


# --- before anything else ---------------------------------------------------------------------


async def test_identities_come_before_the_watches_and_both_before_the_rest(autojump_clock):
    watches = zkwire.SessionWatches()
    watches.register(zkwire.WatchKind.DATA, "/a", zkwire.Watch("/a"))
    near, far = trio.testing.memory_stream_pair()
    peer = Peer(far)
    await peer.send(framed(connect_reply()))
    opened = trio.Event()

    async def client():
        auth = iter([("digest", b"1"), ("digest", b"2")])
        async with zkwire.open_connection_over(near, watches=watches, auth=auth) as zk:
            opened.set()
            await zk.get("/x")
            zk.detach()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(client)
        await peer.frame()
        for number in (b"1", b"2"):
            sent = await peer.request()
            assert (sent.xid, sent.opcode) == (-4, AUTH)
            assert records.AUTH_PACKET.parse(sent.body) == (0, "digest", number)
            await trio.testing.wait_all_tasks_blocked()
            assert not opened.is_set()
            await peer.send(reply(-4, 0))
        first, second = await peer.requests(2)
        assert (first.xid, first.opcode) == (-8, SET_WATCHES)
        assert (second.xid, second.opcode) == (1, GET_DATA)
        await peer.send(reply(-8, 1), reply(1, 1, body=DATA))


class OneStep:
    """A SASL mechanism of one step."""

    is_complete = False

    def start(self) -> bytes:
        return b"start"

    def step(self, challenge: bytes) -> None:
        self.is_complete = challenge == b"well"


async def test_sasl_comes_before_the_identities():
    near, far = trio.testing.memory_stream_pair()
    peer = Peer(far)
    await peer.send(framed(connect_reply()))

    async def client():
        options = {"sasl": lambda _host: OneStep(), "auth": [("digest", SECRET)]}
        async with zkwire.open_connection_over(near, **options) as zk:
            zk.detach()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(client)
        await peer.frame()
        sent = await peer.request()
        assert (sent.xid, sent.opcode) == (1, SASL)
        await peer.send(reply(1, 0, body=b"\0\0\0\x04well"))
        sent = await peer.request()
        assert (sent.xid, sent.opcode) == (-4, AUTH)
        await peer.send(reply(-4, 0))


async def test_an_identity_that_is_refused_fails_the_opening(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    peer = Peer(far)
    await peer.send(framed(connect_reply()))

    async def client():
        with pytest.raises(zkwire.AuthFailed):
            async with zkwire.open_connection_over(near, auth=[("digest", b"1"), ("no", b"2")]):
                pytest.fail("opened")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(client)
        await peer.frame()
        await peer.requests(1)
        await peer.send(reply(-4, 0))
        await peer.requests(1)
        await peer.send(reply(-4, 0, -115))
        await peer.wait_closed()


# --- secrets ----------------------------------------------------------------------------------


def test_options_show_no_credential():
    options = CheckedOptions(auth=[("digest", SECRET)], sasl=OneStep)
    assert "s3cret" not in repr(options)
    assert "OneStep" not in repr(options)
    assert options.auth == (("digest", SECRET),)


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        ([("digest", "me:s3cret")], r"auth\[0\]: must be a scheme \(str\) and a credential"),
        ([("digest", SECRET), (b"digest", SECRET)], r"auth\[1\]: must be a scheme"),
        ([("digest", bytearray(SECRET))], r"auth\[0\]: "),
        ([("digest",)], r"auth\[0\]: "),
        (["me:s3cret"], r"auth\[0\]: "),
        ([SECRET], r"auth\[0\]: "),
        ([{"digest": SECRET}], r"auth\[0\]: "),
        ("me:s3cret", "auth: must be a sequence of pairs, not str"),
        (None, "auth: must be a sequence of pairs, not NoneType"),
        (7, "auth: must be a sequence of pairs, not int"),
    ],
)
def test_an_identity_that_is_none_is_refused_and_not_shown(auth, words):
    with pytest.raises(zkwire.InvalidArgumentType, match=words) as caught:
        CheckedOptions(auth=auth)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("scheme", "credential"), [("digest", "me:s3cret"), (b"digest", SECRET), ("digest", None)]
)
async def test_so_is_one_that_is_added(scheme, credential, autojump_clock):
    async with connected() as (zk, _):
        with pytest.raises(zkwire.InvalidArgumentType, match=r"must be a (str|bytes)") as caught:
            await zk.add_auth(scheme, credential)
        assert "s3cret" not in str(caught.value)


async def test_no_exception_of_a_refused_identity_shows_it(autojump_clock):
    kept = []
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        nursery.start_soon(outcome_of, lambda: zk.add_auth("digest", SECRET), kept)
        await peer.request()
        await peer.send(reply(-4, 0, -115))
        await peer.stream.aclose()
        await zk.wait_lost()
        nursery.start_soon(outcome_of, lambda: zk.add_auth("digest", SECRET), kept)
        assert "s3cret" not in repr(zk)
    assert [type(error) for error in kept] == [zkwire.AuthFailed, zkwire.ConnectionLost]
    for error in kept:
        assert "s3cret" not in "".join(traceback.format_exception(error))


# --- the rest ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "opcode", "body", "answer", "value"),
    [
        (
            lambda zk: zk.whoami(),
            107,
            "",
            records.WHO_AM_I_RESPONSE.build([Identity("ip", "::1")]),
            [Identity("ip", "::1")],
        ),
        (
            lambda zk: zk.get_ephemerals(),
            103,
            "00000001 2f",
            records.GET_EPHEMERALS_RESPONSE.build(["/a"]),
            ["/a"],
        ),
        (
            lambda zk: zk.get_ephemerals("/no/path/"),
            103,
            "00000009 2f6e6f2f706174682f",
            b"\xff\xff\xff\xff",
            [],
        ),
        (lambda zk: zk.get_all_children_number("/a"), 104, "00000002 2f61", b"\0\0\0\x07", 7),
        (
            lambda zk: zk.get_config(),
            4,
            "00000011 2f7a6f6f6b65657065722f636f6e666967 00",
            b"\xff\xff\xff\xff" + STATS,
            (b"", STAT),
        ),
        (
            lambda zk: zk.reconfig(joining=["5=h:1:2;3", "6=h"], leaving=["1"], from_config=7),
            16,
            "0000000d 353d683a313a323b332c363d68 00000001 31 ffffffff 0000000000000007",
            b"\0\0\0\x01c" + STATS,
            (b"c", STAT),
        ),
        (
            lambda zk: zk.reconfig(new_members=("1=h", "2=h")),
            16,
            "ffffffff ffffffff 00000007 313d682c323d68 ffffffffffffffff",
            b"\xff\xff\xff\xff" + STATS,
            (b"", STAT),
        ),
    ],
)
async def test_what_is_sent_and_what_comes_of_it(call, opcode, body, answer, value, autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        kept = []
        nursery.start_soon(outcome_of, lambda: call(zk), kept)
        sent = await peer.request()
        assert (sent.xid, sent.opcode, sent.body) == (1, opcode, bytes.fromhex(body))
        await peer.send(reply(1, 1, body=answer))
    assert kept == [value]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({}, zkwire.InvalidArgument, "joining, leaving or new_members: one is needed"),
        (
            {"joining": ["1"], "new_members": ["1"]},
            zkwire.InvalidArgument,
            "new_members: excludes joining and leaving",
        ),
        (
            {"leaving": [], "new_members": ["1"]},
            zkwire.InvalidArgument,
            "new_members: excludes joining and leaving",
        ),
        ({"leaving": "12"}, zkwire.InvalidArgumentType, "leaving: must be a sequence of str"),
        (
            {"leaving": 12},
            zkwire.InvalidArgumentType,
            "leaving: must be a sequence of str, not int",
        ),
        ({"leaving": [12]}, zkwire.InvalidArgumentType, r"leaving\[0\]: must be a str, not int"),
        (
            {"leaving": ["1"], "from_config": -2},
            zkwire.InvalidArgument,
            "from_config: must be -1 to ",
        ),
        ({"leaving": ["1"], "from_config": "1"}, zkwire.InvalidArgumentType, "from_config: "),
    ],
)
async def test_a_change_of_the_ensemble_that_makes_no_sense_is_refused(
    given, error, words, autojump_clock
):
    async with connected() as (zk, _):
        with pytest.raises(error, match=words) as caught:
            await zk.reconfig(**given)
        assert type(caught.value) is error
        assert zk.statistics().requests_in_flight == 0


@pytest.mark.parametrize(("prefix", "asked"), [("/", "/root/"), ("/a", "/root/a")])
async def test_ephemerals_are_those_below_the_root_and_no_others(prefix, asked):
    zk = Rooted(["/root/a", "/root/ab/c"])
    assert await zk.get_ephemerals(prefix) == ["/a", "/ab/c"]
    assert zk.asked[0].values == (asked,)


async def test_the_configuration_is_below_no_root():
    zk = Rooted((None, STAT), (b"c", STAT), 3)
    await zk.get_config()
    await zk.reconfig(leaving=["1"])
    assert await zk.get_all_children_number("/a") == 3
    assert [one.path for one in zk.asked] == ["/zookeeper/config", "/zookeeper/config", "/root/a"]
