"""Throughput: gets of 100 bytes, 1,024 in flight on one connection."""

from __future__ import annotations

from collections import deque

import trio

import zkwire
from bench.harness.contender import COST, SPEED, Sample, metered, run_contender
from bench.harness.plan import Plan
from bench.harness.report import Ratio, Subject
from bench.harness.rounds import interleave, paired
from bench.peers import _run as peers
from bench.speed._clients import DATA, PATH, open_kazoo, open_zkwire

IN_FLIGHT = 1_024
# Unmeasured gets of each process before the measured ones: imports, caches, memory.
WARM_UP = 4 * IN_FLIGHT
# A server's JVM compiles its hot path within the first tens of thousands of requests.
SERVER_WARM_UP = 40 * IN_FLIGHT


C = "C client, no look-ups"
C_DEFAULT = "C client"
JAVA = "Java client"


def warm_up(plan: Plan) -> None:
    """Have the server compile itself before anybody is measured."""
    run_contender("pipelined", "zkwire", server=plan.server, gets=SERVER_WARM_UP)


def measure(plan: Plan) -> Subject:
    samples, missing = interleave(
        "pipelined", list(CONTENDERS), plan.rounds, server=plan.server, gets=plan.pipelined_gets
    )
    goals = [
        (SPEED, "kazoo", 3.0),
        (COST, "kazoo", 1 / 3),
        (SPEED, JAVA, 1.0),
        (SPEED, C, 1.0),
        (SPEED, C_DEFAULT, 1.0),
        (COST, C, 1.0),
        (COST, C_DEFAULT, 1.0),
    ]
    return Subject(
        title=f"Pipelined: get of {len(DATA)} bytes, {IN_FLIGHT:,} in flight, one connection",
        samples=samples,
        missing=missing,
        ratios=[
            Ratio(
                f"{figure}, zkwire / {peer}",
                paired(samples, figure, "zkwire", peer),
                at_least=goal if figure is SPEED else None,
                at_most=goal if figure is COST else None,
            )
            for figure, peer, goal in goals
        ],
    )


async def get_many(zk: zkwire.Connection, gets: int, in_flight: int = IN_FLIGHT) -> None:
    """As many tasks as requests in flight, each of which gets one reply after the other."""
    left = gets

    async def get_until_done() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await zk.get(PATH)

    async with trio.open_nursery() as nursery:
        for _ in range(in_flight):
            nursery.start_soon(get_until_done)


def run_zkwire(server: str, gets: int) -> Sample:
    async def run() -> Sample:
        async with open_zkwire(server) as zk:
            await get_many(zk, WARM_UP)
            with metered(gets) as sample:
                await get_many(zk, gets)
        return sample

    return trio.run(run)


def run_kazoo(server: str, gets: int) -> Sample:
    """A sliding window of futures: the quickest of four ways to keep kazoo's pipeline full.

    The others were a semaphore released by callbacks, requests made within
    callbacks, and one batch after the other.
    """
    with open_kazoo(server) as client:

        def run(gets: int) -> None:
            window = deque(client.get_async(PATH) for _ in range(IN_FLIGHT))
            for _ in range(gets - IN_FLIGHT):
                window.popleft().get()
                window.append(client.get_async(PATH))
            while window:
                window.popleft().get()

        run(WARM_UP)
        with metered(gets) as sample:
            run(gets)
    return sample


def run_c(server: str, gets: int) -> Sample:
    more = (WARM_UP, gets, IN_FLIGHT)
    return peers.run_c(server, "pipelined", *more, resolution=peers.NO_RESOLUTION)


def run_c_default(server: str, gets: int) -> Sample:
    more = (WARM_UP, gets, IN_FLIGHT)
    return peers.run_c(server, "pipelined", *more, resolution=peers.DEFAULT_RESOLUTION)


def run_java(server: str, gets: int) -> Sample:
    return peers.run_java(server, "pipelined", peers.JAVA_WARM_UP, gets, IN_FLIGHT)


CONTENDERS = {
    "zkwire": run_zkwire,
    "kazoo": run_kazoo,
    C: run_c,
    C_DEFAULT: run_c_default,
    JAVA: run_java,
}
