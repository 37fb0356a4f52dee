"""Sessions are lost: is a client told before its node is gone, and another may have the lock?"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import trio

from bench.harness.outcome import Outcome, Table
from bench.harness.plan import Plan, Say
from bench.soak._lease_faults import FAULTS, Fault
from bench.soak._lease_faults import Stage as Cast
from bench.soak.lease import ELECTION, until_effective
from bench.timeouts._lost_history import (
    Loss,
    has_ended,
    is_held,
    judge,
    losses,
    samples,
    table,
)
from bench.timeouts._observer import Sightings, open_observers
from bench.timeouts._plan import CONFIG, TICK, LostPlan, lost
from bench.timeouts._probes import Probe, Probes, open_probes
from bench.timeouts._stage import describe, holding, until, until_all, with_probes
from zkwire.testing import ZooKeeperStartError, open_faults, open_zookeeper

LONGEST = 180.0
"""Seconds for an injection, servers and clients started and ended; most take 25."""


@dataclass
class Found:
    """What is known so far."""

    history: list[Loss] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    ineffective: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    server: str = ""


def measure(plan: Plan, say: Say) -> Outcome:
    """Every fault, each time on an ensemble of its own."""
    return trio.run(run, lost(plan.form), plan.chosen(with_probes()), say)


async def run(plan: LostPlan, peers: list[str], say: Say) -> Outcome:
    found = Found()
    by_name = {fault.name: fault for fault in FAULTS}
    for name, timeouts in plan.timeouts.items():
        rounds = [timeout for timeout in timeouts for _ in range(plan.injections)]
        for number, timeout in enumerate(rounds):
            # A new one each time: as long as a leader leads, its pings and the ends of sessions
            # have one phase, and it might be a lenient one.
            before = len(found.history)
            try:
                with trio.fail_after(LONGEST):
                    await on_an_ensemble(by_name[name], timeout, plan, peers, found)
            except* (trio.TooSlowError, ZooKeeperStartError) as errors:
                # The others count; that too little was seen, if so, the goal says.
                found.failed.append(f"{name}: {errors.exceptions[0]!r}")
            say(f"lost: {name}, {number + 1} of {len(rounds)}: {len(found.history) - before} seen")
    return Outcome(
        subject="lost",
        title="A session is lost",
        tables=[*(table(found.history, fault) for fault in plan.timeouts), *left_out(found)],
        goals=judge(found.history, plan.timeouts, plan.least, found.ineffective),
        notes=(
            "Every client is given the address of the member that suffers, and no other. The "
            "margin runs from the moment at which the client tells its user by itself that the "
            "session is lost or expired to the moment at which the first of two observers, on "
            "the other members, sees that the session's node is gone: from then on another may "
            "hold the lock. Below 0 the client told too late.",
            f"The fault lasts for {plan.after:g} timeouts after the last node has gone. Who has "
            "said nothing by then told nothing: most clients wait for a server to say it.",
            "The coordinator has two rows: its lease, by which its locks go, and its state.",
            *(f"An injection came to nothing: {each}" for each in found.failed),
        ),
        missing=found.missing,
        samples=samples(found.history),
        server=f"{found.server}, each in a network namespace of its own",
    )  # fmt: skip


def left_out(found: Found) -> list[Table]:
    if not any(found.left_out.values()):
        return []
    rows = [["client", "sessions left out: none, or over, at the fault, or node not seen gone"]]
    rows += [[peer, str(count)] for peer, count in found.left_out.items() if count]
    return [Table("Left out", rows)]


async def on_an_ensemble(
    fault: Fault, granted: float, plan: LostPlan, peers: list[str], found: Found
) -> None:
    """One fault, once."""
    config = {**CONFIG, "syncLimit": sync_limit(fault)}
    async with open_zookeeper(3, TICK, config=config, isolated=True) as ensemble:
        found.server = describe(ensemble, TICK)
        await ensemble.wait_ready()
        leader = await ensemble.leader()
        followers = [each for each in ensemble.members if each is not leader]
        victim = leader if fault.on_leader else random.choice(followers)
        async with open_faults(ensemble) as faults:
            cast = Cast(ensemble, faults, victim)
            pinned = [cast.proxy.address]
            spread = granted / 4  # heartbeats come in all phases
            async with open_probes(
                peers, pinned, granted, "/lost", plan.sessions, spread, lease=True, tick=TICK
            ) as probes:
                await until_all(probes, lambda probe: is_ready(probe, plan.sessions))
                observing = [each.address for each in cast.others]
                async with open_observers(observing, "/lost") as sightings:
                    await trio.sleep(random.uniform(1.0, 2.0) * TICK)  # anywhere in a tick
                    await inject(fault, cast, probes, sightings, granted, plan, found)
                found.missing.update(probes.missing)


async def inject(
    fault: Fault,
    cast: Cast,
    probes: Probes,
    sightings: Sightings,
    granted: float,
    plan: LostPlan,
    found: Found,
) -> None:
    """Let the fault be, until every node has gone and every client has had time to tell."""
    struck = {
        name: {
            i: held
            for i, held in holding(probe).items()
            if held in sightings.held and is_held(probe.events, name, i)
        }
        for name, probe in probes.running.items()
    }
    everybody = {held for mine in struck.values() for held in mine.values()}
    since = trio.current_time()
    async with fault.inject(cast):
        if why := await until_effective(fault, cast):
            found.ineffective[fault.name] = why
        longest = granted + sync_limit(fault) * TICK + ELECTION
        await until(
            lambda: everybody <= sightings.gone.keys(), deadline=trio.current_time() + longest
        )
        await until(
            lambda: all_told(probes, struck, since),
            deadline=trio.current_time() + plan.after * granted,
        )
        ended = trio.current_time()
    for name, mine in struck.items():
        if (probe := probes.running.get(name)) is None:
            continue
        found.left_out[name] += plan.sessions - sum(
            held in sightings.gone for held in mine.values()
        )
        for i, held in mine.items():
            if (gone := sightings.gone.get(held)) is None or gone > ended:
                continue
            found.history += losses(
                probe.events, fault=fault.name, timeout=granted, peer=name, session=i,
                since=since, until=ended, gone=gone,
            )  # fmt: skip


def all_told(probes: Probes, struck: dict[str, dict[int, str]], since: float) -> bool:
    """Whether nobody has more to tell."""
    return all(
        has_ended(probes.running[name].events, name, i, since)
        for name, mine in struck.items()
        if name in probes.running
        for i in mine
    )


def is_ready(probe: Probe, sessions: int) -> bool:
    """Whether a client has all its sessions, with their nodes and whatever else they hold."""
    return sum(is_held(probe.events, probe.name, i) for i in holding(probe)) >= sessions


def sync_limit(fault: Fault) -> int:
    """In ticks; two seconds at least, or a busy machine loses its quorum by itself."""
    return max(fault.sync_limit, round(2.0 / TICK))
