"""Thousands of sessions in one process: memory, threads and CPU time of each."""

from __future__ import annotations

import trio

from bench.harness.outcome import Outcome
from bench.harness.plan import Plan, Say
from bench.timeouts._clients import chosen, drop_unopened
from bench.timeouts._crowd import OURS, Crowd, Figures, goals, table
from bench.timeouts._plan_sessions import DENSITY, Density
from bench.timeouts._probes import Probe, open_probes
from bench.timeouts._processes import cpu_seconds, resident_kilobytes, threads
from zkwire.testing import AsyncEnsemble, open_zookeeper

TICK, TIMEOUT = 0.5, 10.0
FEW, SPREAD, SETTLE = 10, 0.001, 2.0
"""Sessions of the process that others are compared with; seconds between one opening and the next,
and of quiet before anything is read."""
FOLLOWED = f"{OURS}, a task each"


class _CannotHoldError(Exception):
    """A client cannot have so many sessions here; the text says why."""


def measure(plan: Plan, say: Say) -> Outcome:
    return trio.run(_measure, DENSITY[plan.form], chosen(plan), say)


async def _measure(plan: Density, names: list[str], say: Say) -> Outcome:
    found: Figures = {}
    missing: dict[str, str] = {}
    async with open_zookeeper(1, TICK) as ensemble:
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, one server"
        for name in labels(names):
            try:
                few = await _hold(ensemble, plan, name, FEW, idle=0.0)
                for count in plan.counts:
                    crowd = await _hold(ensemble, plan, name, count, idle=plan.idle)
                    found.setdefault(name, {})[str(count)] = crowd.over(few)
            except _CannotHoldError as error:
                missing[name] = str(error)
            say(f"density: {name}")
    return Outcome(
        subject="density",
        title="Many sessions in one process",
        tables=[table(found, count) for count in plan.counts],
        goals=goals(found, plan.counts),
        notes=[
            f"One client at a time, timeout {TIMEOUT:g} s; a session is begun each "
            f"{SPREAD * 1000:g} ms, and has made one ephemeral node.  Memory is what a process "
            f"with {FEW} sessions has not (Rss); CPU time is of {plan.idle:g} s of idleness when "
            "all were open.",
            f"{FOLLOWED}: each of the coordinator's sessions has a task of the application's, "
            "which follows its changes of state.  Otherwise one task holds them all.",
            f"Opened in: from the start of the process to the first answer of the last session.  "
            f"A client that needs more than {plan.open:g} s is not measured.",
        ],
        missing=missing,
        samples=found,
        server=server,
    )


def labels(names: list[str]) -> list[str]:
    """The rows: the coordinator has two."""
    return [label for name in names for label in ((OURS, FOLLOWED) if name == OURS else (name,))]


async def _hold(
    ensemble: AsyncEnsemble, plan: Density, name: str, sessions: int, *, idle: float
) -> Crowd:
    """Open so many sessions, and look at the process when all are open.

    Raises:
        _CannotHoldError: they were not opened in time, or did not stay.
    """
    began = trio.current_time()
    client = OURS if name == FOLLOWED else name
    async with open_probes(
        [client],
        ensemble.servers,
        TIMEOUT,
        f"/density-{sessions}",
        sessions,
        sessions * SPREAD,
        held=name == OURS,
    ) as probes:
        await drop_unopened(probes, sessions, plan.open)
        if client not in probes.running:
            raise _CannotHoldError(probes.missing[client])
        probe = probes.running[client]
        open_after = max(event.t for event in probe.events) - began
        await trio.sleep(SETTLE)
        try:
            return await _look(probe, sessions, open_after, idle)
        except (FileNotFoundError, ProcessLookupError) as error:
            raise _CannotHoldError(f"ended with {sessions:,} sessions: {probe.ended}") from error


async def _look(probe: Probe, sessions: int, open_after: float, idle: float) -> Crowd:
    cpu, at = cpu_seconds(probe.pid), trio.current_time()
    await trio.sleep(idle)
    # Python's memory only grows; of others it is what they hold when they have had time to rest.
    used, seconds = cpu_seconds(probe.pid) - cpu, trio.current_time() - at
    if probe.well() < sessions:
        raise _CannotHoldError(f"only {probe.well():,} of {sessions:,} sessions stayed connected")
    return Crowd(
        sessions=sessions,
        open_after=open_after,
        kilobytes=resident_kilobytes(probe.pid),
        threads=threads(probe.pid),
        cpu=used / seconds if idle else 0.0,
    )
