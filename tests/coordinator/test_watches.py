"""A coordinator's watches: over reconnects, over sessions, and off the server again."""

from __future__ import annotations

import pytest
import trio
import trio.testing

import zkwire
from coordinator import State, open_coordinator
from coordinator._lasting_watch import lasting_watch
from stepping import cancel_at_each_step
from watching import settled, short, taken, watching
from zkwire import EventType, WatchGap
from zkwire.testing import open_memory_zookeeper

NEW_SESSION, RECONNECTED = WatchGap("new session"), WatchGap("reconnected")
CREATED, CHANGED = EventType.NODE_CREATED, EventType.NODE_DATA_CHANGED


@pytest.fixture
async def rig():
    async with watching() as found:
        yield found


# --- streams that outlive sessions ------------------------------------------------------------


@pytest.mark.parametrize("recursive", [False, True])
async def test_a_stream_goes_on_in_the_next_session_behind_a_gap(recursive, rig, autojump_clock):
    async with rig.coordinator.watch("/", recursive=recursive) as stream:
        await rig.other.set("/app", b"1")
        for number in range(3):
            assert await taken(stream, 1) == [(CHANGED, "/")]
            await rig.expire()
            await rig.other.set("/app", b"missed, and read behind the gap")
            assert await taken(stream, 1) == [NEW_SESSION]
            await rig.other.set("/app", b"%d" % number)
    assert await rig.watches_on_server() == 0


async def test_what_came_before_the_end_of_a_session_comes_before_the_gap(rig, autojump_clock):
    async with rig.coordinator.watch("/", recursive=True) as stream:
        await rig.other.create("/app/a")
        await rig.coordinator.sync("/")
        await rig.expire()
        assert await taken(stream, 2) == [(CREATED, "/a"), NEW_SESSION]


async def test_who_reads_behind_each_gap_misses_nothing(rig, autojump_clock):
    """A mirror of one node, written to all the while, over cuts and expiries."""
    last, seen = 60, []

    async def write():
        for number in range(last + 1):
            await rig.other.set("/app", b"%d" % number)
            await trio.sleep(0.5)

    async def disturb():
        for _ in range(4):
            await trio.sleep(5)
            await rig.expire()
            await trio.sleep(2)
            async with rig.away():
                pass

    async with rig.coordinator.watch("/") as stream, trio.open_nursery() as nursery:
        nursery.start_soon(write)
        nursery.start_soon(disturb)
        gaps = set()
        with trio.fail_after(600):
            while not seen or seen[-1] != last:
                item = await anext(stream)
                if isinstance(item, WatchGap):
                    gaps.add(item.reason)
                data, _ = await rig.coordinator.get("/")
                seen.append(int(data))
    assert gaps == {"new session", "reconnected"}
    assert seen == sorted(seen)


async def test_a_gap_is_not_given_before_the_watch_is_set_again(rig, autojump_clock):
    async with rig.coordinator.watch("/") as stream, trio.open_nursery() as nursery:
        got = []

        async def consume():
            got.append(await anext(stream))
            await rig.other.set("/app", b"behind the gap")
            got.append(short(await anext(stream)))

        nursery.start_soon(consume)
        async with rig.faults.down():
            await rig.ensemble.expire(rig.coordinator.session.id)
            await trio.sleep(30)
            assert got == [], "no session, so no watch"
        await trio.sleep(30)
    assert got == [NEW_SESSION, (CHANGED, "/")]


async def test_a_renewal_cancelled_at_any_step_is_done_again(rig, autojump_clock):
    async with rig.coordinator.watch("/") as stream:
        got = []

        async def one():
            got.append(short(await anext(stream)))

        await rig.expire()
        with trio.fail_after(600):
            await cancel_at_each_step(one)
        assert got == [NEW_SESSION]
        assert await rig.watches_on_server() == 2, "for data and children"
        await rig.other.set("/app", b"1")
        assert await taken(stream, 1) == [(CHANGED, "/")]
    assert await rig.watches_on_server() == 0
    assert len(rig.coordinator.session.watches) == 0


async def test_a_stream_ends_with_its_coordinator(autojump_clock):
    async with open_memory_zookeeper() as ensemble, trio.open_nursery() as nursery:
        over = trio.Event()

        async def consume(stream):
            with pytest.raises(zkwire.ConnectionClosed):
                await anext(stream)
            over.set()

        async with (
            open_coordinator(ensemble.servers, dial=ensemble.dial) as coordinator,
            coordinator.watch("/") as stream,
        ):
            nursery.start_soon(consume, stream)
            await trio.testing.wait_all_tasks_blocked()
            coordinator.detach()
            with trio.fail_after(60):
                await over.wait()


