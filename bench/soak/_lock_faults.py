"""The faults under which a lock changes hands, one after the other, as the dice say."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import trio

from bench.soak._lease_faults import Stage, black_hole, cut, depose, freeze, kill


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: whom it befalls, and what is done."""

    name: str
    on_leader: bool
    inject: Callable[[Stage], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def reset(stage: Stage) -> AsyncGenerator[None]:
    async with stage.proxy.reset_peer():
        yield


@asynccontextmanager
async def black_out(stage: Stage) -> AsyncGenerator[None]:
    async with stage.faults.timeout():
        yield


# Of all these only the last is sure to cost a holder its lease: from the others a client moves
# to a member that works, and goes on.
KINDS = (
    Kind("follower cut off from its leader", on_leader=False, inject=cut),
    Kind("follower killed", on_leader=False, inject=kill),
    Kind("follower frozen", on_leader=False, inject=freeze),
    Kind("leader deposed, still serving", on_leader=True, inject=depose),
    Kind("leader killed", on_leader=True, inject=kill),
    Kind("leader frozen", on_leader=True, inject=freeze),
    Kind("black hole before a server", on_leader=False, inject=black_hole),
    Kind("connections reset", on_leader=False, inject=reset),
    Kind("black hole before all servers", on_leader=False, inject=black_out),
)


async def took_effect(kind: Kind, stage: Stage) -> bool:
    """Whether it can be seen from outside, a moment after it began."""
    if kind.inject is kill:
        return not stage.victim.running
    if kind.inject is freeze:
        return await stage.mode(stage.victim) == "silent"
    if kind.inject in (cut, depose):
        return stage.victim.partitioned
    passed = stage.proxy.statistics.bytes_downstream
    await trio.sleep(0.2)
    return stage.proxy.statistics.bytes_downstream == passed


def schedule(dice: random.Random) -> list[Kind]:
    """Each kind once, the last twice, in any order: none is left out by chance."""
    return dice.sample([*KINDS, KINDS[-1]], len(KINDS) + 1)
