"""As a program: some contenders for one lock, until standard input ends.

``python -m bench.soak._contending OPTIONS`` prints a line of JSON for each time that one of them
has taken the lock, and one when it has held it.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import asdict
from functools import partial

import trio

import coordinator
from bench.soak._lock_history import Hold
from bench.soak._plants import PLANTS

LONG = 30
"""One block in so many goes on for longer than any lease, in case that is not confirmed."""


def seconds_of_block(dice: random.Random, timeout: float) -> float:
    if dice.randrange(LONG) == 0:
        return dice.uniform(timeout, 3 * timeout)
    return dice.uniform(0, timeout / 4)


def tell(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def contend(
    servers: list[str], home: str, who: str, session_timeout: float, tick: float, seed: int
) -> None:
    """Take the lock, hold it for a while, give it away, and stand in line again."""
    dice = random.Random(seed)
    async with coordinator.open_coordinator(
        servers, home, session_timeout, tick_time=tick
    ) as coord:
        while True:
            began = ended = token = 0
            is_lost = False
            try:
                async with coord.lock("/lock") as held:
                    began, token = time.monotonic_ns(), held.fencing_token
                    try:
                        seconds = seconds_of_block(dice, session_timeout)
                        tell(server=str(coord.server), long=seconds >= session_timeout)
                        await trio.sleep(seconds)
                    finally:
                        ended = time.monotonic_ns()
            except coordinator.LeaseLost:
                is_lost = True
            finally:
                if ended:
                    hold = Hold(who=who, began=began, ended=ended, token=token, lost=is_lost)
                    tell(**asdict(hold))


async def run(
    *,
    servers: list[str],
    home: str,
    names: list[str],
    session_timeout: float,
    tick: float,
    seed: int,
) -> None:
    async with trio.open_nursery() as nursery:
        for number, who in enumerate(names):
            nursery.start_soon(
                partial(contend, servers, home, who, session_timeout, tick, seed * 100 + number)
            )
        await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)
        nursery.cancel_scope.cancel()


def main() -> None:
    options = json.loads(sys.argv[1])
    if plant := options.pop("plant"):
        PLANTS[plant]()
    trio.run(partial(run, **options))


if __name__ == "__main__":
    main()
