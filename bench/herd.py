"""What thousands of clients do to an ensemble that is down, and when it returns.

Coordinators and servers run in this process, over streams in memory and under trio's virtual
clock: a minute of outage takes as long as its attempts take to compute.  Time in the results is
the clients' own.  The reconnect policy is in ``coordinator._pace``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import trio
import trio.testing

import coordinator
from coordinator import State
from zkwire.testing import MemoryEnsemble, open_memory_zookeeper

SESSION_TIMEOUT = 10.0
RETURN_LIMIT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Herd:
    """The attempts of all clients during an outage and behind it."""

    clients: int
    outage_seconds: float
    session_timeout: float
    attempts_in_outage: int
    peak_per_second: int
    peak_second: int
    mean_per_second: float
    mean_per_client_per_second: float
    most_of_one_client: int
    most_of_one_client_in_a_second: int
    after_return_peak_per_second: int
    seconds_until_half_are_back: float
    seconds_until_all_are_back: float
    sessions_kept: int
    lost_told: int
    computed_in_seconds: float


class Clients:
    """Coordinators, and each attempt to connect that they make."""

    def __init__(self, ensemble: MemoryEnsemble, count: int) -> None:
        self.ensemble = ensemble
        self.count = count
        self.attempts: list[tuple[float, int]] = []
        self.coordinators: list[coordinator.Coordinator] = []

    async def _dial(self, client: int, host: str, port: int) -> trio.abc.Stream:
        self.attempts.append((trio.current_time(), client))
        return await self.ensemble.dial(host, port)

    async def open(self, stack: AsyncExitStack) -> None:
        """Open them all, and wait until each is connected."""
        for client in range(self.count):
            coord = await stack.enter_async_context(
                coordinator.open_coordinator(
                    self.ensemble.servers,
                    "/",
                    SESSION_TIMEOUT,
                    dial=partial(self._dial, client),
                )
            )
            self.coordinators.append(coord)
        for coord in self.coordinators:
            await coord.wait_connected()

    def between(self, start: float, end: float) -> list[tuple[float, int]]:
        """The attempts from one instant to another."""
        return [each for each in self.attempts if start <= each[0] < end]


async def run(clients: int, outage: float) -> Herd:
    """One outage, on a virtual clock."""
    began = time.perf_counter()
    async with (
        open_memory_zookeeper(3, tick_time=2.0) as ensemble,
        AsyncExitStack() as stack,
    ):
        herd = Clients(ensemble, clients)
        await herd.open(stack)
        before = {coord: coord.session.id for coord in herd.coordinators if coord.session}
        await trio.sleep(2 * SESSION_TIMEOUT)  # everyone is past its first minute's luck
        down = trio.current_time()
        for member in ensemble.members:
            await member.kill()
        await trio.sleep(outage)
        lost = sum(coord.state is State.LOST for coord in herd.coordinators)
        up = trio.current_time()
        async with trio.open_nursery() as nursery:
            for member in ensemble.members:
                nursery.start_soon(member.start)
        back: list[float] = []
        async with trio.open_nursery() as nursery:
            nursery.cancel_scope.deadline = up + RETURN_LIMIT

            async def wait(coord: coordinator.Coordinator) -> None:
                await coord.wait_connected()
                back.append(trio.current_time() - up)

            for coord in herd.coordinators:
                nursery.start_soon(wait, coord)
        kept = sum(
            coord.session is not None and coord.session.id == before[coord]
            for coord in herd.coordinators
        )
        back.sort()
        return summary(herd, down, up, outage, back, kept, lost, time.perf_counter() - began)


def summary(
    herd: Clients,
    down: float,
    up: float,
    outage: float,
    back: list[float],
    kept: int,
    lost: int,
    computed: float,
) -> Herd:
    during = herd.between(down, up)
    seconds = Counter(int(at - down) for at, _ in during)
    returning = Counter(int(at - up) for at, _ in herd.between(up, up + RETURN_LIMIT))
    each_second = Counter((client, int(at - down)) for at, client in during)
    peak_second, peak = max(seconds.items(), key=lambda entry: entry[1])
    return Herd(
        clients=herd.count,
        outage_seconds=outage,
        session_timeout=SESSION_TIMEOUT,
        attempts_in_outage=len(during),
        peak_per_second=peak,
        peak_second=peak_second,
        mean_per_second=len(during) / outage,
        mean_per_client_per_second=len(during) / outage / herd.count,
        most_of_one_client=max(Counter(client for _, client in during).values()),
        most_of_one_client_in_a_second=max(each_second.values()),
        after_return_peak_per_second=max(returning.values()),
        seconds_until_half_are_back=back[len(back) // 2],
        seconds_until_all_are_back=back[-1] if len(back) == herd.count else float("inf"),
        sessions_kept=kept,
        lost_told=lost,
        computed_in_seconds=computed,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.herd", description=__doc__)
    parser.add_argument("--clients", type=int, default=5_000)
    parser.add_argument("--outage", type=float, default=60.0, help="seconds")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    clock = trio.testing.MockClock(autojump_threshold=0)
    herd = asdict(trio.run(run, options.clients, options.outage, clock=clock))
    for name, value in herd.items():
        shown = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
        print(f"{name.replace('_', ' '):34} {shown:>12}")
    if options.json is not None:
        options.json.write_text(json.dumps(herd, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
