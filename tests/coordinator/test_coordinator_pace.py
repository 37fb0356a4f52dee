"""How often a coordinator tries servers that are of no use, and how loudly."""

import logging

import pytest
import trio

from coordinator import State, open_coordinator
from unruly_servers import nothing_listening, refuse, serve_root, serving

TIMEOUT = 1.0
TIMEOUT_MS = 1000


# --- how often it tries --------------------------------------------------------------------------


async def hang_up(_peer, _number):
    pass


async def talk_nonsense(peer, _number):
    await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await peer.swallow()


async def say_nothing(peer, _number):
    await peer.swallow()


async def grant_and_hang_up(peer, _number):
    await peer.accept(session_id=100, timeout_ms=TIMEOUT_MS)
    await peer.request()  # a ping: the client has had the answer


async def fail_halfway(peer, _number):
    await peer.frame()
    await peer.send(b"\x00\x00\x00\x25\x00")


async def grant_and_forget(peer, number):
    if number % 2 == 0:
        await refuse(peer)
    else:
        await grant_and_hang_up(peer, number)


@pytest.mark.parametrize(
    ("handle", "a_turn"),
    [
        (hang_up, 1),
        (talk_nonsense, 1),
        (say_nothing, 1),
        (grant_and_hang_up, 1),
        (fail_halfway, 1),
        (grant_and_forget, 2),
    ],
)
async def test_an_unruly_server_is_not_tried_in_a_tight_loop(handle, a_turn, mock_clock, caplog):
    caplog.set_level(logging.DEBUG)
    mock_clock.rate = 40
    minute = 60.0
    async with (
        serving(handle) as server,
        open_coordinator([server.address], "/", session_timeout=TIMEOUT) as coordinator,
    ):
        await trio.sleep(minute)
        count = len(server.accepted_at)
        assert coordinator.state is not State.CLOSED
    # 7 in the first 4 s, then one each 2 s: 35 on average.  60 is five standard
    # deviations off; without a back-off there would be thousands.
    assert 10 * a_turn < count < 60 * a_turn
    assert len(caplog.records) < 5 * count


async def test_a_round_over_silent_servers_takes_half_a_timeout(mock_clock):
    mock_clock.rate = 20
    async with (
        serving(say_nothing) as one,
        serving(say_nothing) as two,
        serving(say_nothing) as three,
    ):
        servers = [one, two, three]
        async with open_coordinator([each.address for each in servers], session_timeout=12.0):
            for each in servers:
                await each.wait_accepted(1)
    first = sorted(each.accepted_at[0] for each in servers)
    # Two attempts of 2 s each came before the third; a server may take 12 s for one.
    assert 4.0 <= first[2] - first[0] < 8.0


async def test_all_of_them_are_passed_by_on_the_way_to_one_that_works():
    async with (
        serving(hang_up) as closing,
        serving(talk_nonsense) as nonsense,
        serving(say_nothing) as silent,
        serving(fail_halfway) as halfway,
        nothing_listening() as refusing,
        serving(lambda peer, _number: _serve_well(peer)) as good,
    ):
        bad = [closing.address, nonsense.address, silent.address, halfway.address, refusing]
        for _ in range(3):  # each in an order of its own
            async with open_coordinator([*bad, good.address], session_timeout=TIMEOUT) as each:
                with trio.fail_after(10):
                    await each.wait_connected()


async def _serve_well(peer):
    await peer.accept(timeout_ms=TIMEOUT_MS)
    await serve_root(peer)
