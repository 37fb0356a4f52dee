"""What many clients do to servers that are down, and when these return."""

from __future__ import annotations

from contextlib import AsyncExitStack

import trio

from bench.harness.contender import NotMeasured
from bench.harness.outcome import Outcome, Table
from bench.harness.plan import Plan, Say
from bench.timeouts._attempts import Herded, rows
from bench.timeouts._clients import chosen, drop_unopened, groups
from bench.timeouts._outages import OneHerd, accept_then_close, take_down
from bench.timeouts._packets import Counters, open_counters
from bench.timeouts._plan_sessions import HERD, Herd
from bench.timeouts._probes import open_probes
from zkwire.testing import AsyncEnsemble, open_faults, open_zookeeper

TICK, TIMEOUT = 0.5, 10.0
OPEN, SETTLE, SPREAD = 60.0, 2.0, 0.004
"""Seconds to open all sessions; of quiet before each outage; and between one opening and the next.
"""
LIMIT = 240.0
"""Seconds for one group of clients, far beyond what it takes."""


def measure(plan: Plan, say: Say) -> Outcome:
    return trio.run(_measure, HERD[plan.form], chosen(plan), say)


async def _measure(plan: Herd, names: list[str], say: Say) -> Outcome:
    found: dict[str, Herded] = {}
    missing: dict[str, str] = {}
    async with open_zookeeper(3, TICK) as ensemble:
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members"
        for group in groups(names, together=plan.together):
            with trio.move_on_after(LIMIT) as scope:
                await _herd(ensemble, plan, group, found, missing)
            if scope.cancelled_caught:
                missing |= dict.fromkeys(group, f"not done in {LIMIT:g} s")
            say(f"herd: {', '.join(group)}")
    order = {name: found[name] for name in names if name in found}
    at_once = "all clients at once" if plan.together else "one client at a time"
    remarks = dict.fromkeys(remark for each in order.values() for remark in each.remarks)
    return Outcome(
        subject="herd",
        title="A herd of clients, and servers that are down",
        tables=[Table("Attempts to connect per client and second", rows(order))],
        notes=[
            f"{plan.sessions} sessions of each client, {at_once}, timeout {TIMEOUT:g} s, each "
            "given the addresses of three members.",
            f"Down: the servers are killed and the ports refuse for {plan.down:g} s and the time "
            "that the servers take to start; attempts are SYNs counted by iptables.  Back: from "
            "when the servers serve and the ports accept to the first answer of every session.",
            f"Accepted, then closed: for {plan.closing:g} s what listens takes every connection "
            "and ends it before a byte, as a balancer without a server behind it does.",
            *remarks,
        ],
        missing=missing,
        samples={name: each.as_dict() for name, each in order.items()},
        server=server,
    )


async def _herd(
    ensemble: AsyncEnsemble,
    plan: Herd,
    names: list[str],
    found: dict[str, Herded],
    missing: dict[str, str],
) -> None:
    """Have these clients' sessions go through both outages."""
    await ensemble.wait_ready()
    async with AsyncExitStack() as stack:
        herds: list[OneHerd] = []
        for name in names:
            # Doors of their own: what is counted at a port is then of one client.
            faults = await stack.enter_async_context(open_faults(ensemble))
            probes = await stack.enter_async_context(
                open_probes(
                    [name], faults.servers, TIMEOUT, "/herd", plan.sessions, plan.sessions * SPREAD
                )
            )
            await drop_unopened(probes, plan.sessions, OPEN)
            missing |= probes.missing
            if name in probes.running:
                found[name] = Herded(clients=plan.sessions)
                herds.append(OneHerd(probes.running[name], faults, found[name]))
        if not herds:
            return
        counters: Counters | None = None
        try:
            every_port = [port for herd in herds for port in herd.ports()]
            counters = await stack.enter_async_context(open_counters(every_port))
        except NotMeasured as error:
            for herd in herds:
                herd.found.remarks.append(f"Attempts while servers are down: {error}.")
        await trio.sleep(SETTLE)
        await take_down(ensemble, plan, herds, counters)
        await trio.sleep(SETTLE)
        await accept_then_close(plan, herds)
        for herd in herds:
            if herd.probe.ended:
                missing[herd.probe.name] = f"its probe {herd.probe.ended}"
                del found[herd.probe.name]
