"""Watches: over a reconnect, at the end of a node, and beside each other."""

from __future__ import annotations

import trio
import trio.testing

import zkwire
from coordinator import State
from coordinator_steps import told
from regression_steps import Tapped, coordinate, look_into
from zkwire import EventType, OpCode
from zkwire.testing import open_faults, open_memory_zookeeper

WATCHES = 300


class Spawned(trio.abc.Instrument):
    """Counts the tasks that are started."""

    def __init__(self) -> None:
        self.count = 0

    def task_spawned(self, _task: trio.lowlevel.Task) -> None:
        self.count += 1


async def reconnect_with(watches):
    """Reconnect with so many watches: the tasks that were started, and the requests sent."""
    async with open_memory_zookeeper() as ensemble, open_faults(ensemble) as faults:
        tapped = Tapped(faults)
        async with coordinate(tapped) as coord:
            kept = [(await coord.exists_and_watch(f"/{n}"))[-1] for n in range(watches)]
            await trio.sleep(2)
            transitions, spawned = coord.transitions(), Spawned()
            living = trio.lowlevel.current_statistics().tasks_living
            trio.lowlevel.add_instrument(spawned)
            async with faults.reset_peer():
                pass
            await told(transitions, State.SUSPENDED, State.CONNECTED)
            await trio.testing.wait_all_tasks_blocked()
            trio.lowlevel.remove_instrument(spawned)
            assert trio.lowlevel.current_statistics().tasks_living == living
            requests = [code for code in tapped.opcodes(-1) if code != OpCode.PING]
            for n in (0, watches - 1):
                if kept:
                    await coord.create(f"/{n}")
                    assert (await kept[n].wait()).type is EventType.NODE_CREATED
    return spawned.count, requests


async def test_a_reconnect_with_many_watches_starts_no_task_for_them_and_asks_once(autojump_clock):
    spawned_without, requests_without = await reconnect_with(0)
    spawned, requests = await reconnect_with(WATCHES)
    assert requests_without == []
    assert requests == [OpCode.SET_WATCHES]
    assert spawned == spawned_without


async def test_the_end_of_a_node_is_told_once_to_each_watch_of_it(autojump_clock):
    async with open_memory_zookeeper() as ensemble, coordinate(ensemble) as coord:
        await coord.create("/n")
        async with coord.watch("/n") as stream:
            *_, of_data = await coord.get_and_watch("/n")
            *_, of_children = await coord.get_children_and_watch("/n")
            await coord.delete("/n")
            assert (await of_data.wait()).type is EventType.NODE_DELETED
            assert (await of_children.wait()).type is EventType.NODE_DELETED
            await coord.create("/n")
            told_by_stream = [(await anext(stream)).type for _ in range(2)]
            await coord.set("/n", b"")
            # A watch that has fired is over, whatever comes of the next node of its name.
            assert of_data.event.type is of_children.event.type is EventType.NODE_DELETED
        assert told_by_stream == [EventType.NODE_DELETED, EventType.NODE_CREATED]


async def test_a_waiter_hears_over_the_next_connection_what_it_missed(autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        coordinate(faults) as coord,
        look_into(ensemble) as other,
    ):
        await coord.create("/gate")
        *_, removed = await coord.get_and_watch("/gate")
        *_, made = await coord.exists_and_watch("/later")
        async with faults.down():
            await coord.suspended.wait()
            await other.delete("/gate")
            await other.create("/later")
        with trio.fail_after(10):
            assert (await removed.wait()).type is EventType.NODE_DELETED
            assert (await made.wait()).type is EventType.NODE_CREATED


async def test_the_watches_of_one_coordinator_are_its_own(autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        coordinate(ensemble) as one,
        coordinate(ensemble) as two,
    ):
        *_, first = await one.exists_and_watch("/n")
        *_, second = await two.exists_and_watch("/n")
        expired = one.expired
        await ensemble.expire(one.session.id)
        await expired.wait()
        await one.wait_connected()
        assert second.event is None
        await one.create("/n")
        assert (await second.wait()).type is EventType.NODE_CREATED
        try:
            await first.wait()
        except zkwire.SessionExpired:
            return
    raise AssertionError("a watch outlived its session")
