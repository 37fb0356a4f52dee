"""A coordinator's one-shot watches, taken off the server again."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from stepping import cancel_at_each_step
from watching import settled, short, watching
from zkwire import EventType

CHANGED = EventType.NODE_DATA_CHANGED
READS = ["exists_and_watch", "get_and_watch", "get_children_and_watch"]


@pytest.fixture
async def rig():
    async with watching() as found:
        yield found


@pytest.mark.parametrize("read", READS)
async def test_a_removed_watch_is_off_the_server(read, rig, autojump_clock):
    *_, watch = await getattr(rig.coordinator, read)("/")
    assert await settled(rig) == 1
    with trio.testing.assert_no_checkpoints():
        watch.remove()
        watch.remove()
    assert await settled(rig) == 0
    assert len(rig.coordinator.session.watches) == 0
    with pytest.raises(trio.ClosedResourceError):
        await watch.wait()


async def test_a_watch_of_a_node_that_is_not_there_is_off_too(rig, autojump_clock):
    stat, watch = await rig.coordinator.exists_and_watch("/absent")
    with watch:
        assert (stat, await settled(rig)) == (None, 1)
    assert await settled(rig) == 0


@pytest.mark.parametrize("read", READS)
async def test_the_last_of_several_takes_it_off(read, rig, autojump_clock):
    watches = [(await getattr(rig.coordinator, read)("/"))[-1] for _ in range(3)]
    for watch in watches[:2]:
        watch.remove()
        assert await settled(rig) == 1
    assert watches[2].event is None
    watches[2].remove()
    assert await settled(rig) == 0


async def test_a_data_watch_goes_without_the_watch_of_the_children(rig, autojump_clock):
    _, _, data = await rig.coordinator.get_and_watch("/")
    _, exists = await rig.coordinator.exists_and_watch("/")
    *_, children = await rig.coordinator.get_children_and_watch("/")
    data.remove()
    assert await settled(rig) == 2, "the other two share the data's one"
    exists.remove()
    assert await settled(rig) == 1
    await rig.other.create("/app/a")
    with trio.fail_after(60):
        await children.wait()


async def test_removing_one_that_has_fired_keeps_its_event(rig, autojump_clock):
    _, _, watch = await rig.coordinator.get_and_watch("/")
    with watch:
        await rig.other.set("/app", b"1")
        await rig.coordinator.sync("/")
    assert short(await watch.wait()) == (CHANGED, "/")


async def test_a_watch_removed_while_away_is_not_set_again(rig, autojump_clock):
    _, _, watch = await rig.coordinator.get_and_watch("/")
    async with rig.away():
        watch.remove()
    assert await settled(rig) == 0


async def test_a_removal_does_not_take_the_watch_of_who_is_on_the_way(rig, autojump_clock):
    got = []

    async def read():
        got.append((await rig.coordinator.get_and_watch("/"))[-1])

    for _ in range(20):
        _, _, watch = await rig.coordinator.get_and_watch("/")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            nursery.start_soon(read)
            await trio.lowlevel.checkpoint()
            watch.remove()
        assert await settled(rig) == 1
        await rig.other.set("/app", b"1")
        with trio.fail_after(60):
            for each in got[-2:]:
                await each.wait()


@pytest.mark.parametrize("read", READS)
async def test_a_read_cancelled_at_any_step_leaves_no_watch(read, rig, autojump_clock):
    counts = []

    async def one():
        *_, watch = await getattr(rig.coordinator, read)("/")
        watch.remove()

    async def look(_was_cancelled):
        with trio.CancelScope(shield=True):
            await rig.coordinator.sync("/")
            counts.append(await settled(rig))

    was_cancelled = await cancel_at_each_step(one, after_each=look)
    assert sum(was_cancelled) > 2
    assert set(counts) == {0}
    assert len(rig.coordinator.session.watches) == 0


async def test_a_cancelled_read_leaves_another_s_watch_alone(rig, autojump_clock):
    _, _, watch = await rig.coordinator.get_and_watch("/")
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(rig.coordinator.get_and_watch, "/")
            await trio.testing.wait_all_tasks_blocked(0)
            scope.cancel()
    assert await settled(rig) == 1
    await rig.other.set("/app", b"1")
    with trio.fail_after(60):
        await watch.wait()


async def test_who_gives_up_standing_in_line_for_a_lock_leaves_no_watch(rig, autojump_clock):
    with trio.fail_after(600):
        async with rig.coordinator.lock("/lock"):
            for _ in range(3):
                with trio.move_on_after(5) as scope:
                    async with rig.coordinator.lock("/lock"):
                        pytest.fail("two hold the lock")
                assert scope.cancelled_caught
                assert await settled(rig) == 0
                assert len(rig.coordinator.session.watches) == 0
