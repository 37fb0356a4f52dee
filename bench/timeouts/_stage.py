"""Servers behind proxies: who gets in where, and whose sessions are on which member."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Literal, TypeAlias

import trio

from bench.peers import PEERS
from bench.timeouts._probes import Probe, Probes
from zkwire.testing import AsyncEnsemble, AsyncMember, Faults, Proxy

Passage: TypeAlias = Literal["open", "shut", "silent", "away"]
"""Shut refuses and resets, as a host does whose server is down.  Silent and away are black holes:
silent holds back what is sent, away loses it, and the server is told that its side is gone."""

_FAULTS: Mapping[Passage, Callable[[Proxy], AbstractAsyncContextManager[None]]] = {
    "shut": lambda proxy: proxy.down(),
    "silent": lambda proxy: proxy.timeout(),
    "away": lambda proxy: proxy.half_open(),
}

PATIENCE = 30.0
"""Seconds for every session to be connected at the beginning."""
LOOK_EVERY = 0.1

_SESSION_ID = re.compile(r"\bsid=(0x[0-9a-f]+)")


def with_probes() -> list[str]:
    """The clients that have a probe, in the order of the page."""
    return [peer.name for peer in PEERS.values() if peer.probe is not None]


class Gates:
    """What each proxy does with those who come and with those who are there."""

    def __init__(self) -> None:
        self._stacks: dict[Proxy, AsyncExitStack] = {}

    async def put(self, proxy: Proxy, passage: Passage) -> None:
        """Let a proxy be open, shut or silent from now on."""
        stack = AsyncExitStack()
        if passage != "open":
            await stack.enter_async_context(_FAULTS[passage](proxy))
        # After the new one: what a silent proxy held back must not get out before it is shut,
        # or handshakes that their clients have long given up would take sessions over.
        await self._leave(proxy)
        self._stacks[proxy] = stack

    async def put_all(self, proxies: Iterable[Proxy], passage: Passage) -> None:
        for proxy in proxies:
            await self.put(proxy, passage)

    async def aclose(self) -> None:
        for proxy in list(self._stacks):
            await self._leave(proxy)

    async def _leave(self, proxy: Proxy) -> None:
        if (stack := self._stacks.pop(proxy, None)) is not None:
            await stack.aclose()


@asynccontextmanager
async def open_gates() -> AsyncGenerator[Gates]:
    """Gates that are all open again when the block is left; leaving is no checkpoint."""
    gates = Gates()
    try:
        yield gates
    finally:
        await gates.aclose()


@asynccontextmanager
async def silence(proxies: Iterable[Proxy]) -> AsyncGenerator[None]:
    """A black hole before these servers: what is sent meanwhile is lost, as packets are.

    Entering is a checkpoint, leaving is none.  At the end whoever is connected is reset, as by a
    host that is back and does not know of it.  Were it held back and let go instead, the
    servers would have to do with every handshake of a minute at once, each of which its client
    has long given up: it took them six seconds.
    """
    async with open_gates() as gates:
        await gates.put_all(proxies, "away")
        yield


def addresses(faults: Faults, first: Proxy) -> list[str]:
    """Every proxy's address, with one of them first."""
    return [first.address, *(each.address for each in faults.members if each is not first)]


async def sessions_on(ensemble: AsyncEnsemble, member: AsyncMember) -> frozenset[str]:
    """The ids of the sessions whose connections a member has, as it says itself.

    A checkpoint; cancelling it changes nothing.  None where the member has not answered within
    two seconds, as on a machine that is taken up: then nothing is known, and nothing is tried.
    """
    try:
        return frozenset(_SESSION_ID.findall(await ensemble.four_letter_word(member, "cons")))
    except OSError:
        return frozenset()


async def until_all(
    probes: Probes, predicate: Callable[[Probe], bool], *, patience: float = PATIENCE
) -> None:
    """Wait until it holds of each client; not beyond ``patience``."""
    with trio.move_on_after(patience):
        await probes.wait_all(predicate)


async def until_connected(probes: Probes, sessions: int, *, patience: float = PATIENCE) -> None:
    """Wait until each client has all its sessions, with their nodes; not beyond ``patience``."""
    await until_all(probes, lambda probe: len(holding(probe)) >= sessions, patience=patience)


async def until_on(
    ensemble: AsyncEnsemble,
    member: AsyncMember,
    probes: Probes,
    sessions: int,
    *,
    patience: float = PATIENCE,
) -> None:
    """Wait until each client's sessions are connected to this member; not beyond ``patience``."""
    with trio.move_on_after(patience):
        while True:
            there = await sessions_on(ensemble, member)
            mine = [connected_ids(probe).values() for probe in probes.running.values()]
            if all(sum(each in there for each in ids) >= sessions for ids in mine):
                return
            await trio.sleep(LOOK_EVERY)


async def until(done: Callable[[], bool], *, deadline: float) -> None:
    """Look again and again until that will do, or time is up."""
    with trio.move_on_at(deadline):
        while not done():  # noqa: ASYNC110  # a look at many
            await trio.sleep(LOOK_EVERY)


def connected_ids(probe: Probe) -> dict[int, str]:
    """The session ids with which a client says it is connected, by the session's number."""
    return {number: found for number, found in probe.sessions().items() if found is not None}


def holding(probe: Probe) -> dict[int, str]:
    """Those of the above that have made their node."""
    connected = connected_ids(probe)
    made: set[int] = set()
    for event in probe.events:
        if event.event == "connected" and event.id != connected.get(event.i):
            made.discard(event.i)
        elif event.event == "ephemeral":
            made.add(event.i)
    return {number: found for number, found in connected.items() if number in made}


def describe(ensemble: AsyncEnsemble, tick: float) -> str:
    return (
        f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members, "
        f"a tick of {tick:g} s"
    )
