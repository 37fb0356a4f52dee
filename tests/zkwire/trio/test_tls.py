"""TLS, with a server whose side of it a test can see."""

from __future__ import annotations

import ssl

import pytest
import trio

import zkwire
from scripted_server import Peer, listening
from zkwire.testing import make_tls_files


class Names(trio.abc.HostnameResolver):
    """Every name is this machine's."""

    async def getaddrinfo(self, host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002
        await trio.lowlevel.checkpoint()
        return [(trio.socket.AF_INET, trio.socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

    async def getnameinfo(self, sockaddr, flags):
        raise NotImplementedError


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_tls_files(tmp_path_factory.mktemp("tls"), names=["zk1.test", "127.0.0.1"])


@pytest.fixture
def secure_server(files):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.server)
    names = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    def over(serve):
        async def handle(peer):
            stream = trio.SSLStream(peer.stream, context, server_side=True, https_compatible=True)
            await serve(Peer(stream))

        return listening(handle)

    return over, names


@pytest.mark.parametrize(("host", "sent"), [("zk1.test", "zk1.test"), ("127.0.0.1", None)])
async def test_the_name_as_written_is_the_one_that_is_sent(host, sent, files, secure_server):
    trio.socket.set_custom_hostname_resolver(Names())
    over, names = secure_server
    context = files.client_context()
    async with (
        over(Peer.serve_new) as port,
        zkwire.open_connection(host, port, ssl_context=context) as zk,
    ):
        assert zk.is_alive
    assert names == [sent]


async def test_a_server_that_leaves_without_a_goodbye_has_closed_and_no_more(files, secure_server):
    over, _ = secure_server
    context = files.client_context()

    async def serve(peer):
        await peer.accept()
        await trio.aclose_forcefully(peer.stream)

    async with (
        over(serve) as port,
        zkwire.open_connection("127.0.0.1", port, ssl_context=context) as zk,
    ):
        with trio.fail_after(30):
            await zk.wait_lost()
        assert isinstance(zk.failure, EOFError)


async def test_a_server_that_answers_nothing_is_not_waited_for(files):
    async with listening(Peer.wait_closed) as port:
        with trio.fail_after(30), pytest.raises(zkwire.ConnectionLost, match="did not answer for"):
            async with zkwire.open_connection(
                "127.0.0.1", port, ssl_context=files.client_context(), session_timeout=0.05
            ):
                pytest.fail("opened")


@pytest.mark.parametrize("garbage", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(100)])
async def test_what_is_not_tls_is_an_unusable_server(garbage, files):
    async def serve(peer):
        await peer.stream.receive_some()
        await peer.send(garbage)

    async with listening(serve) as port:
        with trio.fail_after(30), pytest.raises(zkwire.ServerUnusable, match=r"no TLS with 127\.0"):
            async with zkwire.open_connection(
                "127.0.0.1", port, ssl_context=files.client_context()
            ):
                pytest.fail("opened")


async def test_a_context_for_the_other_side_leaves_no_socket():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    closed = trio.Event()

    async def serve(peer):
        await peer.wait_closed()
        closed.set()

    async with listening(serve) as port:
        with pytest.raises(zkwire.InvalidArgument, match=r"ssl_context: cannot speak to '127\.0"):
            async with zkwire.open_connection("127.0.0.1", port, ssl_context=context):
                pytest.fail("opened")
        with trio.fail_after(30):
            await closed.wait()


@pytest.mark.parametrize("host", [".zk1.test", "a" * 64])
async def test_a_host_that_is_no_name(host):
    with pytest.raises(zkwire.InvalidArgument, match=r"host: .* is no name: "):
        async with zkwire.open_connection(host, 1):
            pytest.fail("opened")


async def test_what_is_no_context_is_refused():
    with pytest.raises(zkwire.InvalidArgumentType, match="ssl_context: must be a SSLContext"):
        async with zkwire.open_connection("127.0.0.1", 1, ssl_context=True):
            pytest.fail("opened")
