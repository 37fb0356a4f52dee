"""Kerberos, with a key distribution centre, a server and a client that are all real."""

from __future__ import annotations

import pytest
import trio

import zkwire
from kerberos import USER, kerberos_realm, what_is_missing
from real_server import connect
from zkwire.sasl import digest_md5, gssapi
from zkwire.testing import start_zookeeper

pytestmark = [
    pytest.mark.zk,
    pytest.mark.kerberos,
    pytest.mark.skipif(what_is_missing() is not None, reason=str(what_is_missing())),
]

BOB = zkwire.Identity("sasl", USER)


@pytest.fixture(scope="module", params=["3.9", "3.8"])
def kerberized(request, tmp_path_factory):
    with (
        kerberos_realm(tmp_path_factory.mktemp("realm")) as realm,
        pytest.MonkeyPatch.context() as m,
    ):
        for name, value in realm.environment.items():
            m.setenv(name, value)
        options = {"config": realm.config, "system_properties": realm.system_properties}
        with start_zookeeper(tick_time=0.1, version=request.param, **options) as ensemble:
            yield ensemble


async def test_a_ticket_is_an_identity(kerberized):
    async with connect(kerberized, sasl=gssapi("localhost")) as zk:
        assert BOB in await zk.whoami()
        acl = [zkwire.Acl(zkwire.Perms.ALL, BOB)]
        path = await zk.create("/own-", mode=zkwire.CreateMode.EPHEMERAL_SEQUENTIAL, acl=acl)
        await zk.set(path, b"data")
        async with connect(kerberized) as stranger:
            with pytest.raises(zkwire.NoAuth):
                await stranger.get(path)


async def test_the_servers_name_is_the_host_as_written(kerberized):
    _, port = kerberized.servers[0].rsplit(":", 1)
    mechanism = gssapi(principal=USER)
    for _ in range(2):
        async with zkwire.open_connection("localhost", int(port), sasl=mechanism) as zk:
            assert BOB in await zk.whoami()


@pytest.mark.parametrize(
    ("mechanism", "words"),
    [
        (lambda: gssapi("elsewhere"), "zookeeper/elsewhere.* not found in Kerberos database"),
        (lambda: gssapi("localhost", service="hdfs"), "hdfs/localhost.* not found"),
        (lambda: gssapi("localhost", principal="eve@ZKWIRE.TEST"), "(?i)eve@ZKWIRE.TEST"),
    ],
)
async def test_what_kerberos_refuses_says_why(mechanism, words, kerberized):
    with trio.fail_after(30), pytest.raises(zkwire.AuthFailed) as caught:
        async with connect(kerberized, sasl=mechanism()):
            pytest.fail("opened")
    with pytest.raises(type(caught.value.__cause__), match=words):
        raise caught.value.__cause__


async def test_another_mechanism_is_refused_by_the_server(kerberized):
    with trio.fail_after(30), pytest.raises(zkwire.AuthFailed) as caught:
        async with connect(kerberized, sasl=digest_md5("bob", "secret")):
            pytest.fail("opened")
    assert caught.value.__cause__ is None
