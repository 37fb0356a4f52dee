"""A session's life as a timeline: what the coordinator tells, and when.

``make demo`` freezes a ZooKeeper in this process until the session is lost, and lets
it return.  ``make demo SERVER=local`` does the same with a real server, on a JVM,
``SERVER=docker`` with one in a container, and ``SERVER=host:port,...`` runs what
needs no control over the servers against a given ensemble.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import trio

import coordinator
import zkwire
from coordinator import State
from zkwire.testing import (
    AsyncEnsemble,
    MemoryEnsemble,
    NoZooKeeperError,
    ZooKeeperStartError,
    open_memory_zookeeper,
    open_zookeeper,
)

Ensemble: TypeAlias = AsyncEnsemble | MemoryEnsemble

SESSION_TIMEOUT = 3.0
LIMIT = 60.0
CONNECT_LIMIT = 15.0
FREEZES = 3
PROVIDERS = {"local": "maven,debian", "docker": "docker"}

# On servers that belong to somebody: a tree of its own, which is removed again.
GUEST_ROOT = "/zkwire-demo"


class DemoFailedError(Exception):
    """What should have happened did not."""


class Timeline:
    """Prints lines with the time since the start."""

    def __init__(self) -> None:
        self._start = trio.current_time()

    def say(self, what: str) -> None:
        """Print a line."""
        print(f"{trio.current_time() - self._start:7.3f} s  {what}", flush=True)


class Demo:
    """One coordinator, and what an application would do with it."""

    def __init__(self, coord: coordinator.Coordinator, timeline: Timeline) -> None:
        self.coord = coord
        self.say = timeline.say
        self.watches_armed = 0
        self.changes_seen = 0
        self.changed = trio.Event()

    async def narrate(self) -> None:
        """Tell every change of state as it comes."""
        async for change in self.coord.transitions():
            session = "" if change.session_id is None else f", session {change.session_id:#x}"
            cause = f" ({change.cause})" if change.cause else ""
            self.say(f"{change.previous.name} -> {change.state.name}{session}{cause}")

    async def monitor(self) -> None:
        """The loop of an application: for each session, watch, and work until it ends."""
        async for session in self.coord.sessions():
            async with session.scope() as scope:
                await self._watch(session)
            if scope.cancelled_caught:
                self.say("work for this session cancelled: nobody may rely on it any more")

    async def _watch(self, session: coordinator.Session) -> None:
        while True:
            data, _, watch = await session.get_and_watch("/greeting")
            self.watches_armed += 1
            self.say(f"watching /greeting, which reads {data!r}")
            self._turn()
            event = await watch.wait()
            self.changes_seen += 1
            what = event.type.name if isinstance(event.type, zkwire.EventType) else event.type
            self.say(f"the watch fires: {what} of {event.path}, in transaction {event.zxid:#x}")

    def _turn(self) -> None:
        changed, self.changed = self.changed, trio.Event()
        changed.set()

    async def armed_again(self, before: int) -> None:
        """Wait until the watch has been set once more."""
        while self.watches_armed <= before:
            await self.changed.wait()

    async def fire(self, text: bytes) -> None:
        """Change the watched node, and see the change come back."""
        before = self.changes_seen
        armed = self.watches_armed
        self.say(f"writing {text!r} to /greeting")
        await self.coord.set("/greeting", text)
        await self.armed_again(armed)
        if self.changes_seen != before + 1:
            raise DemoFailedError(f"{self.changes_seen - before} events for one change")


async def meet(demo: Demo) -> None:
    """Connect, find the root path in place, and set a watch that fires."""
    coord = demo.coord
    with trio.move_on_after(CONNECT_LIMIT):
        await coord.wait_connected()
    session = coord.session
    if session is None:
        raise DemoFailedError(f"no server has answered within {CONNECT_LIMIT:g} s")
    demo.say(
        f"connected; the server grants a timeout of {session.negotiated_timeout:g} s, "
        f"asked for were {SESSION_TIMEOUT:g} s"
    )
    stat = await coord.exists("/")
    if stat is None:
        raise DemoFailedError(f"the root path {coord.root_path} is missing")
    demo.say(f"the root path {coord.root_path} is there, made in transaction {stat.czxid:#x}")
    if await coord.exists("/greeting") is None:
        await coord.create("/greeting", b"hello")


async def outage(demo: Demo, ensemble: Ensemble) -> None:
    """Freeze the server for longer than the session lasts, and let it return."""
    coord = demo.coord
    (member,) = ensemble.members
    for attempt in range(1, FREEZES + 1):
        session = coord.session
        assert session is not None
        armed = demo.watches_armed
        expired, lost = coord.expired, coord.lost
        demo.say(f"freezing the server at {member.address}")
        await member.freeze()
        await lost.wait()
        demo.say(
            f"LOST came {trio.current_time() - session.last_contact:.3f} s after the last "
            f"answered request was sent; the timeout is {session.negotiated_timeout:g} s"
        )
        await trio.sleep(session.negotiated_timeout / 2)
        demo.say("the server goes on")
        await member.resume()
        await coord.wait_connected()
        await demo.armed_again(armed)
        if expired.is_set():
            return
        # What the client sent while the server stood still is read when it goes on,
        # and keeps the session alive if it is read before the expiry thread runs.
        demo.say(f"the session survived the outage (attempt {attempt} of {FREEZES})")
    session = coord.session
    assert session is not None
    armed, expired = demo.watches_armed, coord.expired
    demo.say("ending the session from outside instead")
    await ensemble.expire(session.id)
    await expired.wait()
    await demo.armed_again(armed)


async def look_back(servers: list[str], demo: Demo) -> None:
    """See from a second connection that the clean close ended the session at once."""
    root = demo.coord.root_path
    host, _, port = servers[0].rpartition(":")
    async with zkwire.open_connection(host.strip("[]"), int(port)) as witness:
        await witness.sync("/")
        if await witness.exists(f"{root}/here") is not None:
            raise DemoFailedError("the ephemeral node is still there after a clean close")
        demo.say("a second client finds the ephemeral node gone: the session was ended at once")
        if root == GUEST_ROOT:
            await witness.multi([zkwire.Delete(f"{root}/greeting"), zkwire.Delete(root)])
            demo.say(f"{root} removed: the tree is as it was")


async def show(
    servers: list[str], root_path: str, parts: Callable[[Demo], Awaitable[None]]
) -> None:
    """Run the parts under a coordinator, and leave it cleanly."""
    timeline = Timeline()
    async with coordinator.open_coordinator(servers, root_path, SESSION_TIMEOUT) as coord:
        demo = Demo(coord, timeline)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(demo.narrate)
            await meet(demo)
            nursery.start_soon(demo.monitor)
            await demo.armed_again(0)
            await demo.fire(b"hello, world")
            await parts(demo)
            await coord.create("/here", b"", zkwire.CreateMode.EPHEMERAL)
            demo.say("an ephemeral node /here shows that this session lives")
            nursery.cancel_scope.cancel()
        demo.say("leaving the coordinator")
    demo.say(f"the coordinator is {coord.state.name}")
    await look_back(servers, demo)


async def on_given_servers(servers: list[str]) -> None:
    """Run what needs no control over the server."""
    print(f"servers: {', '.join(servers)} (given; they are not frozen, so no LOST and no EXPIRED)")

    async def nothing_more(_demo: Demo) -> None:
        await trio.lowlevel.checkpoint()

    await show(servers, GUEST_ROOT, nothing_more)


@asynccontextmanager
async def started(kind: str) -> AsyncGenerator[Ensemble]:
    """One server with a tick of 0.2 s: in this process, on a local JVM, or in a container."""
    if kind == "memory":
        async with open_memory_zookeeper(tick_time=0.2, listen=True) as in_memory:
            yield in_memory
        return
    print("starting a ZooKeeper; the first time, what it takes is installed or fetched", flush=True)
    provider = PROVIDERS[kind]
    async with open_zookeeper(members=1, tick_time=0.2, provider=provider) as ensemble:
        yield ensemble


async def on_own_server(kind: str) -> None:
    """Run everything on a server that is started for the purpose."""
    async with started(kind) as ensemble:
        print(f"servers: {ensemble.describe()}")

        async def out_and_back(demo: Demo) -> None:
            await outage(demo, ensemble)
            if demo.coord.state is not State.CONNECTED:
                raise DemoFailedError(f"state {demo.coord.state.name} after the outage")
            await demo.fire(b"hello again, in a new session")

        with trio.fail_after(LIMIT):
            await show(ensemble.servers, coordinator.DEFAULT_ROOT_PATH, out_and_back)


async def main(server: str) -> None:
    if server == "memory" or server in PROVIDERS:
        await on_own_server(server)
    else:
        with trio.fail_after(LIMIT):
            await on_given_servers([each for each in server.split(",") if each])


def first_of(group: ExceptionGroup[Exception]) -> Exception:
    """The first plain exception in a group."""
    first = group.exceptions[0]
    return first_of(first) if isinstance(first, ExceptionGroup) else first


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "server",
        nargs="?",
        default="memory",
        help="memory (the default), local, docker, or host:port,...",
    )
    try:
        trio.run(main, parser.parse_args().server)
    except trio.TooSlowError:
        print(f"demo: failed: not done within {LIMIT:g} s", file=sys.stderr)
        return 1
    except (coordinator.ConfigurationError, NoZooKeeperError, ZooKeeperStartError) as error:
        print(f"demo: failed: {error}", file=sys.stderr)
        return 1
    except ExceptionGroup as group:
        known, unknown = group.split(DemoFailedError)
        if known is None or unknown is not None:
            traceback.print_exception(group)
        print(f"demo: failed: {first_of(group)}", file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001  # whatever it was, say so and exit 1
        traceback.print_exception(error)
        print(f"demo: failed: {error!r}", file=sys.stderr)
        return 1
    print("demo: ok")
    return 0


if __name__ == "__main__":
    sys.exit(run())
