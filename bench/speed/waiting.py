"""How a caller waits for its reply: parking its task by itself, or one trio.Event a request."""

from __future__ import annotations

from typing import Any

import trio

import zkwire
import zkwire._trio._connection as connection_module
from bench.harness.contender import COST, Sample, metered
from bench.harness.plan import Plan
from bench.harness.report import Ratio, Subject
from bench.harness.rounds import interleave, paired
from bench.speed._answering import AnsweringStream
from bench.speed.pipelined import IN_FLIGHT, WARM_UP, get_many
from zkwire._trio._slot import Slot

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
        if not self._is_done:
            self._event = trio.Event()
            await self._event.wait()
        if self._error is not None:
            raise self._error
        return self._value

    def _wake(self) -> None:
        self._is_done = True
        if self._event is not None:
            self._event.set()


def measure(plan: Plan) -> Subject:
    samples, missing = interleave(
        "waiting", list(CONTENDERS), plan.rounds, gets=2 * plan.pipelined_gets
    )
    cost = paired(samples, COST, EVENT, PARKING)
    return Subject(
        title=f"Waiting: how a caller waits for its reply, {IN_FLIGHT:,} in flight, no server",
        samples=samples,
        missing=missing,
        ratios=[Ratio("CPU time per operation, trio.Event / parking", cost)],
    )


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
