"""How a caller waits for its reply: parking its task by itself, or one trio.Event a request."""

from __future__ import annotations

from typing import Any

import trio

import zkwire
import zkwire._trio._connection as connection_module
from bench.harness.contender import COST, Sample, metered
from bench.harness.outcome import Outcome
from bench.harness.plan import Plan, Say
from bench.speed._answering import AnsweringStream
from bench.speed._inner import measure_inner, shown
from bench.speed._nodes import PATH
from bench.speed._plan import NUMBERS, PIPELINED
from zkwire._trio._slot import Slot

WARM_UP = 4 * PIPELINED

PARKING = "the task parks itself"
EVENT = "trio.Event"


class EventSlot(Slot):
    """A slot as it would be with an event, which is made only where somebody has to wait."""

    __slots__ = ("_event",)

    def __init__(self, watch: Any = None) -> None:
        super().__init__(watch)
        self._event: trio.Event | None = None

    async def wait(self) -> Any:
        """Wait for the outcome."""
        if not self.is_done:
            self._event = trio.Event()
            await self._event.wait()
        if self._error is not None:
            raise self._error
        return self._value

    @property
    def is_abandoned(self) -> bool:
        """Never, here: nobody is cancelled."""
        return False

    def _wake(self) -> None:
        self.is_done = True
        if self._event is not None:
            self._event.set()


def measure(plan: Plan, say: Say) -> Outcome:
    numbers = NUMBERS[plan.form]
    name = f"get, {PIPELINED} in flight, no server"
    done = measure_inner("waiting", name, CONTENDERS, numbers, say, gets=2 * numbers.inner_gets)
    return shown(
        Outcome(
            subject="waiting",
            title=f"Waiting: how a caller waits for its reply, {PIPELINED:,} in flight, no server",
        ),
        name,
        done,
        [(COST, EVENT, PARKING)],
    )


async def get_many(zk: zkwire.Connection, gets: int) -> None:
    """As many tasks as requests in flight, each of which gets one reply after the other."""
    left = gets

    async def get_until_done() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await zk.get(PATH)

    async with trio.open_nursery() as nursery:
        for _ in range(PIPELINED):
            nursery.start_soon(get_until_done)


def run_parking(gets: int) -> Sample:
    async def run() -> Sample:
        async with zkwire.open_connection_over(AnsweringStream()) as zk:
            await get_many(zk, WARM_UP)
            with metered(gets) as sample:
                await get_many(zk, gets)
        return sample

    return trio.run(run)


def run_with_events(gets: int) -> Sample:
    # Here alone: everything else is as it is shipped.
    vars(connection_module)["Slot"] = EventSlot
    return run_parking(gets)


CONTENDERS = {PARKING: run_parking, EVENT: run_with_events}
