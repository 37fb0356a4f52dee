"""Whatever a peer sends costs that one connection, says why and where, and nothing else."""

from __future__ import annotations

import pytest
import trio

import zkwire
from scripted_server import DATA, connected, listening
from server_frames import framed, notification, pong, reply

LIMIT = 2048

# What comes behind a handshake reply of 41 bytes, with request 1 in flight; and what is made of it.
FAULTS = {
    "negative length": (b"\xff\xff\xff\xfb", "frame of -5 bytes", 41),
    "huge length": (b"\x7f\xff\xff\xff", "frame of 2147483647 bytes", 41),
    "over the limit": ((LIMIT + 1).to_bytes(4, "big"), f"frame of {LIMIT + 1} bytes", 41),
    "length 0": (bytes(4), "a reply of 0 bytes is too short", 41),
    "short header": (framed(bytes(15)), "a reply of 15 bytes is too short", 41),
    "garbage": (b"\x00\x00\x00\x14" + b"\xa5" * 20, "a reply with xid -1515870811", 41),
    "TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "frame of 369295618 bytes", 41),
    "HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "frame of 1213486160 bytes", 41),
    "wrong xid": (reply(2, body=DATA), "a reply to request 2, where that to 1 is due", 41),
    "xid 0": (reply(0, body=DATA), "a reply with xid 0", 41),
    "special xid": (reply(-3), "a reply with xid -3", 41),
    "setWatches unasked": (reply(-8), "a reply with xid -8", 41),
    "pong unasked": (pong(), "a reply to a ping, where none is open", 41),
    "duplicate": (reply(1, body=DATA) * 2, "a reply to request 1, where that to 2 is due", 41 + 96),
    "body too short": (reply(1, body=DATA[:-1]), "GetDataResponse.stat", 41 + 4 + 16 + 8),
    "event without path": (notification(3, None), "WatcherEvent.path is null", 41 + 4 + 16),
    "zxid goes back": (
        reply(1, 9, body=DATA) + reply(2, 8, body=DATA),
        "zxid went back from 0x9 to 0x8",
        41 + 96,
    ),
}


async def _collect(zk, failures):
    with pytest.raises(zkwire.ConnectionLost) as caught:
        await zk.get("/a")
    failures.append(caught.value)


@pytest.mark.parametrize(("sent", "words", "offset"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_fault_ends_the_connection_and_names_cause_and_offset(
    sent, words, offset, autojump_clock
):
    async with connected(max_inbound_frame=LIMIT) as (zk, peer):
        failures = []
        async with trio.open_nursery() as nursery:
            answered = sent.count(reply(1, 9, body=DATA)) + sent.count(reply(1, body=DATA)) > 0
            if answered:
                nursery.start_soon(zk.get, "/first")
                await peer.request()
            for _ in range(3):
                nursery.start_soon(_collect, zk, failures)
            await peer.requests(3)
            await peer.send(sent)
        cause = zk.failure
        assert type(cause) is zkwire.RemoteProtocolError
        assert words in str(cause)
        assert cause.offset == offset
        assert f"(at byte {offset})" in str(cause)
        assert len({id(error) for error in failures}) == 3, "each waiter has its own"
        assert all(error.__cause__ is cause for error in failures)
        assert {error.outcome for error in failures} == {zkwire.Outcome.UNKNOWN}
        assert not zk.is_alive
        await zk.wait_lost()
        await peer.wait_closed()  # while the block still runs
        with pytest.raises(zkwire.ConnectionLost) as caught:
            await zk.get("/a")
        assert caught.value.outcome is zkwire.Outcome.NOT_SENT
        assert caught.value.__cause__ is cause


async def test_replies_before_the_fault_are_delivered(autojump_clock):
    async with connected() as (zk, peer):
        failures = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_expect_data, zk)
            await peer.request()
            nursery.start_soon(_collect, zk, failures)
            await peer.request()
            await peer.send(reply(1, body=DATA), reply(7, body=DATA))
        assert len(failures) == 1


async def _expect_data(zk):
    data, _ = await zk.get("/a")
    assert data == b"data"


@pytest.mark.parametrize("cut", range(1, 96))
async def test_a_reply_cut_at_any_byte_is_a_fault_of_the_peer(cut, autojump_clock):
    async with connected() as (zk, peer):
        failures = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_collect, zk, failures)
            await peer.request()
            await peer.send(reply(1, body=DATA)[:cut])
            await peer.stream.aclose()
        assert type(zk.failure) is zkwire.RemoteProtocolError
        assert str(zk.failure) == "the stream ends inside a frame (at byte 41)"
        assert failures[0].outcome is zkwire.Outcome.UNKNOWN


async def test_an_end_between_frames_is_no_fault(autojump_clock):
    async with connected() as (zk, peer):
        failures = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_collect, zk, failures)
            await peer.request()
            await peer.stream.aclose()
        assert type(zk.failure) is EOFError
        assert failures[0].__cause__ is zk.failure


async def test_bytes_one_by_one_make_the_same_reply(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        nursery.start_soon(_expect_data, zk)
        await peer.request()
        for byte in notification(3, "/elsewhere") + reply(1, body=DATA):
            await peer.send(bytes([byte]))
            await trio.testing.wait_all_tasks_blocked()


async def test_a_length_is_refused_before_anything_is_kept_for_it(autojump_clock):
    """Four bytes are enough to refuse; nobody waits for two gigabytes."""
    async with connected() as (zk, peer):
        await peer.send(b"\x7f\xff\xff\xff")
        with trio.fail_after(0.1):
            await zk.wait_lost()


async def test_unknown_codes_types_and_longer_bodies_are_no_faults(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:

        async def refused():
            with pytest.raises(zkwire.UnknownReplyError) as caught:
                await zk.get("/a")
            assert caught.value.code == -9999

        nursery.start_soon(refused)
        await peer.request()
        nursery.start_soon(_expect_data, zk)
        await peer.request()
        await peer.send(
            notification(77, "/a"),
            reply(1, err=-9999, body=b"what is this"),
            reply(2, body=DATA + b"a field of a newer server"),
        )


async def test_a_reset_is_a_loss_not_a_fault():
    async def reset(peer):
        await peer.accept()
        await peer.request()
        await peer.reset()

    async with (
        listening(reset) as port,
        zkwire.open_connection("127.0.0.1", port, session_timeout=6) as zk,
    ):
        with pytest.raises(zkwire.ConnectionLost) as caught:
            await zk.get("/a")
        assert caught.value.outcome is zkwire.Outcome.UNKNOWN
        assert isinstance(zk.failure, trio.BrokenResourceError)


async def test_one_connections_fault_is_no_other_connections_fault(autojump_clock):
    async with connected() as (bad, bad_peer), connected() as (good, good_peer):
        await bad_peer.send(b"\xff" * 8)
        await bad.wait_lost()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_expect_data, good)
            await good_peer.answer(await good_peer.request())
