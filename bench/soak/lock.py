"""A lock under faults: does it ever have two holders, or leave somebody in line?"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trio

import coordinator
import zkwire
from bench.soak._contending import LONG
from bench.soak._lease_faults import Stage
from bench.soak._lock_faults import KINDS, Kind, schedule, took_effect
from bench.soak._lock_history import Hold, handovers, judge
from bench.soak._plan import Plan
from bench.soak._progress import say
from bench.soak._verdict import Proof
from zkwire.testing import AsyncEnsemble, Faults, open_faults, open_zookeeper

ROOT = Path(__file__).parent.parent.parent
PROCESSES = 2
CONTENDERS = 8
HOME = "/soak"
LIMIT = 900.0
"""Seconds for all hand-overs."""
PATIENCE = 3
"""Timeouts to wait for a holder that means to stay."""
LEAVING = 20.0
"""Seconds for every contender to leave, and for what it had made to go."""
SYNC_LIMIT = 6.0
"""Seconds that a follower without a leader goes on answering."""


@dataclass(slots=True)
class Ledger:
    """What the contenders have told."""

    history: list[Hold] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    server: str = ""
    """Where the latest holder is connected."""
    is_long: bool = False
    """Whether it means to hold the lock for longer than a lease."""


async def measure(plan: Plan, *, seed: int | None = None, plant: str = "") -> Proof:
    """Hand the lock over and over, under whatever the dice say."""
    seed = random.randrange(1_000_000) if seed is None else seed
    ledger = Ledger()
    injected = Counter({kind.name: 0 for kind in KINDS})
    async with (
        open_zookeeper(
            3,
            plan.tick,
            config={"syncLimit": round(SYNC_LIMIT / plan.tick)},
            isolated=True,
        ) as ensemble,
        open_faults(ensemble) as faults,
    ):
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members"
        async with contending(faults.servers, plan, seed, plant, ledger):
            with trio.move_on_after(LIMIT):
                await torment(ensemble, faults, plan, random.Random(seed), ledger, injected)
        orphans = await left_in_line(ensemble)
    return Proof(
        subject="lock",
        title="A lock under faults",
        claims=judge(
            ledger.history,
            least=plan.handovers,
            least_lost=plan.least_lost,
            injected=injected,
            least_of_each_kind=plan.least_of_each_kind,
            orphans=orphans,
            failures=ledger.failures,
        ),
        table=[["fault", "times"], *([name, str(times)] for name, times in injected.items())],
        notes=(
            f"{CONTENDERS} contenders, each a client of its own, in {PROCESSES} processes; "
            f"timeout {plan.lock_timeout:g} s; each block lasts up to {plan.lock_timeout / 4:g} s, "
            f"one in {LONG} up to {plan.lock_timeout * 3:g} s. Instants are CLOCK_MONOTONIC's. "
            f"Seed {seed}.",
        ),
        server=server,
        raw={
            "seed": seed,
            "holds": [[h.who, h.began, h.ended, h.token, h.lost] for h in ledger.history],
        },
    )


async def torment(
    ensemble: AsyncEnsemble,
    faults: Faults,
    plan: Plan,
    dice: random.Random,
    ledger: Ledger,
    injected: Counter[str],
) -> None:
    """One fault after the other, with rests, until there are enough hand-overs under each."""
    timeout = plan.lock_timeout

    def is_enough() -> bool:
        often = min(injected.values()) >= plan.least_of_each_kind
        return handovers(ledger.history) >= plan.handovers and often

    kinds: list[Kind] = []
    while not is_enough():
        kinds = kinds or schedule(dice)
        await ensemble.wait_ready()
        await trio.sleep(dice.uniform(timeout, 3 * timeout))
        # A holder that is about to leave would not lose the lock.
        with trio.move_on_after(PATIENCE * timeout):
            while not ledger.is_long:  # noqa: ASYNC110  # other processes tell
                await trio.sleep(0.02)
        leader = await ensemble.leader()
        holders = [
            each
            for each in ensemble.members
            if faults.members[each.id - 1].address == ledger.server
        ]
        # The holder's own server, by a kind of fault that befalls it: others suffer less.
        fitting = [kind for kind in kinds if kind.on_leader == (leader in holders)]
        kind = (fitting or kinds)[0]
        kinds.remove(kind)
        candidates = [each for each in ensemble.members if (each is leader) == kind.on_leader]
        at_holder = [each for each in candidates if each in holders]
        stage = Stage(ensemble, faults, dice.choice(at_holder or candidates))
        seconds = dice.uniform(0.5, 2.5) * timeout
        async with kind.inject(stage):
            began = trio.current_time()
            injected[kind.name] += await took_effect(kind, stage)
            await trio.sleep_until(began + seconds)
        count = handovers(ledger.history)
        lost = sum(hold.lost for hold in ledger.history)
        say(f"lock: {kind.name}, {seconds:.1f} s; {count} hand-overs, {lost} lost")


@asynccontextmanager
async def contending(
    servers: list[str],
    plan: Plan,
    seed: int,
    plant: str,
    ledger: Ledger,
) -> AsyncGenerator[None]:
    """Have contenders at work, in processes of their own, while the block lasts."""
    names = [f"contender {number}" for number in range(1, CONTENDERS + 1)]
    async with trio.open_nursery() as nursery:
        processes: list[trio.Process] = []
        for number in range(PROCESSES):
            options = {
                "servers": servers,
                "home": HOME,
                "names": names[number::PROCESSES],
                "session_timeout": plan.lock_timeout,
                "tick": plan.tick,
                "seed": seed + number,
                "plant": plant,
            }
            command = [sys.executable, "-m", "bench.soak._contending", json.dumps(options)]
            process = await trio.lowlevel.open_process(command, stdin=-1, stdout=-1, cwd=ROOT)
            processes.append(process)
            nursery.start_soon(collect, process, ledger)
        try:
            yield
        finally:
            with trio.move_on_after(LEAVING, shield=True):
                for process in processes:
                    if process.stdin is not None:
                        await process.stdin.aclose()
                for process in processes:
                    await process.wait()
            for process in processes:
                if process.poll() is None:
                    process.kill()


async def collect(process: trio.Process, ledger: Ledger) -> None:
    """Take down what one process tells, and whether it ends as it should."""
    rest = b""
    assert process.stdout is not None
    with trio.CancelScope(shield=True):  # ends with the process, which contending() ends
        async for some in process.stdout:
            *lines, rest = (rest + some).split(b"\n")
            for line in lines:
                told = json.loads(line)
                if "server" in told:
                    ledger.server, ledger.is_long = told["server"], told["long"]
                else:
                    ledger.is_long = False
                    ledger.history.append(Hold(**told))
        if status := await process.wait():
            ledger.failures.append(f"a process of contenders ended with status {status}")


async def left_in_line(ensemble: AsyncEnsemble) -> list[str]:
    """The nodes in line once everybody has left; those of ended sessions have time to go."""
    await ensemble.wait_ready()
    children: list[str] = []
    async with coordinator.open_coordinator(ensemble.servers, HOME) as coord:
        with trio.move_on_after(LEAVING):
            while True:
                try:
                    await coord.sync("/lock")
                    children = await coord.get_children("/lock")
                except zkwire.NoNode:
                    return []  # a container that is empty may be removed
                if not children:
                    return []
                await trio.sleep(0.1)
    return children
