"""DIGEST-MD5, to servers that speak it, that do not, and that insist on it."""

from __future__ import annotations

import traceback

import pytest
import trio

import zkwire
from real_server import connect
from zkwire.sasl import digest_md5
from zkwire.testing import open_zookeeper

pytestmark = pytest.mark.zk

BOB = digest_md5("bob", "bob's secret")
EVE = digest_md5("eve", "eve's secret")
WRONG = "mistaken-secret"


def identity(user):
    return zkwire.Identity("sasl", user)


async def test_the_identity_is_the_connections(zookeeper_secured):
    async with connect(zookeeper_secured, sasl=BOB) as zk:
        assert identity("bob") in await zk.whoami()
    async with connect(zookeeper_secured) as zk:
        assert identity("bob") not in await zk.whoami()


async def test_a_node_can_be_its_own(zookeeper_secured):
    acl = [zkwire.Acl(zkwire.Perms.ALL, identity("bob"))]
    mode = zkwire.CreateMode.EPHEMERAL_SEQUENTIAL
    async with connect(zookeeper_secured, sasl=BOB) as zk:
        path = await zk.create("/own-", b"data", mode, acl=acl)
        assert (await zk.get(path))[0] == b"data"
        for other in (EVE, None):
            async with connect(zookeeper_secured, sasl=other) as stranger:
                with pytest.raises(zkwire.NoAuth):
                    await stranger.get(path)


async def test_one_mechanism_serves_every_connection_of_a_session(zookeeper_secured):
    async with connect(zookeeper_secured, sasl=BOB, auth=[("digest", b"a:b")]) as zk:
        zk.detach()
    credentials = zk.session.credentials
    async with connect(zookeeper_secured, sasl=BOB, credentials=credentials) as again:
        assert again.session.credentials.id == credentials.id
        assert identity("bob") in await again.whoami()


async def test_other_identities_come_on_top(zookeeper_secured):
    async with connect(zookeeper_secured, sasl=BOB, auth=[("digest", b"a:b")]) as zk:
        assert {each.scheme for each in await zk.whoami()} == {"sasl", "digest", "ip"}


async def test_the_session_is_kept_afterwards(zookeeper_secured):
    async with connect(zookeeper_secured, sasl=BOB, session_timeout=0.5) as zk:
        began = zk.last_contact
        with trio.fail_after(30):
            while zk.last_contact < began + 1.5 * zk.session.negotiated_timeout:  # noqa: ASYNC110
                await trio.sleep(0.01)
        assert zk.is_alive


@pytest.mark.parametrize("user", ["bob", "nobody"])
async def test_the_wrong_password_is_refused_and_not_shown(user, zookeeper_secured):
    with trio.fail_after(10), pytest.raises(zkwire.AuthFailed) as caught:
        async with connect(zookeeper_secured, sasl=digest_md5(user, WRONG)):
            pytest.fail("opened")
    trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert WRONG not in "".join(trace.format())


async def test_a_server_without_sasl_is_not_taken_for_one_that_agrees(zookeeper):
    with trio.fail_after(10), pytest.raises(zkwire.ServerUnusable, match="does not speak SASL"):
        async with connect(zookeeper, sasl=BOB):
            pytest.fail("opened")


async def test_a_password_of_any_characters(zookeeper_secured):
    users = {"a": "ä", "b": "日本ä", "c": "\"'\\,= ;}", "d.e-f_1": "x" * 200}
    async with open_zookeeper(sasl=users) as ensemble:
        for user, password in users.items():
            async with connect(ensemble, sasl=digest_md5(user, password)) as zk:
                assert identity(user) in await zk.whoami()


async def test_an_older_server_agrees_too():
    async with (
        open_zookeeper(version="3.8", provider="maven", sasl={"bob": "bob's secret"}) as ensemble,
        connect(ensemble, sasl=BOB) as zk,
    ):
        assert ensemble.version.startswith("3.8.")
        assert identity("bob") in await zk.whoami()


@pytest.mark.parametrize(
    "config",
    [
        {"sessionRequireClientSASLAuth": True},
        {"enforce.auth.enabled": True, "enforce.auth.schemes": "sasl"},
    ],
    ids=["sessionRequireClientSASLAuth", "enforce.auth"],
)
async def test_a_server_that_insists_on_it(config):
    async with open_zookeeper(sasl={"bob": "bob's secret"}, config=config) as ensemble:
        async with connect(ensemble, sasl=BOB) as zk:
            assert identity("bob") in await zk.whoami()
        async with connect(ensemble) as zk:
            with pytest.raises(zkwire.SessionClosedRequireSaslAuth):
                await zk.get_children("/")
            with trio.fail_after(10):
                await zk.wait_lost()
        with trio.fail_after(10), pytest.raises(zkwire.AuthFailed):
            async with connect(ensemble, sasl=digest_md5("bob", WRONG)):
                pytest.fail("opened")
        with trio.fail_after(10):  # closeSession is refused as well
            async with connect(ensemble):
                pass
