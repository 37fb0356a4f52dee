"""Servers and identities: which server is taken, and when the coordinator is connected."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from coordinator import AuthenticationFailed, State, open_coordinator
from coordinator_steps import told
from regression_steps import coordinate, told_of
from scripted_server import Peer
from server_frames import reply
from unruly_servers import serve_root
from zkwire import OpCode
from zkwire.testing import open_memory_zookeeper

READ_ONLY = {"readonlymode.enabled": "true", "localSessionsEnabled": "true"}
ALICE = ("digest", b"alice:wonderland")


async def test_a_coordinator_is_connected_once_its_identity_is_taken(autojump_clock):
    async def dial(_host, _port):
        near, far = trio.testing.memory_stream_pair()
        nursery.start_soon(serve, Peer(far))
        await trio.lowlevel.checkpoint()
        return near

    async def serve(peer):
        await peer.accept(timeout_ms=6000)
        asked.append((await peer.request()).opcode)
        states.append(coord.state)
        await trio.sleep(2)
        states.append(coord.state)
        await peer.send(reply(-4))
        await serve_root(peer)

    asked, states = [], []
    async with (
        trio.open_nursery() as nursery,
        open_coordinator(["zk:1"], "/", 6.0, dial=dial, auth=[ALICE]) as coord,
    ):
        began_at = trio.current_time()
        await coord.wait_connected()
        assert trio.current_time() >= began_at + 2
    assert asked == [OpCode.AUTH]
    assert states == [State.CONNECTING] * 2


async def test_a_refused_identity_is_what_operations_say_too(autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        coordinate(ensemble, auth=[("mallory", b"let me in")]) as coord,
    ):
        with pytest.raises(AuthenticationFailed):
            await coord.wait_connected()
        for call in (coord.get("/"), coord.create("/n"), coord.add_auth(*ALICE)):
            with pytest.raises(AuthenticationFailed):
                await call
        with pytest.raises(AuthenticationFailed):
            async with coord.lock("/l"):
                pytest.fail("nobody is there to grant it")
        assert coord.state is State.AUTH_FAILED
    assert coord.state is State.AUTH_FAILED


async def test_the_search_asks_every_server_and_goes_to_the_one_that_takes_writes(autojump_clock):
    dialled, refused = [], set()

    async def dial(host, port):
        address = f"{host}:{port}"
        if address in refused:
            await trio.lowlevel.checkpoint()
            raise ConnectionRefusedError(address)
        dialled.append(address)
        return await ensemble.dial(host, port)

    async with open_memory_zookeeper(3, config=READ_ONLY) as ensemble:
        for writable in (1, 2):
            cut_off, other = ensemble.servers[0], ensemble.servers[3 - writable]
            refused = set(ensemble.servers[1:])
            async with ensemble.members[0].partition():
                await trio.sleep(60)
                async with coordinate(ensemble, dial=dial, read_only=True) as coord:
                    transitions = coord.transitions()
                    await told_of(transitions, State.READ_ONLY)
                    assert str(coord.server) == cut_off
                    await trio.sleep(30)
                    assert coord.state is State.READ_ONLY
                    del dialled[:]
                    refused = {other}
                    await told_of(transitions, State.EXPIRED)
                    await told(transitions, State.CONNECTING, State.CONNECTED)
                    assert str(coord.server) == ensemble.servers[writable]
                    await coord.create(f"/written-{writable}")
                # First to ask it, then to stay; and nobody else in between.
                assert dialled[-2:] == [ensemble.servers[writable]] * 2
            await ensemble.wait_ready()
