"""A server falls silent: how soon do clients notice, and do they save their sessions?"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import trio

from bench.harness.outcome import Outcome
from bench.harness.plan import Plan, Say
from bench.timeouts._detection_history import (
    LOOK,
    Trial,
    is_settled,
    judge,
    outcome,
    samples,
    tables,
)
from bench.timeouts._plan import CONFIG, TICK, Detect, DetectionPlan, detection
from bench.timeouts._probes import Probes, open_probes
from bench.timeouts._stage import (
    Gates,
    addresses,
    connected_ids,
    describe,
    open_gates,
    sessions_on,
    until,
    until_on,
    with_probes,
)
from zkwire.testing import AsyncEnsemble, AsyncMember, Faults, Proxy, open_faults, open_zookeeper

SETTLE = 0.5
"""Seconds, at least, between the other servers' return and the silence."""
RETURN = 15.0
"""Seconds for the sessions to come back to the victim; most do within one."""


@dataclass
class Found:
    """What is known so far."""

    trials: list[Trial] = field(default_factory=list)
    without: Counter[str] = field(default_factory=Counter)
    missing: dict[str, str] = field(default_factory=dict)
    server: str = ""


@dataclass(frozen=True)
class Scene:
    """The servers, and the one that falls silent."""

    ensemble: AsyncEnsemble
    faults: Faults
    gates: Gates
    victim: AsyncMember

    @property
    def proxy(self) -> Proxy:
        return self.faults.members[self.victim.id - 1]

    @property
    def others(self) -> list[Proxy]:
        return [each for each in self.faults.members if each is not self.proxy]


def measure(plan: Plan, say: Say) -> Outcome:
    """Black-hole the server that every session is connected to, again and again."""
    return trio.run(run, detection(plan.form), plan.chosen(with_probes()), say)


async def run(plan: DetectionPlan, peers: list[str], say: Say) -> Outcome:
    found = Found()
    async with open_zookeeper(3, TICK, config=CONFIG) as ensemble:
        found.server = describe(ensemble, TICK)
        for row in plan.rows:
            await at_timeout(ensemble, row, plan.sessions, peers, found, say)
    return Outcome(
        subject="detection",
        title="A server falls silent",
        tables=tables(found.trials, [each for each in peers if each not in found.missing],
                      found.without),
        goals=judge(found.trials, {row.timeout: row.least for row in plan.rows}),
        notes=(
            "Every client is given three servers. All its sessions are connected to one of them "
            "when that one, and whoever connects to it anew, gets no more answers: no byte, no "
            "end, no reset. The other two are at hand.",
            f"The first sign is whatever the client tells its user first. A session is saved if "
            f"it is connected again with the same id within {LOOK:g} timeouts (T), which can only "
            "be to another member.",
            "Where sessions were is taken from the servers themselves (cons), just before.",
        ),
        missing=found.missing,
        samples=samples(found.trials),
        server=found.server,
    )  # fmt: skip


async def at_timeout(
    ensemble: AsyncEnsemble, row: Detect, sessions: int, peers: list[str], found: Found, say: Say
) -> None:
    """Every injection under sessions of one timeout."""
    await ensemble.wait_ready()
    victim = random.choice(ensemble.members)
    async with open_faults(ensemble) as faults, open_gates() as gates:
        scene = Scene(ensemble, faults, gates, victim)
        await gates.put_all(scene.others, "shut")
        servers = addresses(faults, scene.proxy)
        home = f"/detection-{row.timeout:g}"
        spread = row.timeout / 3  # heartbeats come in all phases
        async with open_probes(peers, servers, row.timeout, home, sessions, spread) as probes:
            await until_on(ensemble, victim, probes, sessions)
            for number in range(row.injections):
                if number:
                    await bring_back(scene, probes, sessions)
                trials = await inject(scene, probes, row.timeout, sessions, found.without)
                found.trials += trials
                say(
                    f"detection: T = {row.timeout:g} s, {number + 1} of {row.injections}: "
                    f"{len(trials)} trials"
                )
            found.missing.update(probes.missing)


async def bring_back(scene: Scene, probes: Probes, sessions: int) -> None:
    """Have every session connected to the victim again, which answers again."""
    await scene.gates.put(scene.proxy, "shut")
    await scene.gates.put_all(scene.others, "shut")
    await scene.gates.put(scene.proxy, "open")
    await until_on(scene.ensemble, scene.victim, probes, sessions, patience=RETURN)


async def inject(
    scene: Scene, probes: Probes, granted: float, sessions: int, without: Counter[str]
) -> list[Trial]:  # fmt: skip
    """Let the victim fall silent once, and see what clients tell."""
    await scene.gates.put_all(scene.others, "open")
    await trio.sleep(SETTLE + random.uniform(0, granted / 3))  # anywhere between heartbeats
    there = await sessions_on(scene.ensemble, scene.victim)
    since = trio.current_time()
    await scene.gates.put(scene.proxy, "silent")
    struck = {
        name: {i: held for i, held in connected_ids(probe).items() if held in there}
        for name, probe in probes.running.items()
    }
    for name in probes.running:
        without[name] += sessions - len(struck[name])

    def all_settled() -> bool:
        return all(
            is_settled(probe.events, i, since)
            for name, probe in probes.running.items()
            for i in struck[name]
        )

    await until(all_settled, deadline=since + LOOK * granted)
    return [
        outcome(probe.events, peer=name, session=session, since=since, timeout=granted)
        for name, probe in probes.running.items()
        for session in struck[name].items()
    ]
