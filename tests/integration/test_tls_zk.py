"""TLS, to servers that speak it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
import trio

import zkwire
from real_server import connect
from relay import relaying
from zkwire.testing import make_tls_files, open_zookeeper

pytestmark = pytest.mark.zk

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
BOUND = 10.0


def split(address):
    host, _, port = address.rpartition(":")
    return host, int(port)


def securely(ensemble, host=None, *, at=None, context=None, **options):
    """A connection to the TLS port, with the certificate that servers ask for."""
    address, port = split(at or ensemble.secure_servers[0])
    context = context or ensemble.tls.client_context()
    options = {"session_timeout": 10.0, **options}
    return zkwire.open_connection(host or address, port, ssl_context=context, **options)


class Names(trio.abc.HostnameResolver):
    """Every name is this machine's."""

    async def getaddrinfo(self, host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002
        await trio.lowlevel.checkpoint()
        return [(trio.socket.AF_INET, trio.socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

    async def getnameinfo(self, sockaddr, flags):
        raise NotImplementedError


async def refusal(error, words, connection):
    """The error with which a connection is not made, in bounded time."""
    with trio.fail_after(BOUND), pytest.raises(error, match=words) as caught:
        async with connection:
            pytest.fail("opened")
    return caught.value


async def hang(connection):
    async with connection:
        pytest.fail("opened")


async def until(condition):
    with trio.fail_after(30):
        while not condition():  # noqa: ASYNC110  # nothing says when
            await trio.sleep(0.01)


# --- agreed -----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_certificate_is_an_identity(host, version, zookeeper_secured):
    context = zookeeper_secured.tls.client_context()
    context.minimum_version = context.maximum_version = version
    async with securely(zookeeper_secured, host, context=context) as zk:
        schemes = {identity.scheme: identity.id for identity in await zk.whoami()}
        assert "trustme" in schemes["x509"]
        path = await zk.create("/x509-", mode=zkwire.CreateMode.EPHEMERAL_SEQUENTIAL)
        owner = zkwire.Identity("x509", schemes["x509"])
        await zk.set_acl(path, [zkwire.Acl(zkwire.Perms.ALL, owner)])
        await zk.set(path, b"mine")
        async with connect(zookeeper_secured) as other:
            with pytest.raises(zkwire.NoAuth):
                await other.get(path)


@pytest.mark.parametrize("version", VERSIONS)
async def test_as_much_as_fits_goes_each_way(version, zookeeper_secured):
    context = zookeeper_secured.tls.client_context()
    context.minimum_version = context.maximum_version = version
    data = bytes(range(256)) * 4000
    async with securely(zookeeper_secured, context=context) as zk:
        path = await zk.create("/large-", data, mode=zkwire.CreateMode.EPHEMERAL_SEQUENTIAL)
        assert (await zk.get(path))[0] == data
        async with trio.open_nursery() as nursery:  # both ways at once
            for _ in range(4):
                nursery.start_soon(zk.set, path, data)
                nursery.start_soon(zk.get, path)


async def test_many_requests_are_in_flight_at_once(zookeeper_secured):
    async with securely(zookeeper_secured) as zk:
        seen, most = [], 0
        path = await zk.create("/n-", b"data", mode=zkwire.CreateMode.EPHEMERAL_SEQUENTIAL)

        async def read():
            nonlocal most
            data, _ = await zk.get(path)
            seen.append(data)

        async with trio.open_nursery() as nursery:
            for _ in range(256):
                nursery.start_soon(read)
            while not seen:
                most = max(most, zk.statistics().requests_in_flight)
                await trio.lowlevel.checkpoint()
        assert seen == [b"data"] * 256
        assert most == 256


async def test_an_idle_session_is_kept_and_events_come_in(zookeeper_secured):
    # Session tickets come unasked for, after the handshake; pings interrupt every wait for input.
    async with securely(zookeeper_secured, session_timeout=1.0) as zk:
        path = await zk.create("/n-", mode=zkwire.CreateMode.EPHEMERAL_SEQUENTIAL)
        began = zk.last_contact
        _, _, watch = await zk.get_and_watch(path)
        await until(lambda: zk.last_contact > began + 1.5 * zk.session.negotiated_timeout)
        async with securely(zookeeper_secured) as other:
            await other.set(path, b"changed")
        with trio.fail_after(30):
            assert (await watch.wait()).type is zkwire.EventType.NODE_DATA_CHANGED
        assert zk.is_alive


async def test_a_session_is_taken_up_again(zookeeper_secured):
    async with securely(zookeeper_secured) as zk:
        path = await zk.create("/n-", mode=zkwire.CreateMode.EPHEMERAL_SEQUENTIAL)
        zk.detach()
    credentials = zk.session.credentials
    async with securely(zookeeper_secured, credentials=credentials) as again:
        assert again.session.credentials.id == credentials.id
        assert await again.exists(path) is not None
    async with connect(zookeeper_secured) as other:
        assert await other.exists(path) is None


async def test_an_older_server_agrees_too(tmp_path):
    async with open_zookeeper(version="3.8", provider="maven", tls=True) as ensemble:
        assert ensemble.version.startswith("3.8.")
        async with securely(ensemble) as zk:
            assert "x509" in {identity.scheme for identity in await zk.whoami()}


async def test_every_member_of_an_ensemble_speaks_it():
    async with open_zookeeper(3, tls=True, config={"ssl.clientAuth": "none"}) as ensemble:
        context = ensemble.tls.client_context(with_certificate=False)
        for address in ensemble.secure_servers:
            async with securely(ensemble, at=address, context=context) as zk:
                assert "x509" not in {identity.scheme for identity in await zk.whoami()}


# --- refused ----------------------------------------------------------------------------------


async def test_the_name_is_held_to_the_certificate_as_written(zookeeper_secured):
    trio.socket.set_custom_hostname_resolver(Names())
    async with securely(zookeeper_secured, "localhost") as zk:
        assert zk.is_alive
    words = r"no TLS with zk1\.test: .*not valid for 'zk1\.test'"
    await refusal(zkwire.ServerUnusable, words, securely(zookeeper_secured, "zk1.test"))


async def test_an_address_is_held_to_the_certificate_too(tmp_path):
    files = make_tls_files(tmp_path, names=["localhost"])
    async with open_zookeeper(tls=files) as ensemble:
        async with securely(ensemble, "localhost") as zk:
            assert zk.is_alive
        words = r"no TLS with 127\.0\.0\.1: .*mismatch"
        await refusal(zkwire.ServerUnusable, words, securely(ensemble, "127.0.0.1"))


async def test_an_authority_that_is_not_trusted(tmp_path, zookeeper_secured):
    connection = securely(zookeeper_secured, context=make_tls_files(tmp_path).client_context())
    words = "no TLS with .*certificate verify failed: unable to get local issuer"
    error = await refusal(zkwire.ServerUnusable, words, connection)
    assert isinstance(error.__cause__.__cause__, ssl.SSLCertVerificationError)


async def test_a_certificate_that_has_expired(tmp_path):
    files = make_tls_files(tmp_path, not_after=datetime(2020, 1, 1, tzinfo=UTC))
    async with open_zookeeper(tls=files) as ensemble:
        words = "no TLS with .*certificate has expired"
        await refusal(zkwire.ServerUnusable, words, securely(ensemble))


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_without_the_certificate_that_the_server_wants(version, zookeeper_secured):
    context = zookeeper_secured.tls.client_context(with_certificate=False)
    context.minimum_version = context.maximum_version = version
    connection = securely(zookeeper_secured, context=context)
    # In TLS 1.3 the objection comes when the handshake is over on this side.
    await refusal(zkwire.ServerUnusable, "(?i)certificate|alert", connection)


async def test_a_client_without_tls_at_the_port_of_tls(zookeeper_secured):
    errors = (zkwire.ServerUnusable, zkwire.RemoteProtocolError)
    host, port = split(zookeeper_secured.secure_servers[0])
    await refusal(errors, None, zkwire.open_connection(host, port))


@pytest.mark.parametrize("factory", ["netty", "nio"])
async def test_a_client_with_tls_at_the_port_without(factory, zookeeper_secured, zookeeper):
    server = zookeeper if factory == "nio" else zookeeper_secured
    connection = securely(zookeeper_secured, at=server.servers[0])
    await refusal(zkwire.ServerUnusable, "no TLS with 127.0.0.1", connection)


# --- cut --------------------------------------------------------------------------------------


async def test_a_handshake_that_is_cut(zookeeper_secured):
    async with relaying(zookeeper_secured.secure_servers[0]) as relay:
        relay.hold("down")
        async with trio.open_nursery() as nursery:
            connection = securely(zookeeper_secured, at=relay.address)
            words = "no TLS with 127.0.0.1"
            nursery.start_soon(refusal, zkwire.ServerUnusable, words, connection)
            await until(lambda: relay.connections)
            relay.cut()


async def test_a_handshake_that_is_not_answered(zookeeper_secured):
    async with relaying(zookeeper_secured.secure_servers[0]) as relay:
        relay.hold("down")
        connection = securely(zookeeper_secured, at=relay.address, session_timeout=0.2)
        words = r"no TLS with .* did not answer for 0\.2 s"
        error = await refusal(zkwire.ConnectionLost, words, connection)
        assert error.outcome is zkwire.Outcome.NOT_SENT


async def test_a_handshake_that_is_given_up_leaves_no_socket(zookeeper_secured):
    async with relaying(zookeeper_secured.secure_servers[0]) as relay:
        relay.hold("down")
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(hang, securely(zookeeper_secured, at=relay.address))
                await until(lambda: relay.connections)
                scope.cancel()
        assert scope.cancelled_caught
        await until(lambda: not relay._links)  # the relay sees the end of the stream


async def test_a_connection_that_is_cut_is_lost(zookeeper_secured):
    async with (
        relaying(zookeeper_secured.secure_servers[0]) as relay,
        securely(zookeeper_secured, at=relay.address) as zk,
    ):
        await zk.get_children("/")
        relay.cut()
        with trio.fail_after(BOUND):
            await zk.wait_lost()
        with pytest.raises(zkwire.ConnectionLost):
            await zk.get("/")
