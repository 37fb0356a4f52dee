"""The ensemble's own list of servers, as text and as a node."""

from __future__ import annotations

import pytest
import trio

from coordinator import State, open_coordinator
from coordinator._follow_config import servers_of, version_of
from zkwire.testing import open_memory_zookeeper

TEXT = """\
server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181
server.2=zk2:2888:3888:observer;10.0.0.2:2182
server.3=[::1]:2888:3888|zk4:2888:3888:participant;[::]:2183
server.4=zk5:2888:3888
version=1f
"""


def test_client_addresses_are_read_from_the_text():
    assert [str(server) for server in servers_of(TEXT)] == [
        "10.0.0.1:2181",
        "10.0.0.2:2182",
        "[::1]:2183",
    ]
    assert version_of(TEXT) == 0x1F


@pytest.mark.parametrize("text", ["", "server.1=zk1:2888:3888", "nonsense\nversion=zz\n"])
def test_a_text_that_names_nobody_is_no_list(text):
    assert servers_of(text) == ()
    assert version_of(text) == -1


async def test_the_list_is_followed(autojump_clock):
    async with (
        open_memory_zookeeper(3) as ensemble,
        open_coordinator(
            ensemble.servers[:1], "/", dial=ensemble.dial, follow_config=True
        ) as coord,
    ):
        await coord.wait_connected()
        await trio.sleep(1)
        assert sorted(str(s) for s in coord.servers) == ensemble.servers
        # The one that it was told of at first is not needed any more.
        await ensemble.members[0].kill()
        await trio.sleep(5)
        assert coord.state is State.CONNECTED
        assert str(coord.server) in ensemble.servers[1:]
