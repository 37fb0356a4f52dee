"""A member is killed or frozen under sessions: how soon do they go on, and are they the same?"""

from __future__ import annotations

from collections.abc import Sequence

import trio

from bench.harness.outcome import Outcome
from bench.harness.plan import Plan, Say
from bench.timeouts._clients import chosen, drop_unopened, wait_until_well
from bench.timeouts._events import first_answers
from bench.timeouts._moves import FROZEN, KILLED, LEADER, Move, Moves, goals, moves_of, table
from bench.timeouts._plan_sessions import FAILOVER, Failover
from bench.timeouts._probes import Probe, Probes, open_probes
from bench.timeouts._whereabouts import Session, locate, most_even
from zkwire.testing import AsyncEnsemble, AsyncMember, open_zookeeper

TICK, TIMEOUT = 0.5, 4.0
OPEN, SETTLE, RETURN = 40.0, 1.5, 15.0
"""Seconds to open all sessions; of quiet before a fault; and for an answer after it.

A client may take a connection that breaks at once for a failed attempt, and wait; hence the quiet.
"""


def measure(plan: Plan, say: Say) -> Outcome:
    return trio.run(_measure, FAILOVER[plan.form], chosen(plan), say)


async def _measure(plan: Failover, names: list[str], say: Say) -> Outcome:
    moves: Moves = {fault: {} for fault in dict.fromkeys(schedule(plan))}
    notes = [
        f"All clients at once, {plan.sessions} sessions each, timeout {TIMEOUT:g} s, given the "
        "addresses of all members.  Time runs from before SIGKILL or SIGSTOP is asked for to the "
        "first answer afterwards, for each session that was connected to that member.",
        f"None of them was disturbed for {SETTLE:g} s before.  With the leader goes the quorum: an "
        "election comes first.",
    ]
    async with (
        open_zookeeper(3, TICK) as ensemble,
        open_probes(names, ensemble.servers, TIMEOUT, "/failover", plan.sessions, 0.2) as probes,
    ):
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members"
        await drop_unopened(probes, plan.sessions, OPEN)
        trials = schedule(plan)
        done = 0
        with trio.move_on_after(plan.limit):
            for fault in trials:
                for name, found in (await _trial(ensemble, probes, plan, fault)).items():
                    moves[fault].setdefault(name, []).extend(found)
                done += 1
                say(f"failover: {done} of {len(trials)} ({fault})")
        if done < len(trials):
            notes.append(f"Ended by the clock after {done} of {len(trials)} faults.")
    return Outcome(
        subject="failover",
        title="A server goes away: how soon sessions go on",
        tables=[table(moves, names)],
        goals=goals(moves),
        notes=notes,
        missing=probes.missing,
        samples={
            fault: {name: [each.as_dict() for each in found] for name, found in by_name.items()}
            for fault, by_name in moves.items()
        },
        server=server,
    )


def schedule(plan: Failover) -> list[str]:
    """The faults, each kind spread over the whole run: a slow minute then falls on all."""
    counts = {KILLED: plan.followers, LEADER: plan.leaders, FROZEN: plan.freezes}
    placed = [
        ((number + 0.5) / count, order, fault)
        for order, (fault, count) in enumerate(counts.items())
        for number in range(count)
    ]
    return [fault for _, _, fault in sorted(placed)]


async def _trial(
    ensemble: AsyncEnsemble, probes: Probes, plan: Failover, fault: str
) -> dict[str, list[Move]]:
    await ensemble.wait_ready()
    await wait_until_well(probes, plan.sessions, RETURN)
    await trio.sleep(SETTLE)
    places = await locate(ensemble, probes)
    victim = await _victim(ensemble, places, fault)
    affected = {
        name: [i for (owner, i), at in places.items() if owner == name and at == victim.address]
        for name in probes.running
    }
    began = trio.current_time()
    try:
        if fault == FROZEN:
            await victim.freeze()
        else:
            await victim.kill()
        with trio.move_on_after(RETURN):
            for name, sessions in affected.items():
                await _wait_for_answers(probes, name, sessions, began)
        return {
            name: moves_of(probes.running[name].events, sessions, began)
            for name, sessions in affected.items()
            if name in probes.running
        }
    finally:
        # Does nothing to one that was not frozen, or that runs.
        with trio.CancelScope(shield=True, deadline=trio.current_time() + RETURN):
            await victim.resume()
            await victim.start()


async def _victim(ensemble: AsyncEnsemble, places: dict[Session, str], fault: str) -> AsyncMember:
    leader = await ensemble.leader()
    if fault == LEADER:
        return leader
    followers = {each.address: each for each in ensemble.members if each is not leader}
    return followers[most_even(places, followers)]


async def _wait_for_answers(
    probes: Probes, name: str, sessions: Sequence[int], began: float
) -> None:
    def all_answered(probe: Probe) -> bool:
        return first_answers(probe.events, began).keys() >= set(sessions)

    await probes.wait_one(name, all_answered)
