"""The faults under which leases end, and how each shows that it took effect."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import trio

from zkwire.testing import AsyncEnsemble, AsyncMember, Faults, Proxy


@dataclass(frozen=True, slots=True)
class Stage:
    """An ensemble, and the member whose clients are to suffer."""

    ensemble: AsyncEnsemble
    faults: Faults
    victim: AsyncMember

    @property
    def others(self) -> list[AsyncMember]:
        return [each for each in self.ensemble.members if each is not self.victim]

    @property
    def proxy(self) -> Proxy:
        return self.faults.members[self.victim.id - 1]

    async def mode(self, member: AsyncMember) -> str:
        """What a member says it is, or that it says nothing."""
        try:
            return await self.ensemble.mode(member)
        except OSError:
            return "silent"

    async def another_leads(self) -> bool:
        return "leader" in [await self.mode(each) for each in self.others]


@asynccontextmanager
async def cut(stage: Stage) -> AsyncGenerator[None]:
    async with stage.victim.partition():
        yield


@asynccontextmanager
async def kill(stage: Stage) -> AsyncGenerator[None]:
    await stage.victim.kill()
    try:
        yield
    finally:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + 60):
            await stage.victim.start()


@asynccontextmanager
async def depose(stage: Stage) -> AsyncGenerator[None]:
    # Silence alone would tell the followers as late as the leader itself.
    async with stage.victim.partition(), trio.open_nursery() as nursery:
        for other in stage.others:
            nursery.start_soon(other.restart)
        yield


@asynccontextmanager
async def freeze(stage: Stage) -> AsyncGenerator[None]:
    await stage.victim.freeze()
    try:
        yield
    finally:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + 60):
            await stage.victim.resume()


@asynccontextmanager
async def black_hole(stage: Stage) -> AsyncGenerator[None]:
    async with stage.proxy.timeout():
        yield


async def _is_cut(stage: Stage) -> str:
    mode = await stage.mode(stage.victim)
    if not stage.victim.partitioned:
        return "the member was not cut off"
    return "" if mode == "follower" else f"the member that was cut off was {mode}"


async def _is_down(stage: Stage) -> str:
    await trio.lowlevel.checkpoint()
    return "the member went on running" if stage.victim.running else ""


async def _is_down_and_followed(stage: Stage) -> str:
    if stage.victim.running:
        return "the leader went on running"
    return "" if await stage.another_leads() else "nobody took its place"


async def _is_deposed(stage: Stage) -> str:
    if not await stage.another_leads():
        return "nobody took its place"
    mode = await stage.mode(stage.victim)
    return "" if mode == "leader" else f"the deposed leader was {mode}"


async def _is_frozen(stage: Stage) -> str:
    if await stage.mode(stage.victim) != "silent":
        return "the frozen leader answered"
    return "" if await stage.another_leads() else "nobody took its place"


async def _is_swallowed(stage: Stage) -> str:
    passed = stage.proxy.statistics.bytes_downstream
    await trio.sleep(0.5)
    more = stage.proxy.statistics.bytes_downstream - passed
    return f"{more} bytes came through" if more else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of fault."""

    name: str
    on_leader: bool
    inject: Callable[[Stage], AbstractAsyncContextManager[None]]
    why_not: Callable[[Stage], Awaitable[str]]
    """Why it is not in effect; empty if it is.  Asked again and again until it is."""
    depends_on_phase: bool = False
    """Whether it matters when in a tick it comes."""
    sync_limit: int = 20
    """Ticks for which a follower without a leader goes on answering."""


FAULTS = (
    Fault(
        name="follower cut off from its leader",
        depends_on_phase=True,
        on_leader=False,
        inject=cut,
        why_not=_is_cut,
    ),
    Fault(
        name="follower killed",
        depends_on_phase=True,
        on_leader=False,
        inject=kill,
        why_not=_is_down,
    ),
    # It must go on serving until the others have been started again, and some time more.
    Fault(
        name="leader deposed, still serving",
        on_leader=True,
        inject=depose,
        why_not=_is_deposed,
        sync_limit=60,
    ),
    # Its followers must find out by silence, and that should not take all day.
    Fault(
        name="leader frozen",
        on_leader=True,
        inject=freeze,
        why_not=_is_frozen,
        sync_limit=6,
    ),
    Fault(
        name="black hole before the server",
        on_leader=False,
        inject=black_hole,
        why_not=_is_swallowed,
    ),
    Fault(
        name="client's own leader lost",
        on_leader=True,
        inject=kill,
        why_not=_is_down_and_followed,
    ),
)
