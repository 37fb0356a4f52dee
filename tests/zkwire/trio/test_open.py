"""How a connection begins: every shape of answer, every refusal, and what is left behind."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import Peer, connected, listening
from server_frames import PASSWORD, SESSION_ID, connect_reply, framed, reply
from stepping import cancel_at_each_step
from zkwire._jute import records

CREDENTIALS = zkwire.SessionCredentials(id=zkwire.SessionId(SESSION_ID), password=PASSWORD)
HANDSHAKE_ERROR = records.REPLY_HEADER.build(0, 5, -119)


async def _open_and_fail(answer, **options):
    """Open over memory towards a peer that answers with ``answer`` and closes."""
    near, far = trio.testing.memory_stream_pair()
    await far.send_all(answer)
    await far.send_stream.aclose()
    async with zkwire.open_connection_over(near, **{"session_timeout": 6.0, **options}):
        pytest.fail("opened")


# --- what is sent and what is granted ---------------------------------------------------------


async def test_the_first_frame_asks_for_the_session(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    peer = Peer(far)
    async with trio.open_nursery() as nursery:

        async def serve():
            frame = await peer.accept(timeout_ms=4000)
            assert records.CONNECT_REQUEST.parse(frame) == (
                0, 77, 9500, SESSION_ID, PASSWORD, True,
            )  # fmt: skip
            await peer.serve()

        nursery.start_soon(serve)
        async with zkwire.open_connection_over(
            near,
            session_timeout=9.5,
            credentials=CREDENTIALS,
            last_zxid=zkwire.Zxid(77),
            read_only=True,
        ) as zk:
            assert zk.session.credentials == CREDENTIALS
            assert zk.session.negotiated_timeout == 4.0
            assert zk.last_zxid == 77
            assert zk.is_alive
        assert not zk.is_alive


async def test_nothing_follows_the_handshake_before_its_answer(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    peer = Peer(far)
    async with trio.open_nursery() as nursery:

        async def serve():
            await peer.frame()
            with trio.move_on_after(5.9) as wait:
                await far.receive_some()
            assert wait.cancelled_caught, "no ping, no watch, no request"
            await peer.send(framed(connect_reply()))
            await peer.serve()

        nursery.start_soon(serve)
        async with zkwire.open_connection_over(near, session_timeout=6.0):
            pass


@pytest.mark.parametrize(
    ("tail", "read_only"), [(b"", False), (b"\0", False), (b"\1", True), (b"\1newer", True)]
)
async def test_the_read_only_byte_may_be_missing_or_followed(tail, read_only, autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    peer = Peer(far)
    async with trio.open_nursery() as nursery:

        async def serve():
            await peer.accept(tail=tail)
            await peer.serve()

        nursery.start_soon(serve)
        async with zkwire.open_connection_over(near, read_only=True) as zk:
            assert zk.session.read_only is read_only


@pytest.mark.parametrize("password", [bytes(16), bytes(17), bytes(40)])
async def test_a_longer_password_is_taken_as_it_comes(password, autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    await far.send_all(framed(connect_reply(password=password)))
    async with zkwire.open_connection_over(near, session_timeout=6.0) as zk:
        assert zk.session.credentials.password == password
        zk.detach()


# --- answers that grant nothing ---------------------------------------------------------------


async def test_timeout_0_for_a_known_session_is_its_end(autojump_clock):
    refusal = framed(connect_reply(timeout_ms=0, session_id=0, password=bytes(16)))
    with pytest.raises(zkwire.SessionExpired):
        await _open_and_fail(refusal, credentials=CREDENTIALS)


async def test_another_session_than_the_one_asked_for_is_its_end(autojump_clock):
    with pytest.raises(zkwire.SessionExpired):
        await _open_and_fail(framed(connect_reply(session_id=1)), credentials=CREDENTIALS)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (framed(connect_reply(timeout_ms=0)), "refused to open a session"),
        (framed(HANDSHAKE_ERROR), r"answered the handshake with an error: .*\(code -119\)"),
        (framed(bytes(16)), "answered the handshake with 16 bytes"),
        (framed(b""), "answered the handshake with 0 bytes"),
        (b"", "closed the connection in place of an answer"),
    ],
)
async def test_a_server_that_is_of_no_use(answer, words, autojump_clock):
    with pytest.raises(zkwire.ServerUnusable, match=words) as caught:
        await _open_and_fail(answer)
    assert caught.value.outcome is zkwire.Outcome.NOT_SENT


@pytest.mark.parametrize(
    ("answer", "words", "offset"),
    [
        (framed(connect_reply())[:-1], "the stream ends inside a frame", 0),
        (framed(connect_reply())[:3], "the stream ends inside a frame", 0),
        (b"\xff\xff\xff\xfb", "frame of -5 bytes", 0),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "frame of 1213486160 bytes", 0),
        (b"\x16\x03\x01\x00\x05hello", "frame of 369295616 bytes", 0),
        (framed(b"\xa5" * 40), "ConnectResponse.passwd", 4 + 16),
    ],
)
async def test_what_answers_is_no_zookeeper(answer, words, offset, autojump_clock):
    with pytest.raises(zkwire.RemoteProtocolError, match=words) as caught:
        await _open_and_fail(answer)
    assert caught.value.offset == offset


async def test_a_silent_server_is_given_up_after_the_session_timeout(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    began = trio.current_time()
    with pytest.raises(zkwire.ConnectionLost) as caught:
        async with zkwire.open_connection_over(near, session_timeout=3.0):
            pytest.fail("opened")
    assert isinstance(caught.value.__cause__, TimeoutError)
    assert trio.current_time() - began == pytest.approx(3.0, abs=0.02)
    await Peer(far).wait_closed()


async def test_a_byte_now_and_then_does_not_pass_for_an_answer(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    began = trio.current_time()
    async with trio.open_nursery() as nursery:

        async def drip():
            for byte in framed(connect_reply()):
                await far.send_all(bytes([byte]))
                await trio.sleep(0.5)

        nursery.start_soon(drip)
        with pytest.raises(zkwire.ConnectionLost):
            async with zkwire.open_connection_over(near, session_timeout=3.0):
                pytest.fail("opened")
        nursery.cancel_scope.cancel()
    assert trio.current_time() - began == pytest.approx(3.0, abs=0.02)


# --- over TCP ---------------------------------------------------------------------------------


async def _open(port):
    async with zkwire.open_connection("127.0.0.1", port, session_timeout=6.0):
        pytest.fail("opened")


async def test_a_server_that_accepts_and_closes():
    async def close(peer):
        await peer.frame()

    async with listening(close) as port:
        with pytest.raises(zkwire.ServerUnusable):
            await _open(port)


async def test_a_server_that_accepts_and_resets():
    """Closing with the handshake unread makes a reset of it: the same to a client."""
    async with listening(Peer.reset) as port:
        with pytest.raises(zkwire.ServerUnusable):
            await _open(port)


async def test_nobody_listens():
    async with listening(Peer.serve) as port:
        pass
    with pytest.raises(OSError, match=str(port)):
        await _open(port)


# --- what is left behind ----------------------------------------------------------------------


def _open_files():
    return len(os.listdir("/proc/self/fd"))


async def _until(condition):
    with trio.fail_after(5):
        while not condition():
            await trio.lowlevel.checkpoint()


def _living():
    return trio.lowlevel.current_statistics().tasks_living


async def test_no_task_and_no_socket_is_left():
    gone = []

    async def handle(peer):
        await peer.serve_new()
        gone.append(peer)

    async with listening(handle) as port:

        async def come_and_go():
            async with zkwire.open_connection("127.0.0.1", port, session_timeout=6.0) as zk:
                await zk.get("/a")

        await come_and_go()  # what the first time leaves is the listener's, or trio's own
        await _until(lambda: len(gone) == 1)
        await trio.testing.wait_all_tasks_blocked()
        tasks, files = _living(), _open_files()
        for _ in range(20):
            await come_and_go()
        assert _living() <= tasks + 1, "beside a handler that is just ending"
        await _until(lambda: len(gone) == 21)
        await _until(lambda: (_living(), _open_files()) == (tasks, files))


async def test_entering_can_be_cancelled_at_every_step():
    async def handle(peer):
        with suppress(EOFError, trio.BrokenResourceError):
            await peer.serve_new()

    async with listening(handle) as port:

        async def enter():
            async with zkwire.open_connection("127.0.0.1", port, session_timeout=6.0) as zk:
                await zk.get("/a")

        await enter()
        await trio.testing.wait_all_tasks_blocked()
        tasks, files = _living(), _open_files()
        cancelled = await cancel_at_each_step(enter)
        assert sum(cancelled) > 5
        assert not cancelled[-1]
        await _until(lambda: (_living(), _open_files()) == (tasks, files))


async def test_a_fault_right_behind_the_last_answer_before_the_watches(autojump_clock):
    """The identity is accepted and the connection dead, in one step: nothing can be set again."""
    watches = zkwire.SessionWatches()
    watches.register(zkwire.WatchKind.DATA, "/a", zkwire.Watch("/a"))
    near, far = trio.testing.memory_stream_pair()
    peer = Peer(far)

    async def serve():
        await peer.accept()
        await peer.request()
        await peer.send(reply(-4, 0), b"\xff" * 4)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        with pytest.raises(zkwire.ConnectionLost) as caught:
            async with zkwire.open_connection_over(
                near, watches=watches, auth=[("digest", b"me:secret")]
            ):
                pytest.fail("opened")
    assert isinstance(caught.value.__cause__, zkwire.RemoteProtocolError)
    assert len(watches) == 1


async def test_a_cancelled_wait_for_the_answer_closes_the_stream(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    with trio.move_on_after(1) as scope:
        async with zkwire.open_connection_over(near, session_timeout=6.0):
            pytest.fail("opened")
    assert scope.cancelled_caught
    assert trio.current_time() == pytest.approx(1)
    await Peer(far).wait_closed()


async def test_entering_and_leaving_are_checkpoints(autojump_clock):
    manager = connected()
    with trio.testing.assert_checkpoints():
        _, peer = await manager.__aenter__()
    await peer.stream.aclose()
    with trio.testing.assert_checkpoints():
        await manager.__aexit__(None, None, None)


# --- a stream of the caller's making ------------------------------------------------------------


async def test_dial_makes_the_stream_from_host_and_port(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    called = []

    async def dial(host, port):
        called.append((host, port))
        await trio.lowlevel.checkpoint()
        return near

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Peer(far).serve_new)
        async with zkwire.open_connection("no.such.host", 99, dial=dial) as zk:
            assert zk.is_alive
    assert called == [("no.such.host", 99)]


async def test_what_dial_raises_is_the_callers():
    async def dial(host, port):
        await trio.lowlevel.checkpoint()
        raise ConnectionRefusedError(f"{host}:{port}")

    with pytest.raises(ConnectionRefusedError, match="there:99"):
        async with zkwire.open_connection("there", 99, dial=dial):
            pytest.fail("opened")


async def test_a_dial_that_is_none_is_refused_by_name():
    async def dial(_host, _port):
        await trio.lowlevel.checkpoint()
        return "a stream"

    for wrong, message in [
        ("tcp", "dial: must be callable, not str"),
        (dial, "the result of dial: must be a Stream, not str"),
    ]:
        with pytest.raises(zkwire.InvalidArgumentType, match=message):
            async with zkwire.open_connection("there", 99, dial=wrong):
                pytest.fail("opened")
