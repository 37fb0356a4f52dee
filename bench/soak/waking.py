"""How many of those who wait for a lock a release wakes, as the servers count it."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from functools import partial

import trio

import coordinator
from bench.soak._lock_history import judge_waking
from bench.soak._plan import Plan
from bench.soak._progress import say
from bench.soak._verdict import Proof
from zkwire.testing import AsyncEnsemble, open_zookeeper

TIMEOUT = 10.0
START = 120.0
"""Seconds for everybody to stand in line."""

FIRED = re.compile(
    r"^zk_(sum|max)_node_(created|deleted|changed|children)_watch_count\t(\S+)", re.MULTILINE
)
DELETED = "deleted"


async def measure(plan: Plan) -> Proof:
    """Everybody stands in line once; the lock is given away one by one."""
    async with open_zookeeper(3, plan.tick) as ensemble, AsyncExitStack() as stack:
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members"
        clients = [
            await stack.enter_async_context(
                coordinator.open_coordinator(
                    ensemble.servers, "/herd", TIMEOUT, tick_time=plan.tick
                )
            )
            for _ in range(plan.waiters + 1)
        ]
        for client in clients:
            await client.wait_connected()
        turns = trio.Semaphore(0)
        released = trio.Semaphore(0)
        async with trio.open_nursery() as nursery:
            for client in clients:
                nursery.start_soon(partial(stand_in_line, client, turns, released))
            say(f"waking: {len(clients)} stand in line")
            with trio.fail_after(START):
                while await watches(ensemble) < plan.waiters:  # noqa: ASYNC110  # servers tell nobody
                    await trio.sleep(0.1)
            before = await fired(ensemble)
            for _ in range(plan.releases):
                turns.release()
                await released.acquire()
            left = plan.waiters - plan.releases
            with trio.move_on_after(START):  # until the last one has had its effect
                while await watches(ensemble) > left:  # noqa: ASYNC110  # servers tell nobody
                    await trio.sleep(0.1)
            after = await fired(ensemble)
            nursery.cancel_scope.cancel()
    total = {kind: sum(each["sum", kind] for each in after) for kind in kinds(after)}
    was = {kind: sum(each["sum", kind] for each in before) for kind in kinds(before)}
    others = sum(total[kind] - was[kind] for kind in total if kind != DELETED)
    return Proof(
        subject="waking",
        title="Waiting for a lock",
        claims=[
            judge_waking(
                releases=plan.releases,
                woken=round(total[DELETED] - was[DELETED]),
                most_at_once=round(max(each["max", DELETED] for each in after)),
                others=round(others),
                least=plan.releases,
            )
        ],
        notes=(
            f"{plan.waiters} clients waiting behind the holder, each with a session of its own, "
            "over three servers; counted by the servers themselves (`mntr`, the sums of "
            "`node_deleted_watch_count` and its like, over all members).",
        ),
        server=server,
    )


async def stand_in_line(
    client: coordinator.Coordinator, turns: trio.Semaphore, released: trio.Semaphore
) -> None:
    async with client.lock("lock"):
        await turns.acquire()
    released.release()


async def watches(ensemble: AsyncEnsemble) -> int:
    """How many the servers have set."""
    found = 0
    for member in ensemble.members:
        answer = await ensemble.four_letter_word(member, "mntr")
        found += int(answer.partition("zk_watch_count\t")[2].split()[0])
    return found


async def fired(ensemble: AsyncEnsemble) -> list[dict[tuple[str, str], float]]:
    """What each member has counted since it was started."""
    found = []
    for member in ensemble.members:
        answer = await ensemble.four_letter_word(member, "mntr")
        found.append({(how, kind): float(value) for how, kind, value in FIRED.findall(answer)})
    return found


def kinds(counted: list[dict[tuple[str, str], float]]) -> set[str]:
    return {kind for each in counted for _, kind in each}
