"""Leaving a coordinator, whatever it is at."""

from contextlib import nullcontext

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from coordinator import State, open_coordinator
from unruly_servers import serving

TIMEOUT = 1.0
TIMEOUT_MS = 1000


async def say_nothing(peer, _number):
    await peer.swallow()


async def hang_up(_peer, _number):
    pass


# --- leaving, whatever it is at ------------------------------------------------------------------


async def grant_then_silence(peer, _number):
    await peer.accept(timeout_ms=20 * TIMEOUT_MS)
    await peer.swallow()


PHASES = {
    "handshake": (say_nothing, "/"),
    "root path": (grant_then_silence, "/burrow"),
    "serving": (grant_then_silence, "/"),
    "pausing": (hang_up, "/"),
}


@pytest.mark.parametrize("how", ["returning", "raising", "cancelled"])
@pytest.mark.parametrize("phase", PHASES)
async def test_leaving_in_each_phase_is_clean_and_quick(phase, how):
    handle, root_path = PHASES[phase]
    async with serving(handle) as server:
        await wait_all_tasks_blocked()
        before = trio.lowlevel.current_statistics().tasks_living
        raising = pytest.raises(LookupError) if how == "raising" else nullcontext()
        with trio.fail_after(5), trio.CancelScope() as scope, raising:
            async with open_coordinator(
                [server.address], root_path, session_timeout=20 * TIMEOUT
            ) as coordinator:
                transitions = coordinator.transitions()
                await server.wait_accepted(4 if phase == "pausing" else 1)
                await wait_all_tasks_blocked(0.02)
                assert (coordinator.state is State.CONNECTED) == (phase == "serving")
                if how == "raising":
                    raise LookupError
                if how == "cancelled":
                    scope.cancel()
                    await trio.sleep_forever()
        assert scope.cancelled_caught == (how == "cancelled")
        assert coordinator.state is State.CLOSED
        assert [each.state async for each in transitions][-1] is State.CLOSED
        await wait_all_tasks_blocked(0.02)  # the server's side of the connection
        assert trio.lowlevel.current_statistics().tasks_living == before


async def test_leaving_while_dialing(monkeypatch):
    dialing = trio.Event()

    async def dial(*_args, **_options):
        dialing.set()
        await trio.sleep_forever()

    monkeypatch.setattr(trio, "open_tcp_stream", dial)
    with trio.fail_after(1):
        async with open_coordinator(["127.0.0.1:1"]) as coordinator:
            await dialing.wait()
    assert coordinator.state is State.CLOSED
