"""A coordinator's watches against a real server: many of them, and all at once."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

import pytest
import trio

import zkwire
from coordinator import State, open_coordinator
from real_server import connect
from scripted_server import Tap
from zkwire import Create, EventType, SetData, WatchGap
from zkwire.testing import open_faults, start_zookeeper

pytestmark = pytest.mark.zk

EACH = 10_000
"""Nodes; with a data and a child watch on each, and as many watches on absent ones."""


@pytest.fixture(scope="module")
def patient():
    """A server whose sessions outlive what a busy machine takes for ten thousand writes."""
    with start_zookeeper(tick_time=2.0) as ensemble:
        yield ensemble


def frame_sizes(written: bytes) -> list[int]:
    sizes, at = [], 0
    while at < len(written):
        sizes.append(int.from_bytes(written[at : at + 4], "big"))
        at += 4 + sizes[-1]
    return sizes


async def in_batches(zk, ops: list) -> None:
    for start in range(0, len(ops), 1000):
        await zk.multi(ops[start : start + 1000])


@asynccontextmanager
async def tapped(ensemble):
    """A coordinator at a home of its own, a client beside it, and what was written to whom."""
    taps = []
    home = f"/test-{uuid4().hex}"

    async def dial(host, port):
        taps.append(Tap(await faults.dial(host, port)))
        return taps[-1]

    async with (
        open_faults(ensemble) as faults,
        open_coordinator(faults.servers, home, session_timeout=40.0, dial=dial) as coordinator,
        connect(ensemble, session_timeout=40.0) as other,
    ):
        with trio.fail_after(30):
            await coordinator.wait_connected()
        yield coordinator, other, home, faults, taps


async def test_thirty_thousand_watches_live_through_a_reconnect(patient):
    names = [f"{number:0>50}" for number in range(EACH)]
    changed, parents, made = names[::2], names[::3], names[::5]
    async with tapped(patient) as (coordinator, other, home, faults, taps):
        await in_batches(other, [Create(f"{home}/{name}") for name in names])
        held = {"data": {}, "children": {}, "absent": {}}

        async def arm(share):
            for name in share:
                held["data"][name] = (await coordinator.get_and_watch(f"/{name}"))[-1]
                held["children"][name] = (await coordinator.get_children_and_watch(f"/{name}"))[-1]
                absent = await coordinator.exists_and_watch(f"/absent-{name}")
                held["absent"][name] = absent[-1]

        async with trio.open_nursery() as nursery:
            for start in range(100):
                nursery.start_soon(arm, names[start::100])
        async with coordinator.watch("/", recursive=True) as stream:
            transitions = coordinator.transitions()
            async with faults.down():
                assert (await anext(transitions)).state is State.SUSPENDED
                await in_batches(other, [SetData(f"{home}/{name}", b"1") for name in changed])
                await in_batches(other, [Create(f"{home}/{name}/c") for name in parents])
                await in_batches(other, [Create(f"{home}/absent-{name}") for name in made])
            with trio.fail_after(60):
                assert (await anext(transitions)).state is State.CONNECTED
                await coordinator.sync("/")
            assert await anext(stream) == WatchGap("reconnected")

        fired = {
            kind: {name: watch.event.type for name, watch in watches.items() if watch.event}
            for kind, watches in held.items()
        }
        assert fired == {
            "data": dict.fromkeys(changed, EventType.NODE_DATA_CHANGED),
            "children": dict.fromkeys(parents, EventType.NODE_CHILDREN_CHANGED),
            "absent": dict.fromkeys(made, EventType.NODE_CREATED),
        }
        left = 3 * EACH - sum(map(len, fired.values()))
        assert len(coordinator.session.watches) == left

        sizes = frame_sizes(b"".join(taps[-1].writes))
        assert max(sizes) < 140 * 1024
        assert sum(size > 100_000 for size in sizes) > 10, "batches, and full ones"
        words = (
            await trio.to_thread.run_sync(patient.four_letter_word, patient.members[0], "mntr")
        ).split()
        assert int(words[words.index("zk_watch_count") + 1]) == left
        quiet = next(name for name in names if name not in fired["data"])
        await other.set(f"{home}/{quiet}", b"1")
        with trio.fail_after(30):
            await held["data"][quiet].wait()


async def test_no_read_shows_a_change_before_its_event(patient):
    last = 500
    async with tapped(patient) as (coordinator, other, home, _, _):
        await coordinator.set("/", b"0")
        checked = 0

        async def read():
            nonlocal checked
            while True:
                armed, stat, watch = await coordinator.get_and_watch("/")
                with watch:
                    seen, now = await coordinator.get("/")
                    if now.mzxid > stat.mzxid:
                        assert watch.event is not None
                        assert watch.event.zxid <= now.mzxid
                        checked += 1
                assert int(seen) >= int(armed)
                if int(seen) == last:
                    return

        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                for _ in range(16):
                    nursery.start_soon(read)
                for number in range(last + 1):
                    await other.set(home, b"%d" % number)
        assert checked > 0


async def test_armed_fired_removed_in_any_order_there_is_one_event_or_none(patient):
    async with tapped(patient) as (coordinator, other, home, _, _):
        events = {"before": 0, "after": 0}

        async def race(number):
            path = f"/{number}"
            await coordinator.create(path)
            _, _, watch = await coordinator.get_and_watch(path)
            async with trio.open_nursery() as nursery:
                for start in (partial(other.set, home + path, b"1"), trio.lowlevel.checkpoint):
                    nursery.start_soon(start)
                for _ in range(number % 8):
                    await trio.lowlevel.checkpoint()
                if number % 2:
                    await coordinator.sync("/")
                watch.remove()
                had = watch.event
            await coordinator.sync("/")
            assert watch.event == had, "an event behind the removal"
            events["before" if had else "after"] += 1

        with trio.fail_after(60):
            for number in range(200):
                await race(number)
        assert all(events.values()), "both ends of the race were seen"
        assert len(coordinator.session.watches) == 0
        with pytest.raises(zkwire.NoWatcher):
            await coordinator.check_watches("/199", zkwire.WatcherType.ANY)
