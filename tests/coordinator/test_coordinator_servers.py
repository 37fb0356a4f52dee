"""Servers that change, servers that take no writes, and sessions that change hands."""

from __future__ import annotations

import logging
from contextlib import suppress
from itertools import pairwise

import pytest
import trio
import trio.testing

import zkwire
from coordinator import ConfigurationError, Handover, State, open_coordinator
from scripted_server import Peer
from server_frames import connect_reply, framed
from zkwire._jute import records
from zkwire.testing import open_memory_zookeeper

EPHEMERAL = zkwire.CreateMode.EPHEMERAL
READ_ONLY = {"readonlymode.enabled": "true", "localSessionsEnabled": "true"}


def member_of(ensemble, coord):
    (member,) = [m for m in ensemble.members if m.address == str(coord.server)]
    return member


# --- other servers ------------------------------------------------------------------------------


async def test_a_server_that_is_taken_off_the_list_is_left_and_the_session_goes_on(autojump_clock):
    async with (
        open_memory_zookeeper(3) as ensemble,
        open_coordinator(ensemble.servers[:1], "/", dial=ensemble.dial) as coord,
    ):
        await coord.wait_connected()
        session, reconnected = coord.session, coord.reconnected
        assert str(coord.server) == ensemble.servers[0]
        coord.update_servers(ensemble.servers[1:])
        await coord.suspended.wait()
        await reconnected.wait()
        assert coord.session is session
        assert str(coord.server) in ensemble.servers[1:]


async def test_a_bad_list_changes_nothing(autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        open_coordinator(ensemble.servers, "/", dial=ensemble.dial) as coord,
    ):
        await coord.wait_connected()
        with pytest.raises(ConfigurationError, match="at least one server"):
            coord.update_servers([])
        assert coord.state is State.CONNECTED


async def test_the_last_failure_says_why_it_is_still_waiting(autojump_clock):
    async def refuse(_host, _port):
        await trio.lowlevel.checkpoint()
        raise ConnectionRefusedError("nobody there")

    async with open_coordinator(["zk:1"], "/", dial=refuse) as coord:
        assert coord.last_failure is None
        with trio.move_on_after(1):
            await coord.wait_connected()
        assert "nobody there" in str(coord.last_failure)
        assert coord.server is None


# --- read-only servers ----------------------------------------------------------------------------


async def test_reads_from_a_server_without_its_majority_until_there_is_one(autojump_clock):
    async with open_memory_zookeeper(3, config=READ_ONLY) as ensemble:
        async with open_coordinator(ensemble.servers, "/", dial=ensemble.dial) as coord:
            await coord.create("/here", b"data")
        for member in ensemble.members[1:]:
            await member.kill()
        await trio.sleep(60)
        async with open_coordinator(
            ensemble.servers, "/", dial=ensemble.dial, read_only=True
        ) as coord:
            transitions = coord.transitions()
            await coord.wait_connected()
            assert coord.state is State.READ_ONLY
            first = coord.session
            assert first.is_read_only
            assert (await coord.get("/here"))[0] == b"data"
            with pytest.raises(zkwire.NotReadOnly):
                await coord.set("/here", b"other")
            for member in ensemble.members[1:]:
                await member.start()
            await coord.expired.wait()
            await coord.wait_connected()
            assert coord.state is State.CONNECTED
            assert coord.session is not first
            await coord.set("/here", b"other")
        states = [transition.state async for transition in transitions]
    assert states[0] is State.READ_ONLY
    assert states[-4:] == [State.EXPIRED, State.CONNECTING, State.CONNECTED, State.CLOSED]


async def test_a_client_that_wants_to_write_waits_for_a_majority(autojump_clock):
    async with open_memory_zookeeper(3, config=READ_ONLY) as ensemble:
        for member in ensemble.members[1:]:
            await member.kill()
        await trio.sleep(60)
        async with open_coordinator(ensemble.servers, "/", dial=ensemble.dial) as coord:
            with trio.move_on_after(120):
                await coord.wait_connected()
            assert coord.state is State.CONNECTING
            for member in ensemble.members[1:]:
                await member.start()
            await coord.wait_connected()
            assert coord.state is State.CONNECTED


# --- sessions that change hands -------------------------------------------------------------------


async def test_a_session_goes_on_in_another_coordinator(autojump_clock):
    async with open_memory_zookeeper(3) as ensemble:
        async with open_coordinator(ensemble.servers, "/", dial=ensemble.dial) as first:
            await first.create("/mine", b"", EPHEMERAL)
            session_id = first.session.id
            handover = first.detach()
            with pytest.raises(zkwire.ConnectionClosed):
                await first.get("/")
        assert first.state is State.CLOSED
        assert handover.credentials.id == session_id
        assert handover.last_zxid > 0
        assert handover.next_xid > 1
        assert repr(handover.credentials.password) not in repr(handover)
        await trio.sleep(3)
        async with open_coordinator(
            ensemble.servers, "/", dial=ensemble.dial, attach=handover
        ) as second:
            await second.wait_connected()
            assert second.session.id == session_id
            assert await second.get_ephemerals() == ["/mine"]
        async with open_coordinator(ensemble.servers, "/", dial=ensemble.dial) as third:
            assert await third.exists("/mine") is None


