"""The two outages that clients go through, and what is counted meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import trio

from bench.timeouts._attempts import Herded, differences, per_second
from bench.timeouts._events import first_answers
from bench.timeouts._packets import Counters
from bench.timeouts._plan_sessions import Herd
from bench.timeouts._probes import Probe, ProbeEndedError
from zkwire import as_service, service_nursery
from zkwire.testing import AsyncEnsemble, Faults

QUIET = 2.0
"""Seconds that attempts are still counted when everyone is back."""


@dataclass(frozen=True, slots=True)
class OneHerd:
    """One client's sessions, and the doors to the servers that are its own."""

    probe: Probe
    faults: Faults
    found: Herded

    def ports(self) -> list[int]:
        return [int(each.rpartition(":")[2]) for each in self.faults.servers]

    def last_answer(self, began: float) -> float | None:
        """When the last of the sessions had its first answer; None before that."""
        answers = first_answers(self.probe.events, began)
        return max(answers.values()) if len(answers) >= self.found.clients else None

    async def wait_until_back(self, began: float) -> None:
        """Wait until all have had an answer; returns, too, when the probe has ended."""
        with suppress(ProbeEndedError):
            await self.probe.wait(lambda _: self.last_answer(began) is not None)

    def of(self, readings: list[Mapping[int, int]]) -> list[int] | None:
        """Its own attempts in each second, where they were counted."""
        if not readings:
            return None
        return differences([sum(each.get(port, 0) for port in self.ports()) for each in readings])


async def take_down(
    ensemble: AsyncEnsemble, plan: Herd, herds: list[OneHerd], counters: Counters | None
) -> None:
    """Kill all servers, start them again, and wait until everyone is back."""
    before = {herd.probe.name: herd.probe.sessions() for herd in herds}
    reopen = trio.Event()
    async with trio.open_nursery() as nursery:
        async with _readings(counters) as down:
            for herd in herds:
                nursery.start_soon(_keep_shut, herd, reopen)
            for member in ensemble.members:
                await member.kill()
            await trio.sleep(plan.down)
            async with trio.open_nursery() as starting:
                for member in ensemble.members:
                    starting.start_soon(member.start)
            await ensemble.wait_ready()
        async with _readings(counters) as back:
            began = trio.current_time()
            reopen.set()
            with trio.move_on_after(plan.back):
                for herd in herds:
                    await herd.wait_until_back(began)
            await trio.sleep(QUIET)
    for herd in herds:
        last, now = herd.last_answer(began), herd.probe.sessions()
        herd.found.down, herd.found.back = herd.of(down), herd.of(back)
        herd.found.back_after = None if last is None else last - began
        herd.found.kept = sum(now.get(i) == was for i, was in before[herd.probe.name].items())


async def _keep_shut(herd: OneHerd, reopen: trio.Event) -> None:
    async with herd.faults.down():
        await reopen.wait()


async def accept_then_close(plan: Herd, herds: list[OneHerd]) -> None:
    """Take every connection, and end it."""
    async with trio.open_nursery() as nursery:
        for herd in herds:
            nursery.start_soon(_end_each, herd, plan.closing)


async def _end_each(herd: OneHerd, seconds: float) -> None:
    async with herd.faults.accept_then_close():
        began = trio.current_time()
        async with herd.faults.reset_peer():
            pass  # those that are connected go on otherwise
        await trio.sleep_until(began + seconds)
    times = (
        attempt.time
        for door in herd.faults.members
        for attempt in door.statistics.attempts
        if attempt.accepted
    )
    herd.found.closing = per_second(times, began, round(seconds))


@asynccontextmanager
async def _readings(counters: Counters | None) -> AsyncGenerator[list[Mapping[int, int]]]:
    """Read the counters at the beginning, each second of the block, and at its end."""
    readings: list[Mapping[int, int]] = []
    if counters is None:
        yield readings
        return
    readings.append(await counters.read())
    began = trio.current_time()

    async def read_each_second() -> None:
        while True:
            await trio.sleep_until(began + len(readings))
            readings.append(await counters.read())

    async with service_nursery() as nursery:
        nursery.start_soon(as_service(read_each_second))
        yield readings
        nursery.cancel_scope.cancel()
