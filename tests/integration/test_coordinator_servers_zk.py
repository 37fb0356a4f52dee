"""Following the servers' own list, on real servers."""

from __future__ import annotations

from random import Random

import pytest
import trio

import coordinator
from coordinator import State
from coordinator._follow_config import servers_of
from zkwire.testing import open_zookeeper

pytestmark = pytest.mark.zk


async def test_the_list_of_a_real_ensemble_is_followed(zookeeper_ensemble):
    servers = zookeeper_ensemble.servers
    async with coordinator.open_coordinator(servers[:1], "/", 4.0, follow_config=True) as coord:
        with trio.fail_after(30):
            data, _ = await coord.get_config()
            listed = {str(server) for server in servers_of((data or b"").decode())}
            while {str(server) for server in coord.servers} != listed:  # noqa: ASYNC110  # no event for it
                await trio.sleep(0.01)
    assert {each.rpartition(":")[2] for each in listed} == {
        each.rpartition(":")[2] for each in servers
    }


class Stays(Random):
    """Has no client leave its server for the sake of an even load."""

    def random(self):
        return 0.999


async def test_a_session_moves_from_a_killed_member_to_one_that_it_was_not_told_of(monkeypatch):
    monkeypatch.setattr("coordinator._open._DICE", Stays())
    async with (
        open_zookeeper(3, 0.2) as ensemble,
        coordinator.open_coordinator(
            ensemble.servers[:1], "/", 4.0, tick_time=0.2, follow_config=True
        ) as coord,
    ):
        with trio.fail_after(30):
            await coord.wait_connected()
            session = coord.session
            while len(coord.servers) < 3:  # noqa: ASYNC110  # no event for it
                await trio.sleep(0.01)
            suspended = coord.suspended
            await ensemble.members[0].kill()
            await suspended.wait()
            await coord.wait_connected()
        assert coord.state is State.CONNECTED
        assert coord.session is session
