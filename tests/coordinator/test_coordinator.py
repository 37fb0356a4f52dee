"""A coordinator's life, with servers that play out what a real one does too seldom."""

import logging

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

import zkwire
from coordinator import CoordinatorFailed, State, open_coordinator
from coordinator_steps import told
from server_frames import PASSWORD, notification, reply
from unruly_servers import refuse, serve_root, serving, session_asked_for
from zkwire import EventType, OpCode, Outcome

TIMEOUT = 1.0
TIMEOUT_MS = 1000
NO_NODE, INVALID_ACL, SESSION_MOVED, THROTTLED, UNHEARD_OF = -101, -114, -118, -127, -9999


# --- sessions that end early ---------------------------------------------------------------------


async def test_a_session_whose_first_connection_died_early_is_gone_on_with():
    asked = []

    async def handle(peer, number):
        asked.append(session_asked_for(await peer.accept(session_id=100, timeout_ms=TIMEOUT_MS)))
        await (peer.request() if number == 1 else serve_root(peer))

    async with (
        serving(handle) as server,
        open_coordinator([server.address], session_timeout=TIMEOUT) as coordinator,
    ):
        await told(coordinator.transitions(), State.CONNECTED)
        assert coordinator.session.id == 100
    assert asked == [0, 100]


async def test_a_session_that_expires_before_it_was_announced_is_replaced_without_a_word():
    asked = []

    async def handle(peer, number):
        if number == 2:
            await refuse(peer)
            return
        handshake = await peer.accept(session_id=100 + number, timeout_ms=TIMEOUT_MS)
        asked.append(session_asked_for(handshake))
        await (peer.request() if number == 1 else serve_root(peer))

    async with (
        serving(handle) as server,
        open_coordinator([server.address], session_timeout=TIMEOUT) as coordinator,
    ):
        await told(coordinator.transitions(), State.CONNECTED)
        assert coordinator.session.id == 103
    assert asked == [0, 0]


async def test_expired_comes_once_and_the_next_session_follows():
    async def handle(peer, number):
        if number == 2:
            await refuse(peer)
            return
        await peer.accept(session_id=number, timeout_ms=TIMEOUT_MS)
        await (peer.request() if number == 1 else serve_root(peer))

    async with (
        serving(handle) as server,
        open_coordinator([server.address], "/", session_timeout=TIMEOUT) as coordinator,
    ):
        transitions, expired, lost = (
            coordinator.transitions(),
            coordinator.expired,
            coordinator.lost,
        )
        transition = await told(transitions, State.CONNECTED, State.SUSPENDED, State.EXPIRED)
        assert isinstance(transition.cause, zkwire.SessionExpired)
        assert transition.session_id == 1
        assert expired.is_set()
        assert lost.is_set()
        await told(transitions, State.CONNECTING, State.CONNECTED)
        assert coordinator.session.id == 3
        assert not coordinator.expired.is_set()


async def test_what_becomes_of_operations_when_their_session_ends(nursery):
    requests, results = [], {}
    both_sent, expire = trio.Event(), trio.Event()

    async def handle(peer, number):
        if number == 2:
            await expire.wait()
            await refuse(peer)
            return
        await peer.accept(session_id=number, timeout_ms=TIMEOUT_MS)
        while True:
            sent = await peer.request()
            if sent.opcode not in {OpCode.EXISTS, OpCode.DELETE}:
                await peer.answer(sent)
                continue
            requests.append((number, OpCode(sent.opcode), sent.body[4:6]))
            if number == 3:
                await peer.send(reply(sent.xid, err=NO_NODE))
            elif len(requests) == 2:
                both_sent.set()
                return

    async def run(name, call, path):
        try:
            results[name] = await call(path)
        except zkwire.ZkwireError as error:
            results[name] = error

    async with (
        serving(handle) as server,
        open_coordinator([server.address], "/", session_timeout=TIMEOUT) as coordinator,
    ):
        transitions = coordinator.transitions()
        await told(transitions, State.CONNECTED)
        nursery.start_soon(run, "read", coordinator.exists, "/r")
        nursery.start_soon(run, "write", coordinator.delete, "/w")
        await both_sent.wait()
        await told(transitions, State.SUSPENDED)
        nursery.start_soon(run, "late write", coordinator.delete, "/l")
        old = coordinator.session
        nursery.start_soon(run, "session's write", old.delete, "/s")
        await wait_all_tasks_blocked()
        assert list(results) == ["write"]
        expire.set()
        await told(transitions, State.EXPIRED, State.CONNECTING, State.CONNECTED)
        while len(results) < 4:
            await trio.lowlevel.checkpoint()
    assert results["write"].outcome is Outcome.UNKNOWN
    assert isinstance(results["write"], zkwire.ConnectionLost)
    assert results["read"] is None
    assert isinstance(results["late write"], zkwire.NoNode)
    assert isinstance(results["session's write"], zkwire.SessionExpired)
    assert results["session's write"].outcome is Outcome.NOT_SENT
    assert sorted(requests) == [
        (1, OpCode.DELETE, b"/w"),
        (1, OpCode.EXISTS, b"/r"),
        (3, OpCode.DELETE, b"/l"),
        (3, OpCode.EXISTS, b"/r"),
    ]


