"""Faults that know requests from replies, with a server that a test plays."""

from __future__ import annotations

import pytest
import trio

import zkwire
from fault_rig import Rig, exactly, memory_rig, silent, until_end
from scripted_server import CLOSE_SESSION, DATA, EXISTS, GET_DATA, PING, Peer
from server_frames import connect_reply, framed, notification, pong, reply

SET_DATA, CREATE_SESSION = 5, -10


def request(xid: int, opcode: int, body: bytes = b"") -> bytes:
    head = xid.to_bytes(4, "big", signed=True) + opcode.to_bytes(4, "big", signed=True)
    return framed(head + body)


async def shaken(rig: Rig) -> tuple[trio.abc.Stream, Peer]:
    """A connection behind its handshake."""
    client, server = await rig.pair()
    peer = Peer(server)
    await client.send_all(framed(b"handshake and so on"))
    await peer.accept()
    await exactly(client, len(framed(connect_reply())))
    return client, peer


async def reset_behind(stream: trio.abc.Stream) -> bytes:
    """What still came before the reset."""
    data = b""
    try:
        while more := await stream.receive_some():
            data += bytes(more)
    except trio.BrokenResourceError:
        return data
    raise AssertionError(f"an orderly end behind {data!r}")


async def test_the_reply_is_awaited_and_thrown_away(autojump_clock):
    async with memory_rig() as rig:
        client, peer = await shaken(rig)
        async with rig.faults.cut_before_reply() as cut:
            await client.send_all(request(-2, PING) + request(1, SET_DATA))
            first, second = await peer.requests(2)
            assert (first.opcode, second.opcode) == (PING, SET_DATA)
            await peer.send(pong())
            assert await exactly(client, len(pong())) == pong()
            assert await silent(client, 100)
            assert not cut.done.is_set()
            event = notification(1, "/node")
            await peer.send(event, reply(1, zxid=77, err=-101), event)
            await cut.done.wait()
            assert await reset_behind(client) == event
            await peer.wait_closed()
        assert (cut.opcode, cut.xid, cut.err, cut.zxid) == (SET_DATA, 1, -101, 77)


@pytest.mark.parametrize("step", [1, 2, 3, 5, 7, 21])
async def test_a_reply_is_found_however_it_is_cut_up(autojump_clock, step):
    event, other, answer = notification(1, "/node"), reply(1), reply(2, body=DATA)
    async with memory_rig() as rig:
        client, peer = await shaken(rig)
        async with rig.faults.slicer(step), rig.faults.cut_before_reply(GET_DATA) as cut:
            await client.send_all(request(1, EXISTS) + request(2, GET_DATA) + request(3, EXISTS))
            await peer.requests(3)
            sent = event + other + answer + reply(3)
            for start in range(0, len(sent), step):
                if cut.done.is_set():
                    break
                await peer.send(sent[start : start + step])
                await trio.sleep(1)
            assert await reset_behind(client) == event + other
        assert cut.xid == 2


async def test_it_happens_once_and_with_the_opcode_asked_for(autojump_clock):
    async with memory_rig(2) as rig, rig.faults.cut_before_reply(CLOSE_SESSION) as cut:
        client, peer = await shaken(rig)
        for xid, opcode in ((1, EXISTS), (2, GET_DATA)):
            await client.send_all(request(xid, opcode))
            await peer.request()
            await peer.send(reply(xid))
            assert await exactly(client, len(reply(xid))) == reply(xid)
        await client.send_all(request(3, CLOSE_SESSION))
        await peer.request()
        await peer.send(reply(3))
        assert await reset_behind(client) == b""
        assert cut.done.is_set()
        client, peer = await shaken(rig)
        await client.send_all(request(1, CLOSE_SESSION))
        await peer.request()
        await peer.send(reply(1))
        assert await exactly(client, len(reply(1))) == reply(1)


async def test_where_the_server_is_gone_before_its_reply_the_next_request_counts(autojump_clock):
    async with memory_rig() as rig, rig.faults.cut_before_reply() as cut:
        client, peer = await shaken(rig)
        await client.send_all(request(1, SET_DATA))
        await peer.request()
        await peer.stream.aclose()
        assert await until_end(client) == b""
        await client.aclose()
        await trio.sleep(1)
        assert not cut.done.is_set()
        assert cut.opcode is None
        client, peer = await shaken(rig)
        await client.send_all(request(9, EXISTS))
        await peer.request()
        await peer.send(reply(9))
        assert await reset_behind(client) == b""
        assert (cut.xid, cut.err) == (9, 0)


