"""Leases with nothing wrong: how often is one not valid all the same?"""

from __future__ import annotations

import trio

import coordinator
from bench.soak._lease_history import judge_availability
from bench.soak._plan import Plan
from bench.soak._progress import say
from bench.soak._verdict import Proof
from zkwire.testing import open_zookeeper

LOOK_EVERY = 0.01
START = 30.0
"""Seconds for every lease to begin."""


class Keeper:
    """Holds a lock, takes it again when it is lost, and is asked now and then."""

    def __init__(self, server: str, name: str, timeout: float, tick: float) -> None:
        self.timeout = timeout
        self.samples = self.valid = self.lost = 0
        self.held: coordinator.Held | None = None
        self._server, self._name, self._tick = server, name, tick

    async def hold(self) -> None:
        """Hold the lock, again and again."""
        async with coordinator.open_coordinator(
            [self._server], "/healthy", self.timeout, tick_time=self._tick
        ) as coord:
            while True:
                try:
                    async with coord.lock(self._name) as self.held:
                        await trio.sleep_forever()
                except coordinator.LeaseLost:
                    self.lost += 1

    def look(self) -> None:
        """Ask whether the lease is valid."""
        self.samples += 1
        self.valid += self.held is not None and self.held.valid()


async def measure(plan: Plan) -> Proof:
    """One lease of each timeout on each member."""
    async with open_zookeeper(3, plan.tick) as ensemble, trio.open_nursery() as nursery:
        server = f"ZooKeeper {ensemble.version} from {ensemble.provider}, three members"
        keepers = [
            Keeper(address, f"{timeout:g}-{number}", timeout, plan.tick)
            for timeout in plan.timeouts
            for number, address in enumerate(ensemble.servers)
        ]
        for keeper in keepers:
            nursery.start_soon(keeper.hold)
        with trio.fail_after(START):
            while any(keeper.held is None for keeper in keepers):  # noqa: ASYNC110
                await trio.sleep(LOOK_EVERY)
        say(f"healthy: sampling {len(keepers)} leases for {plan.healthy:g} s")
        looks = await sample(keepers, plan.healthy)
        nursery.cancel_scope.cancel()
    return Proof(
        subject="healthy",
        title="Leases with nothing wrong",
        claims=[
            judge_availability(
                sum(each.valid for each in keepers),
                sum(each.samples for each in keepers),
                # A busy machine looks less often than it was told to.
                least_samples=round(0.5 * plan.healthy / LOOK_EVERY) * len(keepers),
            )
        ],
        table=[
            ["timeout", "leases", "samples", "not valid", "leases lost"],
            *(row(timeout, keepers) for timeout in plan.timeouts),
        ],
        notes=(
            f"{plan.healthy:g} s; each lease was asked every {LOOK_EVERY * 1000:g} ms, from a "
            f"task of the same program: {looks:,} times.",
        ),
        server=server,
    )


async def sample(keepers: list[Keeper], seconds: float) -> int:
    """Ask every lease again and again; how often."""
    looks = 0
    due = trio.current_time()
    end = due + seconds
    while (due := max(due + LOOK_EVERY, trio.current_time())) < end:
        await trio.sleep_until(due)
        looks += 1
        for keeper in keepers:
            keeper.look()
    return looks


def row(timeout: float, keepers: list[Keeper]) -> list[str]:
    found = [each for each in keepers if each.timeout == timeout]
    samples = sum(each.samples for each in found)
    valid = sum(each.valid for each in found)
    lost = sum(each.lost for each in found)
    return [f"{timeout:g} s", str(len(found)), f"{samples:,}", f"{samples - valid:,}", str(lost)]
