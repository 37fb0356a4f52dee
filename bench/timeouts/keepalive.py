"""What sessions cost that do nothing: packets, and CPU time."""

from __future__ import annotations

from functools import partial

import trio

from bench.harness.contender import NotMeasured
from bench.harness.outcome import Outcome, Table
from bench.harness.plan import Plan, Say
from bench.harness.report import number
from bench.timeouts._clients import chosen, drop_unopened
from bench.timeouts._plan_sessions import KEEPALIVE, Keepalive
from bench.timeouts._probes import Probe, Probes, open_probes
from bench.timeouts._processes import Connections, between, connections, cpu_seconds
from zkwire.testing import open_zookeeper

TICK, TIMEOUT = 0.5, 10.0
OPEN, SETTLE = 60.0, 3.0
"""Seconds to open all sessions, and of quiet before counting."""

PACKETS, CPU, BYTES = "packets", "CPU ms", "bytes"


def measure(plan: Plan, say: Say) -> Outcome:
    return trio.run(_measure, KEEPALIVE[plan.form], chosen(plan), say)


async def _measure(plan: Keepalive, names: list[str], say: Say) -> Outcome:
    found: dict[str, dict[str, float]] = {}
    async with (
        open_zookeeper(3, TICK) as ensemble,
        open_probes(
            names, ensemble.servers, TIMEOUT, "/keepalive", plan.sessions, plan.sessions / 200
        ) as probes,
    ):
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members"
        await drop_unopened(probes, plan.sessions, OPEN)
        say(f"keepalive: all sessions are open; {plan.idle:g} s of idleness")
        ports = [int(each.rpartition(":")[2]) for each in ensemble.servers]
        if probes.running:
            found = await _idle(probes, plan, partial(_connections, ports))
    return Outcome(
        subject="keepalive",
        title="What idle sessions cost",
        tables=[Table("Per session and minute", _rows(found))],
        notes=[
            f"All clients at once, {plan.sessions} sessions each, timeout {TIMEOUT:g} s, idle for "
            f"{plan.idle:g} s.  Packets are TCP segments, both ways and bare acknowledgements "
            "among them; bytes are those within them.",
        ],
        missing=probes.missing,
        samples=found,
        server=server,
    )


async def _idle(
    probes: Probes, plan: Keepalive, look: partial[dict[int, Connections]]
) -> dict[str, dict[str, float]]:
    """Look at all probes, wait, and look again."""
    await trio.sleep(SETTLE)
    before = await _look(probes, look)
    await trio.sleep(plan.idle)
    after = await _look(probes, look)
    found: dict[str, dict[str, float]] = {}
    for name, probe in probes.running.items():
        if probe.ended or name not in before or name not in after:
            probes.missing[name] = f"its probe {probe.ended}"
        else:
            found[name] = _per_session(probe, plan.sessions, before[name], after[name], probes)
    return {name: each for name, each in found.items() if each}


_Look = tuple[float, float, Connections]
"""When, CPU seconds, and the connections."""


async def _look(probes: Probes, look: partial[dict[int, Connections]]) -> dict[str, _Look]:
    by_process = await trio.to_thread.run_sync(look)
    return {
        name: (trio.current_time(), cpu_seconds(probe.pid), by_process.get(probe.pid, {}))
        for name, probe in probes.running.items()
        if not probe.ended
    }


def _connections(ports: list[int]) -> dict[int, Connections]:
    """Those to these ports; none where they cannot be listed."""
    try:
        return connections(ports)
    except NotMeasured:
        return {}


def _per_session(
    probe: Probe, sessions: int, before: _Look, after: _Look, probes: Probes
) -> dict[str, float]:
    """Figures of one session in a minute."""
    minutes = (after[0] - before[0]) / 60
    figures = {CPU: (after[1] - before[1]) * 1000 / sessions / minutes}
    stayed, packets, carried = between(before[2], after[2])
    if stayed == sessions:
        figures[PACKETS] = packets / sessions / minutes
        figures[BYTES] = carried / sessions / minutes
    else:
        probes.missing[probe.name] = (
            f"packets: {stayed} of {sessions} connections were seen to stay"
        )
    return figures


def _rows(found: dict[str, dict[str, float]]) -> list[list[str]]:
    return [
        ["", PACKETS, BYTES, CPU],
        *(
            [
                name,
                *(
                    number(each[figure]) if figure in each else "-"
                    for figure in (PACKETS, BYTES, CPU)
                ),
            ]
            for name, each in found.items()
        ),
    ]
