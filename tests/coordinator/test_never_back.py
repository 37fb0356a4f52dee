"""Over whatever servers a session goes, its reads never go back in time."""

from __future__ import annotations

import trio

import zkwire
from coordinator import State, open_coordinator
from zkwire.testing import open_memory_zookeeper


async def test_servers_that_are_behind_are_passed_over(autojump_clock):
    """Each in turn is the only one that has seen it all when the connection is lost."""
    async with (
        open_memory_zookeeper(3) as ensemble,
        open_coordinator(ensemble.servers, dial=ensemble.dial) as coordinator,
    ):
        with trio.fail_after(600):
            await coordinator.wait_connected()
            session, transitions = coordinator.session, coordinator.transitions()
            await coordinator.create("/n", b"-1")
            last = zkwire.NO_ZXID
            for number in range(8):
                (here,) = [m for m in ensemble.members if m.address == str(coordinator.server)]
                behind = [member for member in ensemble.members if member is not here]
                async with behind[0].lag(3.0), behind[1].lag(2.0):
                    await coordinator.set("/n", b"%d" % number)
                    last = (await coordinator.get("/n"))[1].mzxid
                    await here.restart()
                    async for transition in transitions:
                        assert transition.state is not State.EXPIRED
                        if transition.state is State.CONNECTED:
                            break
                    data, stat = await coordinator.get("/n")
                    assert int(data) >= number
                    assert stat.mzxid >= last
                await trio.sleep(10)
            assert coordinator.session is session