async def test_a_session_that_is_gone_is_replaced(autojump_clock):
    async with open_memory_zookeeper() as ensemble:
        async with open_coordinator(ensemble.servers, "/", dial=ensemble.dial) as first:
            await first.wait_connected()
            handover = first.detach()
        await trio.sleep(60)
        async with open_coordinator(
            ensemble.servers, "/", dial=ensemble.dial, attach=handover
        ) as second:
            await second.wait_connected()
            assert second.session.id != handover.credentials.id


async def test_there_must_be_a_session_to_leave():
    async with open_coordinator(["127.0.0.1:1"]) as coord:
        with pytest.raises(zkwire.ConnectionClosed):
            coord.detach()
        assert coord.state is State.CONNECTING


def test_what_is_no_handover_is_refused():
    with pytest.raises(ConfigurationError, match="attach: 5: must be a Handover"):
        open_coordinator(["zk:1"], attach=5)
    assert Handover(credentials=None).last_zxid == 0


# --- an ensemble that has forgotten everything ---------------------------------------------------


async def test_an_ensemble_begun_anew_is_found_out(autojump_clock, caplog):
    # Its servers close the connection on a client that has seen more than they have,
    # without a word, so the client would never learn that its session is gone.
    caplog.set_level(logging.DEBUG, "coordinator")
    async with open_memory_zookeeper() as old, open_memory_zookeeper() as new:
        ensemble = old

        async def dial(_host, port):
            return await ensemble.dial(ensemble.members[0].address.rpartition(":")[0], port)

        async with open_coordinator(old.servers, "/", dial=dial) as coord:
            for number in range(50):
                await coord.create(f"/{number}")
            session, expired = coord.session, coord.expired
            ensemble = new
            await old.members[0].kill()
            with trio.fail_after(120):
                await expired.wait()
                await coord.wait_connected()
            assert session.expired.is_set()
            assert coord.session is not session
            assert await coord.exists("/1") is None


async def test_a_server_that_is_merely_behind_is_of_no_use_and_ends_nothing(autojump_clock):
    is_behind = False
    asked, answered_at = [], []

    async def serve(far):
        peer = Peer(far)
        frame = await peer.frame()
        last_zxid = records.CONNECT_REQUEST.parse(frame)[1]
        asked.append(last_zxid)
        answered_at.append(trio.current_time())
        if is_behind and last_zxid > 0:
            await far.aclose()
            return
        await peer.send(framed(connect_reply(timeout_ms=6000)))
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await peer.serve()

    async def dial(_host, _port):
        await trio.lowlevel.checkpoint()
        near, far = trio.testing.memory_stream_pair()
        nursery.start_soon(serve, far)
        streams.append(far)
        return near

    streams = []
    async with trio.open_nursery() as nursery:
        async with open_coordinator(["zk:1"], "/", dial=dial) as coord:
            await coord.get("/x")
            session, lost, is_behind = coord.session, coord.lost, True
            await streams[-1].aclose()
            await lost.wait()
            asked.clear()
            await trio.sleep(30)
            # It has been asked whether the session exists, and that was not taken for more.
            assert 0 in asked
            assert coord.state is State.LOST
            assert not session.expired.is_set()
            # In doubt as it is, it asks that first, and then in earnest without a pause:
            # the question alone has taken the session from whoever kept it alive.
            is_behind = False
            asked.clear()
            await coord.wait_connected()
            assert coord.session is session
            assert coord.statistics().reconnections == 1
            if asked[0] == 0:
                assert answered_at[-1] - answered_at[-2] < 0.1
        nursery.cancel_scope.cancel()


# --- servers that come and go ---------------------------------------------------------------------


async def test_a_session_that_can_be_saved_is_tried_for_more_often(autojump_clock):
    attempts = []

    async def dial(host, port):
        attempts.append(trio.current_time())
        return await ensemble.dial(host, port)

    async with (
        open_memory_zookeeper(3, tick_time=1.0) as ensemble,
        open_coordinator(ensemble.servers, "/", 8.0, dial=dial) as coord,
    ):
        await coord.wait_connected()
        await trio.sleep(5)
        attempts.clear()
        began, lost = trio.current_time(), coord.lost
        for member in ensemble.members:
            await member.kill()
        await lost.wait()
        pauses = [b - a for a, b in pairwise([began, *attempts])]
        assert max(pauses) <= 1.0
        assert trio.current_time() - attempts[-1] <= 1.0
        before = len(attempts)
        await trio.sleep(60)
        assert max(b - a for a, b in pairwise(attempts[before:])) > 2.0