async def test_a_block_left_while_the_stream_waits_for_a_session_ends_the_iteration(
    autojump_clock,
):
    """Nothing may be waited for here but the block: no session comes."""
    got = []

    async def consume(stream):
        got.append(short(await anext(stream)))
        got.append([item async for item in stream])

    async def no_second_session():
        while not sessions:
            await trio.sleep_forever()
        return sessions.pop()

    async with (
        open_memory_zookeeper() as ensemble,
        open_coordinator(ensemble.servers, "/", dial=ensemble.dial) as coordinator,
        trio.open_nursery() as nursery,
    ):
        await coordinator.wait_connected()
        sessions = [coordinator.session]
        async with lasting_watch(
            no_second_session, "/", str, recursive=False, capacity=10
        ) as stream:
            nursery.start_soon(consume, stream)
            await coordinator.set("/", b"")
            await ensemble.expire(coordinator.session.id)
            await coordinator.expired.wait()
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(trio.BusyResourceError):
                await anext(stream)
    assert got == [(CHANGED, "/"), []]


# --- what ends with its session ---------------------------------------------------------------


async def test_a_session_s_own_stream_and_all_one_shot_watches_end_with_it(rig, autojump_clock):
    _, _, once = await rig.coordinator.get_and_watch("/")
    async with rig.coordinator.session.watch("/") as stream:
        await rig.expire()
        for wait in (once.wait, stream.__anext__):
            with pytest.raises(zkwire.SessionExpired):
                await wait()
    assert await rig.watches_on_server() == 0, "the next session has none of them"


async def test_a_read_that_waited_for_a_session_has_its_watch_there(rig, autojump_clock):
    transitions = rig.coordinator.transitions()
    first = rig.coordinator.session
    watches = []

    async def read():
        watches.append((await rig.coordinator.get_and_watch("/"))[-1])

    async with trio.open_nursery() as nursery, rig.faults.down():
        assert (await anext(transitions)).state is State.SUSPENDED
        nursery.start_soon(read)
        await rig.ensemble.expire(first.id)
    assert rig.coordinator.session is not first
    assert len(rig.coordinator.session.watches) == 1
    await rig.other.set("/app", b"1")
    with trio.fail_after(60):
        assert short(await watches[0].wait()) == (CHANGED, "/")


# --- reconnects -------------------------------------------------------------------------------


async def test_a_reconnect_leaves_a_gap_and_the_watches(rig, autojump_clock):
    _, _, once = await rig.coordinator.get_and_watch("/")
    async with rig.coordinator.watch("/", recursive=True) as stream:
        await rig.other.create("/app/a")
        await rig.coordinator.sync("/")
        async with rig.away():
            await rig.other.create("/app/missed")
        assert await taken(stream, 2) == [(CREATED, "/a"), RECONNECTED]
        await rig.other.set("/app", b"1")
        assert await taken(stream, 1) == [(CHANGED, "/")]
        assert once.event is not None


async def test_a_slow_consumer_is_told_where_its_room_was_too_small(rig, autojump_clock):
    async with rig.coordinator.watch("/", capacity=3) as stream:
        for number in range(10):
            await rig.other.set("/app", b"%d" % number)
        await rig.coordinator.sync("/")
        assert await taken(stream, 4) == [(CHANGED, "/")] * 3 + [WatchGap("overflow")]


@pytest.mark.parametrize("capacity", [0, -1])
async def test_a_capacity_that_holds_nothing_is_refused(capacity, rig, autojump_clock):
    with pytest.raises(zkwire.InvalidArgument, match="capacity"):
        async with rig.coordinator.watch("/", capacity=capacity):
            pytest.fail("entered")
    assert await rig.watches_on_server() == 0


async def test_the_configuration_node_keeps_its_path(rig, autojump_clock):
    async with rig.coordinator.watch("/zookeeper/config") as stream:
        assert len(rig.coordinator.session.watches) == 1
        await rig.expire()
        assert await taken(stream, 1) == [NEW_SESSION]
        session = rig.coordinator.session
        await session.check_watches("/zookeeper/config", zkwire.WatcherType.PERSISTENT)


@pytest.mark.parametrize("recursive", [False, True])
async def test_a_stream_cancelled_at_any_step_of_its_life_leaves_no_watch(
    recursive, rig, autojump_clock
):
    async def follow():
        async with rig.coordinator.watch("/", recursive=recursive) as stream:
            await rig.other.set("/app", b"")
            assert short(await anext(stream)) == (CHANGED, "/")

    async def look(_was_cancelled):
        with trio.CancelScope(shield=True):
            assert await settled(rig) == 0
            assert len(rig.coordinator.session.watches) == 0

    with trio.fail_after(600):
        assert sum(await cancel_at_each_step(follow, after_each=look)) > 5