async def test_the_handshake_is_cut_by_its_opcode(autojump_clock):
    async with memory_rig() as rig, rig.faults.cut_before_reply(CREATE_SESSION) as cut:
        client, server = await rig.pair()
        await client.send_all(framed(b"handshake and so on"))
        await Peer(server).accept()
        assert await reset_behind(client) == b""
        assert cut.done.is_set()
        assert (cut.opcode, cut.xid, cut.err) == (CREATE_SESSION, None, None)


async def test_at_the_exit_a_reply_that_is_under_way_comes_through(autojump_clock):
    async with memory_rig() as rig:
        client, peer = await shaken(rig)
        async with rig.faults.cut_before_reply() as cut:
            await client.send_all(request(1, EXISTS))
            await peer.request()
            await peer.send(reply(1)[:6])
            assert await silent(client, 10)
        await peer.send(reply(1)[6:])
        assert await exactly(client, len(reply(1))) == reply(1)
        assert not cut.done.is_set()


async def test_four_letter_words_pass(autojump_clock):
    async with memory_rig() as rig, rig.faults.cut_before_reply():
        client, server = await rig.pair()
        await client.send_all(b"ruok")
        assert await exactly(server, 4) == b"ruok"
        await server.send_all(b"imok")
        await server.aclose()
        assert await until_end(client) == b"imok"


async def test_corrupt_a_byte_of_the_stream(autojump_clock):
    async with memory_rig() as rig:
        client, server = await rig.pair()
        await server.send_all(b"before")
        await exactly(client, 6)
        async with rig.faults.corrupt(2, mask=0x20) as corrupted:
            await server.send_all(b"a")
            assert await exactly(client, 1) == b"a"
            assert not corrupted.done.is_set()
            await server.send_all(b"bcdc")
            assert await exactly(client, 4) == b"bCdc"
            await corrupted.done.wait()
            await client.send_all(b"abcd")
            assert await exactly(server, 4) == b"abcd"
            new_client, new_server = await rig.pair()
            await new_server.send_all(b"abcd")
            assert await exactly(new_client, 4) == b"abCd"


@pytest.mark.parametrize("step", [1, 3, 1000])
async def test_corrupt_a_byte_of_a_frame(autojump_clock, step):
    frames = [framed(b"first"), framed(b""), framed(b"third"), framed(b"fourth")]
    async with memory_rig() as rig, rig.faults.slicer(step):
        client, server = await rig.pair()
        await client.send_all(frames[0][:2])
        await exactly(server, 2)
        # It has begun, so the empty one is number 0 and the third number 1.
        async with rig.faults.corrupt(5, frame=1, direction="upstream", mask=1) as corrupted:
            sent = b"".join(frames)[2:]
            await client.send_all(sent)
            came = await exactly(server, len(sent))
        assert corrupted.done.is_set()
        assert came == sent.replace(b"third", b"tiird")


async def test_a_frame_that_is_too_short_is_left_alone(autojump_clock):
    async with memory_rig() as rig, rig.faults.corrupt(9, frame=0) as corrupted:
        client, server = await rig.pair()
        await server.send_all(framed(b"short") + framed(b"another"))
        assert await exactly(client, 20) == framed(b"short") + framed(b"another")
        assert not corrupted.done.is_set()


async def test_a_real_client_does_not_know_what_became_of_its_write(autojump_clock):
    async def serve(stream: trio.abc.Stream) -> None:
        with pytest.raises(trio.BrokenResourceError):
            await Peer(stream).serve_new()

    async with memory_rig() as rig, trio.open_nursery() as nursery:
        client, server = await rig.pair()
        nursery.start_soon(serve, server)
        async with rig.faults.cut_before_reply(SET_DATA) as cut:
            async with zkwire.open_connection_over(client, session_timeout=6.0) as zk:
                assert (await zk.get("/"))[0] == b"data"
                with pytest.raises(zkwire.ConnectionLost) as caught:
                    await zk.set("/", b"")
            assert cut.done.is_set()
        assert caught.value.outcome is zkwire.Outcome.UNKNOWN
