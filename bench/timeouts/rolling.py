"""Every member is stopped and started, one after the other: are the sessions kept?"""

from __future__ import annotations

import trio

from bench.harness.outcome import Outcome, Table
from bench.harness.plan import Plan, Say
from bench.timeouts._clients import chosen, drop_unopened, groups, wait_until_well
from bench.timeouts._gaps import OURS, Rolled, goal, rolled, rows
from bench.timeouts._plan_sessions import ROLLING, Rolling
from bench.timeouts._probes import Probes, open_probes
from zkwire.testing import AsyncEnsemble, open_zookeeper

TICK, TIMEOUT = 0.5, 4.0
OPEN, SETTLE, RETURN = 40.0, 1.5, 15.0
"""Seconds to open all sessions; of quiet before each stop; and to be back after the last."""
LIMIT = 120.0
"""Seconds for one group of clients, far beyond what it takes."""


def measure(plan: Plan, say: Say) -> Outcome:
    return trio.run(_measure, ROLLING[plan.form], chosen(plan), say)


async def _measure(plan: Rolling, names: list[str], say: Say) -> Outcome:
    found: dict[str, Rolled] = {}
    missing: dict[str, str] = {}
    async with open_zookeeper(3, TICK) as ensemble:
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members"
        for group in groups(names, together=plan.together):
            with trio.move_on_after(LIMIT) as scope:
                await _restart_under(ensemble, plan, group, found, missing)
            if scope.cancelled_caught:
                missing |= dict.fromkeys(group, f"not done in {LIMIT:g} s")
            say(f"rolling: {', '.join(group)}")
    order = {name: found[name] for name in names if name in found}
    at_once = "all clients at once" if plan.together else "one client at a time"
    return Outcome(
        subject="rolling",
        title="A rolling restart",
        tables=[Table("Each of three members stopped and started again, in turn", rows(order))],
        goals=[goal(order.get(OURS))],
        notes=[
            f"{plan.sessions} sessions of each client, {at_once}, timeout {TIMEOUT:g} s, given the "
            "addresses of all members.  A member serves again before the next is stopped "
            "(SIGTERM).  Time without an answer runs from before the stop to the first answer "
            "afterwards, for each session that had to connect again.",
        ],
        missing=missing,
        samples={name: each.as_dict() for name, each in order.items()},
        server=server,
    )


async def _restart_under(
    ensemble: AsyncEnsemble,
    plan: Rolling,
    names: list[str],
    found: dict[str, Rolled],
    missing: dict[str, str],
) -> None:
    """Restart all members under the sessions of these clients."""
    await ensemble.wait_ready()
    async with open_probes(
        names, ensemble.servers, TIMEOUT, "/rolling", plan.sessions, plan.sessions / 500
    ) as probes:
        await drop_unopened(probes, plan.sessions, OPEN)
        if probes.running:
            stops = await _restart_all(ensemble, probes, plan)
            # A client may notice only at its next heartbeat that its connection is gone.
            await trio.sleep(TIMEOUT)
            await wait_until_well(probes, plan.sessions, RETURN)
            end = trio.current_time()
            for name, probe in probes.running.items():
                found[name] = rolled(probe.events, plan.sessions, stops, end)
        missing |= probes.missing


async def _restart_all(ensemble: AsyncEnsemble, probes: Probes, plan: Rolling) -> list[float]:
    """Stop and start one after the other.

    Returns:
        When each was told to stop.
    """
    stops: list[float] = []
    for member in ensemble.members:
        await ensemble.wait_ready()
        # Only briefly: whoever is not back by then must live with the next stop.
        await wait_until_well(probes, plan.sessions, SETTLE)
        await trio.sleep(SETTLE)
        stops.append(trio.current_time())
        await member.stop()
        await member.start()
    await ensemble.wait_ready()
    return stops
