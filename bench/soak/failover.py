"""Servers that go away under sessions: are these kept, and how soon do they go on?"""

from __future__ import annotations

from contextlib import AsyncExitStack

import trio

import coordinator
from bench.soak._moves_history import Move, judge, judge_rolling, table
from bench.soak._plan import Plan
from bench.soak._progress import say
from bench.soak._verdict import Claim, Proof
from zkwire.testing import AsyncEnsemble, AsyncMember, open_zookeeper

TIMEOUT = 4.0
SETTLE = 1.5
"""Seconds: a connection that breaks sooner counts as a failed attempt, and rightly so."""
RETURN = 60.0
"""Seconds for an answer after a kill; far beyond what passes."""


async def measure(plan: Plan, *, plant: str = "") -> Proof:
    """Kill the connected member again and again, then restart one after the other."""
    async with open_zookeeper(3, plan.tick) as ensemble:
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members"
        moves = await kill_often(ensemble, plan, plant)
        rolling = await restart_all(ensemble, plan)
    return Proof(
        subject="failover",
        title="Servers that go away",
        claims=[*judge(moves, least=plan.kills), rolling],
        table=table(moves),
        notes=(
            f"Timeout {timeout(plan):g} s. Time runs from before SIGKILL is asked for to the first "
            "answer of another member. A leader takes the quorum with it, so that an "
            "election comes first.",
        ),
        server=server,
        raw={"moves": [[m.seconds, m.was_leader, m.is_same_session] for m in moves]},
    )


async def kill_often(ensemble: AsyncEnsemble, plan: Plan, plant: str) -> list[Move]:
    moves: list[Move] = []
    for number in range(plan.kills):
        await ensemble.wait_ready()
        moves.append(await kill_under_a_client(ensemble, plan, plant))
        if (number + 1) % 10 == 0:
            say(f"failover: {number + 1} of {plan.kills} kills")
    return moves


async def kill_under_a_client(ensemble: AsyncEnsemble, plan: Plan, plant: str) -> Move:
    """Kill the member that a new client has happened upon: one time in three the leader."""
    async with coordinator.open_coordinator(
        ensemble.servers, "/moves", timeout(plan), tick_time=plan.tick
    ) as coord:
        await coord.wait_connected()
        await trio.sleep(SETTLE)
        victim = member_of(ensemble, coord)
        was_leader = await ensemble.leader() is victim
        before = session_id(coord)
        async with trio.open_nursery() as nursery:
            began = trio.current_time()
            nursery.start_soon(victim.kill)
            if plant == "session-ended" and before is not None:
                nursery.start_soon(ensemble.expire, before)
            seconds = await next_answer(coord, victim) - began
        is_same = session_id(coord) == before
        await victim.start()
    return Move(seconds=seconds, was_leader=was_leader, is_same_session=is_same)


async def next_answer(coord: coordinator.Coordinator, victim: AsyncMember) -> float:
    """When another member than the victim has answered."""
    with trio.fail_after(RETURN):
        while True:
            await coord.exists("/")
            if coord.server is not None and str(coord.server) != victim.address:
                return trio.current_time()


def member_of(ensemble: AsyncEnsemble, coord: coordinator.Coordinator) -> AsyncMember:
    """The member that a coordinator is connected to."""
    return next(each for each in ensemble.members if each.address == str(coord.server))


async def restart_all(ensemble: AsyncEnsemble, plan: Plan) -> Claim:
    """Stop and start one member after the other, under sessions spread over all."""
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                coordinator.open_coordinator(
                    ensemble.servers, "/moves", timeout(plan), tick_time=plan.tick
                )
            )
            for _ in range(plan.rolling)
        ]
        for client in clients:
            await client.wait_connected()
        before = [session_id(client) for client in clients]
        suspended = [client.suspended for client in clients]
        for member in ensemble.members:
            await ensemble.wait_ready()
            await member.stop()
            await member.start()
        await ensemble.wait_ready()
        with trio.fail_after(RETURN):
            for client in clients:
                await client.wait_connected()
        return judge_rolling(
            kept=sum(
                session_id(client) == was for client, was in zip(clients, before, strict=True)
            ),
            sessions=len(clients),
            moved=sum(each.is_set() for each in suspended),
        )


def timeout(plan: Plan) -> float:
    """Seconds that the servers grant."""
    return min(TIMEOUT, plan.tick * 20)


def session_id(client: coordinator.Coordinator) -> int | None:
    return None if client.session is None else client.session.id
