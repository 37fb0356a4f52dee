"""All servers are away for a while: when do clients know what became of their sessions?"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import trio

from bench.harness.outcome import Outcome, Table
from bench.harness.plan import Plan, Say
from bench.timeouts._plan import CONFIG, TICK, VerdictPlan
from bench.timeouts._plan import verdict as planned
from bench.timeouts._probes import Probes, open_probes
from bench.timeouts._stage import describe, holding, silence, until, until_connected, with_probes
from bench.timeouts._verdict_history import LOOK, Verdict, is_settled, samples, table, verdict
from zkwire.testing import Faults, open_faults, open_zookeeper

RETURN = 10.0
"""Seconds for every session to be connected before the next outage."""


@dataclass
class Found:
    """What is known so far."""

    history: list[Verdict] = field(default_factory=list)
    without: Counter[str] = field(default_factory=Counter)
    missing: dict[str, str] = field(default_factory=dict)
    server: str = ""


def measure(plan: Plan, say: Say) -> Outcome:
    """Black-hole every server, for shorter and longer than a timeout."""
    return trio.run(run, planned(plan.form), plan.chosen(with_probes()), say)


async def run(plan: VerdictPlan, peers: list[str], say: Say) -> Outcome:
    found = Found()
    async with (
        open_zookeeper(3, TICK, config=CONFIG) as ensemble,
        open_faults(ensemble) as faults,
    ):
        found.server = describe(ensemble, TICK)
        await ensemble.wait_ready()
        async with open_probes(
            peers, faults.servers, plan.timeout, "/verdict", plan.sessions, plan.timeout / 3
        ) as probes:
            await until_connected(probes, plan.sessions)
            for outage in plan.multiples:
                await until_connected(probes, plan.sessions, patience=RETURN)
                before = len(found.history)
                await inject(faults, probes, plan, outage, found)
                say(f"verdict: silent for {outage} T: {len(found.history) - before} sessions")
            found.missing.update(probes.missing)
    there = [each for each in peers if each not in found.missing]
    return Outcome(
        subject="verdict",
        title="All servers are away for a while",
        tables=[
            *(
                table(found.history, outage, there, plan.timeout)
                for outage in dict.fromkeys(plan.multiples)
            ),
            *without(found),
        ],
        notes=(
            "Every client is given three servers. All three fall silent, for connections there "
            "are and for new ones, and answer again; what was sent meanwhile is lost, and who is "
            "connected or about to be is reset. "
            "The verdict is when the client tells its user that the session is lost or expired, "
            "or is connected with it again (kept), in seconds from the servers' return.",
            "A time below 0 is a verdict of the client's own, given while no server answered: "
            "the session may not be relied on any more. What it cannot say is that "
            "the servers have ended it, which is what the client learns when they are back; "
            "a session that was given up and then found to be there counts as kept.",
            "During a long silence clients leave attempts behind, thousands of them in a minute. "
            "To be rid of those takes the proxies a second or so, which is in everybody's figures.",
            f"No verdict: neither within {LOOK:g} s of the servers' return.",
        ),
        missing=found.missing,
        samples=samples(found.history),
        server=found.server,
    )


def without(found: Found) -> list[Table]:
    if not any(found.without.values()):
        return []
    rows = [["client", "sessions that were not connected when the servers fell silent"]]
    rows += [[peer, str(count)] for peer, count in found.without.items() if count]
    return [Table("No trials", rows)]


async def inject(
    faults: Faults, probes: Probes, plan: VerdictPlan, outage: int, found: Found
) -> None:
    """One outage."""
    await trio.sleep(random.uniform(0.5, 0.5 + plan.timeout / 3))  # anywhere between heartbeats
    struck = {name: holding(probe) for name, probe in probes.running.items()}
    since = trio.current_time()
    async with silence(faults.members):
        await trio.sleep(outage * plan.timeout)
    healed = trio.current_time()

    def all_settled() -> bool:
        return all(
            is_settled(probes.running[name].events, i, healed)
            for name, mine in struck.items()
            if name in probes.running
            for i in mine
        )

    await until(all_settled, deadline=healed + LOOK)
    for name, mine in struck.items():
        found.without[name] += plan.sessions - len(mine)
        if (probe := probes.running.get(name)) is not None:
            found.history += [
                verdict(
                    probe.events, peer=name, outage=outage, session=session, since=since,
                    healed=healed,
                )
                for session in mine.items()
            ]  # fmt: skip