# --- the root path -------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [THROTTLED, SESSION_MOVED, NO_NODE])
async def test_a_server_s_passing_trouble_with_the_root_path_is_no_reason_to_give_up(code):
    asked, ended = [], []

    async def handle(peer, number):
        asked.append(session_asked_for(await peer.accept(session_id=100, timeout_ms=TIMEOUT_MS)))
        await serve_root(peer, error=code if number == 1 else 0)
        ended.append(number)

    async with (
        serving(handle) as server,
        open_coordinator([server.address], session_timeout=TIMEOUT) as coordinator,
    ):
        await coordinator.wait_connected()
        assert ended == [], "the session was not kept for the next attempt"
    assert asked == [0, 100]
    assert ended == [2]


@pytest.mark.parametrize("code", [INVALID_ACL, UNHEARD_OF])
async def test_any_other_refusal_of_the_root_path_ends_it_with_the_reason(code):
    async def handle(peer, _number):
        await peer.accept(timeout_ms=TIMEOUT_MS)
        await serve_root(peer, error=code)

    async with (
        serving(handle) as server,
        open_coordinator([server.address], "/a/b", session_timeout=TIMEOUT) as coordinator,
    ):
        with pytest.raises(CoordinatorFailed, match=rf"root path '/a/b' .*/a \(code {code}\)"):
            await coordinator.wait_connected()
        with pytest.raises(CoordinatorFailed) as caught:
            await coordinator.get("/x")
        assert caught.value.__cause__.code == code
        assert coordinator.state is State.CLOSED
        assert len(server.accepted_at) == 1


async def test_a_server_that_falls_silent_over_the_root_path_is_left_for_the_next_in_time():
    # And its session is kept, and not ended over a connection that answers nothing.
    async def handle(peer, number):
        await peer.accept(session_id=100, timeout_ms=TIMEOUT_MS)
        await (peer.swallow() if number == 1 else serve_root(peer))

    async with (
        serving(handle) as server,
        open_coordinator([server.address], session_timeout=TIMEOUT) as coordinator,
    ):
        await coordinator.wait_connected()
        first, second = server.accepted_at
        assert second - first < TIMEOUT
        assert coordinator.session.id == 100


# --- a server that is not silent, and answers nothing --------------------------------------------


async def test_a_server_that_sends_events_but_answers_nothing_is_given_up_in_time():
    # Our requests are lost on the way, its watch events are not: never silent, and the
    # session runs out on it all the same.
    async def handle(peer, number):
        if number > 1:
            await peer.swallow()
            return
        await peer.accept(timeout_ms=TIMEOUT_MS)
        while True:
            await peer.send(notification(EventType.NODE_CREATED, "/x"))
            await trio.sleep(TIMEOUT / 20)

    async with (
        serving(handle) as server,
        open_coordinator([server.address], "/", session_timeout=TIMEOUT) as coordinator,
    ):
        transitions = coordinator.transitions()
        await told(transitions, State.CONNECTED)
        async with coordinator.session.scope() as scope:
            await trio.sleep_forever()
        assert scope.cancelled_caught
        suspended = await told(transitions, State.SUSPENDED)
        assert isinstance(suspended.cause, TimeoutError)
        lost = await told(transitions, State.LOST)
        assert lost.at >= coordinator.session.last_contact + TIMEOUT


# --- once it is closed ---------------------------------------------------------------------------


async def test_a_coordinator_that_was_left_says_so():
    async with open_coordinator(["127.0.0.1:1"]) as coordinator:
        waiting = coordinator.transitions()
    for call in (
        coordinator.wait_connected(),
        coordinator.wait_expired(),
        coordinator.get("/x"),
        coordinator.create("/x"),
    ):
        with pytest.raises(zkwire.ConnectionClosed) as caught:
            await call
        assert caught.value.outcome is Outcome.NOT_SENT
    assert [each async for each in coordinator.sessions()] == []
    assert [each async for each in coordinator.transitions()] == []
    assert [each.state async for each in waiting] == [State.CLOSED]
    assert repr(coordinator) == "<Coordinator closed: None>"


# --- secrets -------------------------------------------------------------------------------------


async def test_neither_log_nor_repr_shows_the_password(caplog):
    caplog.set_level(logging.DEBUG, logger="")
    shown = []

    async def handle(peer, number):
        if number == 2:
            await refuse(peer)
        else:
            await peer.accept(session_id=min(number, 3), timeout_ms=TIMEOUT_MS)
            await (peer.request() if number < 5 else serve_root(peer))

    async with (
        serving(handle) as server,
        open_coordinator([server.address], "/", session_timeout=TIMEOUT) as coordinator,
    ):
        async for transition in coordinator.transitions():
            shown += [repr(transition), repr(coordinator), repr(coordinator.session)]
            shown += [repr(coordinator.session.credentials), str(coordinator.session.credentials)]
            if transition.state is State.CONNECTED and len(server.accepted_at) >= 5:
                break
    assert State.EXPIRED.value in caplog.text
    text = "\n".join(shown) + caplog.text
    for spelling in (repr(PASSWORD)[2:-1], PASSWORD.hex(), PASSWORD.hex(" "), str(list(PASSWORD))):
        assert spelling not in text
