"""Leases under faults: does one ever outlive its node?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial

import trio

from bench.soak._lease_faults import FAULTS, Fault, Stage
from bench.soak._lease_history import Watched, judge, table
from bench.soak._lookout import look_out
from bench.soak._plan import Plan
from bench.soak._progress import say
from bench.soak._tenant import Tenant
from bench.soak._verdict import Proof
from zkwire.testing import AsyncEnsemble, open_faults, open_zookeeper

LOOK_EVERY = 0.005
SETTLE = 30.0
"""Seconds for every session of an injection to hold its lease."""
EFFECT = 20.0
"""Seconds for a fault to take effect."""
ELECTION = 15.0
"""Seconds, at most, for the rest to go on without the victim."""


async def measure(plan: Plan, faults: Sequence[Fault] = FAULTS) -> Proof:
    """Every fault, each time on an ensemble of its own."""
    history: list[Watched] = []
    ineffective: dict[str, str] = {}
    server = ""
    for fault in faults:
        rounds = injections(fault, plan)
        for number, timeouts in enumerate(rounds):
            # A new one each time: for as long as a leader leads, its pings and the ends of
            # sessions have one phase, and it might be a lenient one.
            async with open_zookeeper(
                3,
                plan.lease_tick,
                config={"syncLimit": sync_limit(fault, plan)},
                isolated=True,
            ) as ensemble:
                server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members"
                found, why = await inject(ensemble, fault, plan, timeouts)
            history += found
            say(f"lease: {fault.name} {number + 1}/{len(rounds)}: {len(found)} sessions")
            if why:
                ineffective[fault.name] = why
                break
    expected = [(fault.name, timeout) for fault in faults for timeout in plan.timeouts]
    return Proof(
        subject="lease",
        title="Leases under faults",
        claims=judge(
            history,
            expected=expected,
            least_sessions=plan.least_sessions,
            ineffective=ineffective,
        ),
        table=table(history),
        notes=(
            f"Servers tick every {plan.lease_tick:g} s. Each session is pinned to the member that "
            "suffers. Margin: from the end of the lease to the instant at which the first of two "
            "observers on the other members saw the session's node gone.",
        ),
        server=server,
        raw={"sessions": [as_row(each) for each in history]},
    )


def injections(fault: Fault, plan: Plan) -> list[tuple[float, ...]]:
    """The timeouts of the sessions that suffer each time."""
    more = plan.more_injections if fault.depends_on_phase else 0
    return [plan.timeouts] * plan.injections + [plan.timeouts[:1]] * more


def sync_limit(fault: Fault, plan: Plan) -> int:
    """In ticks; two seconds at least, or a busy machine loses its quorum by itself."""
    return max(fault.sync_limit, round(2.0 / plan.lease_tick))


def as_row(each: Watched) -> list[object]:
    """What the page and later checks need, short: there are thousands."""
    return [
        each.fault,
        each.timeout,
        each.was_valid,
        round(each.margin, 6),
        round(each.naive_until - each.seen_gone, 6),
    ]


async def inject(
    ensemble: AsyncEnsemble, fault: Fault, plan: Plan, timeouts: Sequence[float]
) -> tuple[list[Watched], str]:
    """One fault, under as many sessions as the plan says; and why it was none, if so."""
    await ensemble.wait_ready()
    leader = await ensemble.leader()
    followers = [each for each in ensemble.members if each is not leader]
    victim = leader if fault.on_leader else random.choice(followers)
    home = "/soak"
    why, watched = "", list[Tenant]()
    async with open_faults(ensemble) as faults, trio.open_nursery() as nursery:
        stage = Stage(ensemble, faults, victim)
        tenants = [
            Tenant(stage.proxy.address, home, f"{timeout:g}-{index}", timeout, plan.lease_tick)
            for timeout in timeouts
            for index in range(plan.sessions)
        ]
        for tenant in tenants:
            nursery.start_soon(tenant.hold)
        nursery.start_soon(look_often, tenants)
        by_path = await settled(tenants)
        if len(by_path) < len(tenants):
            why = f"only {len(by_path)} of {len(tenants)} sessions came to hold a lease"
        else:
            told = partial(note_gone, by_path, fault.name)
            lookouts = {other.address: trio.Event() for other in stage.others}
            for address, ready in lookouts.items():
                nursery.start_soon(
                    partial(
                        look_out, address, home, by_path, told, tick=plan.lease_tick, ready=ready
                    )
                )
            for ready in lookouts.values():
                await ready.wait()
            await trio.sleep(random.uniform(1.0, 2.0) * plan.lease_tick)  # anywhere in a tick
            # A lease that ended before is the healthy run's matter, not this one's.
            watched = [tenant for tenant in tenants if tenant.is_watched]
            async with fault.inject(stage):
                why = await until_effective(fault, stage)
                with trio.move_on_after(longest(fault, plan, timeouts)):
                    while any(tenant.seen is None for tenant in watched):  # noqa: ASYNC110
                        await trio.sleep(0.05)
        nursery.cancel_scope.cancel()
    seen = [(tenant, tenant.seen) for tenant in tenants if tenant.seen is not None]
    return [each for tenant, each in seen if tenant in watched or each.is_late], why


def longest(fault: Fault, plan: Plan, timeouts: Sequence[float]) -> float:
    """Seconds until every node is gone, at most."""
    return max(timeouts) + sync_limit(fault, plan) * plan.lease_tick + ELECTION


async def look_often(tenants: Sequence[Tenant]) -> None:
    """Follow the leases: what ``valid()`` says is reckoned when it is asked."""
    while True:
        for tenant in tenants:
            tenant.look()
        await trio.sleep(LOOK_EVERY)


async def settled(tenants: Sequence[Tenant]) -> dict[str, Tenant]:
    """Wait until each holds its lease; by the paths of their nodes."""
    with trio.move_on_after(SETTLE):
        while any(tenant.held is None for tenant in tenants):  # noqa: ASYNC110  # a look at many
            await trio.sleep(0.05)
    return {each.held.path: each for each in tenants if each.held is not None}


def note_gone(by_path: dict[str, Tenant], fault: str, path: str) -> None:
    if path in by_path:
        by_path[path].gone(fault)


async def until_effective(fault: Fault, stage: Stage) -> str:
    """Wait until the fault shows; empty once it does, else why it does not."""
    why = "it was not looked at"
    with trio.move_on_after(EFFECT):
        while why := await fault.why_not(stage):  # noqa: ASYNC110  # a look at many
            await trio.sleep(0.1)
    return why
