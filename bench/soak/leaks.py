"""Connect, cut, reconnect, close, a thousand times: is anything left behind?"""

from __future__ import annotations

import gc
import os
import socket
from functools import partial
from pathlib import Path

import trio

import coordinator
import zkwire
from bench.soak._leak_history import Count, judge
from bench.soak._plan import Plan
from bench.soak._progress import say
from bench.soak._verdict import Proof
from zkwire.testing import AsyncEnsemble, Faults, open_faults, open_zookeeper

TIMEOUT = 4.0


async def measure(plan: Plan, *, plant: str = "") -> Proof:
    """Count, go through the cycles, and count again."""
    async with (
        open_zookeeper(1, plan.tick) as ensemble,
        open_faults(ensemble) as faults,
        trio.open_nursery() as kept,
    ):
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, one server"
        for _ in range(plan.warm_up):
            await cycle(faults, plan)
        before = await count(ensemble)
        cuts = 0
        for number in range(plan.cycles):
            cuts += await cycle(faults, plan, plant, kept)
            if (number + 1) % 250 == 0:
                say(f"leaks: {number + 1} of {plan.cycles} cycles")
        after = await settled(ensemble, before, plan.quiet)
        kept.cancel_scope.cancel()
    return Proof(
        subject="leaks",
        title="Nothing left behind",
        claims=judge(before, after, cycles=plan.cycles, cuts=cuts, least=plan.cycles),
        notes=(
            f"Counted after {plan.warm_up} cycles that do not count. In each a client connects, "
            "stands in line for a lock, holds it, watches, has its connection reset, reconnects, "
            "and leaves. The proxy that cuts is in the same process.",
        ),
        server=server,
        raw={"before": repr(before), "after": repr(after)},
    )


async def cycle(
    faults: Faults, plan: Plan, plant: str = "", kept: trio.Nursery | None = None
) -> bool:
    """One life of a client; whether its connection was cut in it, and made again."""
    async with coordinator.open_coordinator(
        faults.servers, "/leaks", TIMEOUT, tick_time=plan.tick
    ) as coord:
        await coord.wait_connected()
        session, reconnected = coord.session, coord.reconnected
        async with coord.lock("lock"), coord.watch("/", recursive=True):
            await coord.exists_and_watch("/never")
            async with faults.reset_peer():
                pass
            await reconnected.wait()
            await coord.exists("/never")
        if plant and kept is not None:
            await leave_behind(plant, faults, kept)
        return session is not None and coord.session is session


async def leave_behind(plant: str, faults: Faults, kept: trio.Nursery) -> None:
    """Do what a client that leaks would do."""
    host, _, port = faults.members[0].upstream.rpartition(":")
    done = trio.Event()
    kept.start_soon(partial(LEAKS[plant], host, int(port), done))
    await done.wait()


async def keep_socket(host: str, port: int, done: trio.Event) -> None:
    with socket.create_connection((host, port)):
        done.set()
        await trio.sleep_forever()


async def keep_watch(host: str, port: int, done: trio.Event) -> None:
    async with zkwire.open_connection(host, port) as connection:
        await connection.exists_and_watch("/never")
        done.set()
        await trio.sleep_forever()


LEAKS = {"leaking-socket": keep_socket, "leaking-watch": keep_watch}


async def settled(ensemble: AsyncEnsemble, before: Count, patience: float) -> Count:
    """Count once nothing goes away any more, or nothing is left."""
    after = await count(ensemble)
    with trio.move_on_after(patience):
        while any(
            getattr(after, what) > getattr(before, what)
            for what in ("tasks", "sockets", "threads", "watches", "sessions")
        ):
            await trio.sleep(0.2)
            after = await count(ensemble)
    return after


async def count(ensemble: AsyncEnsemble) -> Count:
    answer = await ensemble.four_letter_word(ensemble.members[0], "mntr")
    gc.collect()
    return count_here(answer, tasks=trio.lowlevel.current_statistics().tasks_living)


def count_here(answer: str, *, tasks: int) -> Count:
    return Count(
        tasks=tasks,
        sockets=sum(is_socket(fd) for fd in Path("/proc/self/fd").iterdir()),
        threads=len(list(Path("/proc/self/task").iterdir())),
        watches=number_in(answer, "zk_watch_count"),
        sessions=number_in(answer, "zk_global_sessions"),
        memory=int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
    )


def is_socket(descriptor: Path) -> bool:
    try:
        return str(descriptor.readlink()).startswith("socket:")
    except OSError:
        return False  # the one with which the directory was read


def number_in(answer: str, name: str) -> int:
    return int(answer.partition(f"{name}\t")[2].split()[0])
