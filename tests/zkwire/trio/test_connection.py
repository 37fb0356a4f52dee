"""Requests and what becomes of them, seen by callers."""

from __future__ import annotations

import logging
import traceback

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import DATA, Tap, connected, connected_over, served
from server_frames import PASSWORD, SESSION_ID, connect_reply, framed, notification, reply
from stepping import cancel_at_each_step

NUMBERED = [reply(xid, xid, body=DATA) for xid in range(200)]


async def _fails(zk, outcomes, error=zkwire.ConnectionLost):
    with pytest.raises(error) as caught:
        await zk.get("/a")
    outcomes.append(caught.value.outcome)


# --- order ------------------------------------------------------------------------------------


async def test_requests_go_out_in_call_order_and_replies_find_their_callers(autojump_clock):
    done = []

    async def call(zk, number):
        await zk.get(f"/{number}")
        done.append(number)

    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        for number in range(100):
            nursery.start_soon(call, zk, number)
        sent = await peer.requests(100)
        assert [each.xid for each in sent] == list(range(1, 101))
        paths = [int(each.body[5:-1]) for each in sent]
        for each in sent:
            await peer.answer(each)
            await trio.testing.wait_all_tasks_blocked()
        assert done == paths


async def test_a_servers_error_is_the_callers_alone(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        outcomes = []
        nursery.start_soon(_fails, zk, outcomes, zkwire.NoNode)
        await peer.request()
        nursery.start_soon(zk.get, "/b")
        await peer.request()
        await peer.send(reply(1, 1, -101), reply(2, 2, body=DATA))
        await trio.testing.wait_all_tasks_blocked()
        assert outcomes == [zkwire.Outcome.REFUSED]
        assert zk.is_alive
        assert zk.last_zxid == 2


async def test_what_is_refused_here_leaves_no_byte(autojump_clock):
    async with connected(max_outbound_frame=1024) as (zk, peer):
        with pytest.raises(zkwire.InvalidArgument, match="servers accept 1024"):
            await zk.set("/a", bytes(1024))
        with pytest.raises(zkwire.InvalidArgument):
            await zk.get("no slash")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(zk.get, "/a")
            sent = await peer.request()
            assert sent.xid == 1
            await peer.answer(sent)


# --- what a loss means ------------------------------------------------------------------------


async def test_written_is_unknown_and_queued_is_not_sent(autojump_clock):
    near, far = trio.testing.memory_stream_pair()
    tap = Tap(near)
    outcomes = {}

    async def call(zk, path):
        with pytest.raises(zkwire.ConnectionLost) as caught:
            await zk.get(path)
        outcomes[path] = caught.value.outcome

    async with connected_over(tap, far) as (zk, peer), trio.open_nursery() as nursery:
        nursery.start_soon(call, zk, "/written")
        await trio.testing.wait_all_tasks_blocked()
        tap.open = trio.Event()
        for path in ("/being-written", "/queued"):
            nursery.start_soon(call, zk, path)
            await trio.testing.wait_all_tasks_blocked()
        await peer.stream.aclose()
    assert outcomes == {
        "/written": zkwire.Outcome.UNKNOWN,
        "/being-written": zkwire.Outcome.UNKNOWN,
        "/queued": zkwire.Outcome.NOT_SENT,
    }
    assert not any(b"/queued" in write for write in tap.writes)


async def test_each_waiter_has_an_exception_of_its_own(autojump_clock):
    caught = []

    async def call(zk):
        try:
            await zk.get("/a")
        except zkwire.ConnectionLost as error:
            caught.append((error, len(traceback.extract_tb(error.__traceback__))))

    async with connected() as (zk, peer):
        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(call, zk)
            await peer.requests(20)
            await peer.stream.aclose()
        assert len({id(error) for error, _ in caught}) == 20
        assert len({depth for _, depth in caught}) == 1, "a shared one grows with each raise"
        assert {error.__cause__ for error, _ in caught} == {zk.failure}


# --- room -------------------------------------------------------------------------------------


async def test_callers_beyond_the_limit_wait_in_line(autojump_clock):
    async with connected(max_in_flight=2) as (zk, peer), trio.open_nursery() as nursery:
        for number in range(6):
            nursery.start_soon(zk.get, f"/{number}")
            await trio.testing.wait_all_tasks_blocked()
        assert (zk.statistics().requests_in_flight, zk.statistics().tasks_waiting_for_room) == (
            2,
            4,
        )
        seen = []
        for in_flight, waiting in [(2, 3), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]:
            sent = await peer.request()
            seen.append(sent.body[4:-1].decode())
            await peer.answer(sent)
            await trio.testing.wait_all_tasks_blocked()
            counted = zk.statistics()
            assert (counted.requests_in_flight, counted.tasks_waiting_for_room) == (
                in_flight,
                waiting,
            )
        assert seen == [f"/{number}" for number in range(6)], "in the order in which they came"


async def test_nobody_overtakes_the_line(autojump_clock):
    async with connected(max_in_flight=1) as (zk, peer), trio.open_nursery() as nursery:
        order = []

        async def call(name):
            await zk.get(name)
            order.append(name)
            if name == "/first":
                await call("/late")

        nursery.start_soon(call, "/first")
        await trio.testing.wait_all_tasks_blocked()
        for number in range(5):
            nursery.start_soon(call, f"/{number}")
            await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(peer.serve)
        await trio.testing.wait_all_tasks_blocked()
        assert order == ["/first", "/0", "/1", "/2", "/3", "/4", "/late"]
        nursery.cancel_scope.cancel()


async def test_the_line_ends_with_the_connection(autojump_clock):
    outcomes = []
    async with connected(max_in_flight=1) as (zk, peer):
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(_fails, zk, outcomes)
                await trio.testing.wait_all_tasks_blocked()
            await peer.stream.aclose()
        assert zk.statistics().tasks_waiting_for_room == 0
    unknown, *others = sorted(outcomes, key=str, reverse=True)
    assert unknown is zkwire.Outcome.UNKNOWN
    assert others == [zkwire.Outcome.NOT_SENT] * 2


async def test_who_leaves_the_line_sends_nothing(autojump_clock):
    async with connected(max_in_flight=1) as (zk, peer), trio.open_nursery() as nursery:
        nursery.start_soon(zk.get, "/first")
        await trio.testing.wait_all_tasks_blocked()
        with trio.move_on_after(1) as scope:
            await zk.get("/given-up")
        assert scope.cancelled_caught
        assert zk.statistics().tasks_waiting_for_room == 0
        nursery.start_soon(zk.get, "/next")
        for path in (b"/first", b"/next"):
            sent = await peer.request()
            while sent.opcode != 4:  # pings, meanwhile
                await peer.answer(sent)
                sent = await peer.request()
            assert path in sent.body
            await peer.answer(sent)


async def test_what_does_not_fit_is_refused_in_line_too(autojump_clock):
    async with (
        connected(max_in_flight=1, max_outbound_frame=1024) as (zk, peer),
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(zk.get, "/a")
        await trio.testing.wait_all_tasks_blocked()

        async def too_long():
            with pytest.raises(zkwire.InvalidArgument, match="servers accept 1024"):
                await zk.set("/a", bytes(1024))

        nursery.start_soon(too_long)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(zk.get, "/b")
        for _ in range(2):
            await peer.answer(await peer.request())


# --- cancellation -----------------------------------------------------------------------------


async def test_a_cancelled_call_leaves_its_place_in_line(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        with trio.move_on_after(0.1):
            await zk.get("/given-up")
        got = []

        async def call(path):
            got.append((await zk.get(path))[1].czxid)

        for path in ("/b", "/c"):
            nursery.start_soon(call, path)
            await trio.testing.wait_all_tasks_blocked()
        await peer.requests(3)
        assert zk.statistics().requests_in_flight == 3
        await peer.send(reply(1, 1, -101), reply(2, 2, body=DATA))
        await trio.testing.wait_all_tasks_blocked()
        assert len(got) == 1
        await peer.send(reply(3, 3, body=DATA))
        await trio.testing.wait_all_tasks_blocked()
        assert len(got) == 2
        assert zk.last_zxid == 3, "the late reply counts, though nobody waits for it"


async def test_cancelled_before_it_is_queued_a_request_has_no_effect(autojump_clock):
    async with connected() as (zk, _):
        with trio.CancelScope() as scope:
            scope.cancel()
            await zk.get("/a")
        assert scope.cancelled_caught
        assert zk.statistics().requests_in_flight == 0


async def test_perform_can_be_cancelled_at_every_step(autojump_clock):
    async with served() as (zk, _):

        async def still_answers(_was_cancelled):
            data, _ = await zk.get("/after")
            assert data == b"data"

        cancelled = await cancel_at_each_step(lambda: zk.get("/a"), after_each=still_answers)
        assert cancelled == [True, True, False], "before it is queued, and while it waits"
        assert zk.statistics().requests_in_flight == 0


async def test_every_operation_is_a_checkpoint(autojump_clock):
    async with served() as (zk, _):
        with trio.testing.assert_checkpoints():
            await zk.get("/a")
        with trio.testing.assert_checkpoints():
            await zk.sync("/a")
        with trio.testing.assert_no_checkpoints():
            zk.statistics()
            zk.detach()


# --- what it shows ----------------------------------------------------------------------------


async def test_last_contact_is_the_send_time_of_what_was_answered(autojump_clock):
    async with connected(timeout_ms=60_000) as (zk, peer), trio.open_nursery() as nursery:
        await trio.sleep(1)
        sent_at = trio.current_time()
        nursery.start_soon(zk.get, "/a")
        sent = await peer.request()
        await trio.sleep(2)
        await peer.answer(sent)
        await trio.testing.wait_all_tasks_blocked()
        assert zk.last_contact == pytest.approx(sent_at)
        assert zk.last_received == pytest.approx(sent_at + 2)


async def test_nothing_shows_the_password(autojump_clock, caplog):
    caplog.set_level(logging.DEBUG)
    shown = []
    async with connected() as (zk, peer):
        things = [zk, zk.session, zk.session.credentials, zk.statistics()]
        await peer.send(framed(connect_reply())[:41])
        await zk.wait_lost()
        things += [zk, zk.failure]
        try:
            await zk.get("/a")
        except zkwire.ConnectionLost as error:
            shown += traceback.format_exception(error)
            things.append(error)
    for answer in (connect_reply(session_id=5), connect_reply()[:-3], connect_reply()[:20]):
        near, far = trio.testing.memory_stream_pair()
        await far.send_all(framed(answer))
        credentials = zkwire.SessionCredentials(id=zkwire.SessionId(SESSION_ID), password=PASSWORD)
        try:
            async with zkwire.open_connection_over(near, credentials=credentials):
                pytest.fail("opened")
        except zkwire.ZkwireError as error:
            shown += traceback.format_exception(error)
            things.append(error)
    shown += [form(thing) for thing in things for form in (str, repr)]
    text = "\n".join([*shown, caplog.text])
    assert f"{SESSION_ID:#x}" in text
    for secret in (PASSWORD.hex(), repr(PASSWORD)[2:-1], str(list(PASSWORD))[1:-1]):
        assert secret not in text


async def test_a_server_that_sends_events_and_answers_nothing_can_be_waited_for(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:

        async def chatter():
            while True:
                await peer.send(notification(3, "/somewhere"))
                await trio.sleep(0.5)

        nursery.start_soon(chatter)
        await zk.wait_lost(unanswered=3.0)
        assert zk.is_alive
        assert trio.current_time() == pytest.approx(zk.last_contact + 3.0, abs=0.05)
        nursery.cancel_scope.cancel()
        zk.detach()


async def test_each_who_waits_has_patience_of_its_own(autojump_clock):
    async with served() as (zk, _), trio.open_nursery() as nursery:
        over = []

        async def wait(name, unanswered):
            await zk.wait_lost(unanswered=unanswered)
            over.append(name)

        nursery.start_soon(wait, "short", 0.4)  # pings are a second apart
        nursery.start_soon(wait, "long", 4.0)
        nursery.start_soon(wait, "longer", 5.0)
        await trio.sleep(20)
        assert over == ["short"]
        zk.detach()
        await trio.sleep(0.1)
        assert sorted(over) == ["long", "longer", "short"]


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan")])
async def test_patience_is_more_than_none(seconds, autojump_clock):
    async with served() as (zk, _):
        with pytest.raises(zkwire.InvalidArgument, match="unanswered"):
            await zk.wait_lost(unanswered=seconds)
