"""Who a coordinator is to its servers, over all connections and sessions."""

from __future__ import annotations

import logging

import pytest
import trio

import zkwire
import zkwire.sasl
from coordinator import AuthenticationFailed, ConfigurationError, State, open_coordinator
from zkwire.testing import open_memory_zookeeper

ALICE = ("digest", b"alice:wonderland")
ONLY_ALICE = [zkwire.Acl(zkwire.Perms.ALL, zkwire.Identity("auth", ""))]
MALLORY = ("mallory", b"let me in")


async def names(coord):
    return {identity.id for identity in await coord.whoami() if identity.scheme == "digest"}


async def test_identities_are_added_anew_on_each_connection_and_in_each_session(autojump_clock):
    async with (
        open_memory_zookeeper(3) as ensemble,
        open_coordinator(ensemble.servers, "/", dial=ensemble.dial, auth=[ALICE]) as coord,
    ):
        await coord.add_auth("digest", b"bob:builder")
        await coord.create("/secret", b"", acl=ONLY_ALICE)
        session = coord.session
        for member in ensemble.members:
            if member.address == str(coord.server):
                await member.kill()
        await coord.suspended.wait()
        await coord.wait_connected()
        assert coord.session is session
        assert await names(coord) == {"alice", "bob"}
        expired = coord.expired
        await ensemble.expire(session.id)
        await expired.wait()
        await coord.get("/secret")
        assert coord.session is not session
        assert await names(coord) == {"alice", "bob"}


async def test_a_refused_identity_is_terminal_and_loud(autojump_clock, caplog):
    async with (
        open_memory_zookeeper() as ensemble,
        open_coordinator(ensemble.servers, "/", dial=ensemble.dial, auth=[ALICE, MALLORY]) as coord,
    ):
        transitions = coord.transitions()
        with pytest.raises(AuthenticationFailed) as caught:
            await coord.wait_connected()
        assert isinstance(caught.value.__cause__, zkwire.AuthFailed)
        assert (await anext(transitions)).state is State.AUTH_FAILED
        assert coord.state is State.AUTH_FAILED
        with pytest.raises(AuthenticationFailed):
            await coord.get("/")
        with pytest.raises(AuthenticationFailed):
            await anext(coord.sessions())
    assert coord.state is State.AUTH_FAILED
    (record,) = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert "refused this client's identity" in record.getMessage()
    assert "let me in" not in caplog.text
    assert "wonderland" not in caplog.text


async def test_an_identity_that_is_refused_later_is_its_callers_affair(autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        open_coordinator(ensemble.servers, "/", dial=ensemble.dial) as coord,
    ):
        with pytest.raises(zkwire.AuthFailed):
            await coord.add_auth(*MALLORY)
        # The server closes the connection; the session goes on, and without it.
        await coord.get("/")
        assert coord.state is State.CONNECTED


@pytest.mark.parametrize("auth", ["digest", [("digest", "alice:x")], [("digest",)], 5])
def test_what_is_no_identity_is_refused_and_not_shown(auth):
    with pytest.raises(ConfigurationError, match="auth") as caught:
        open_coordinator(["zk:1"], auth=auth)
    assert "alice" not in str(caught.value)


@pytest.mark.zk
async def test_tls_and_sasl_on_a_real_server(zookeeper_secured):
    context = zookeeper_secured.tls.client_context()
    mechanism = zkwire.sasl.digest_md5("bob", "bob's secret")
    async with open_coordinator(
        zookeeper_secured.secure_servers, "/", ssl_context=context, sasl=mechanism
    ) as coord:
        with trio.fail_after(20):
            await coord.wait_connected()
            found = await coord.whoami()
        assert zkwire.Identity("sasl", "bob") in found
    wrong = zkwire.sasl.digest_md5("bob", "guessed")
    async with open_coordinator(
        zookeeper_secured.secure_servers, "/", ssl_context=context, sasl=wrong
    ) as coord:
        with trio.fail_after(20), pytest.raises(AuthenticationFailed):
            await coord.wait_connected()
        assert coord.state is State.AUTH_FAILED
