"""Latency: gets of 100 bytes, one at a time."""

from __future__ import annotations

from time import perf_counter

import trio

from bench.harness.contender import MEDIAN, Sample, metered, percentiles
from bench.harness.plan import Plan
from bench.harness.report import Ratio, Subject
from bench.harness.rounds import interleave, paired
from bench.peers import _run as peers
from bench.speed._clients import DATA, PATH, open_kazoo, open_zkwire
from bench.speed.pipelined import C_DEFAULT, JAVA, C

WARM_UP = 500


def measure(plan: Plan) -> Subject:
    samples, missing = interleave(
        "sequential", list(CONTENDERS), plan.rounds, server=plan.server, gets=plan.sequential_gets
    )
    return Subject(
        title=f"Sequential: get of {len(DATA)} bytes, one at a time",
        samples=samples,
        missing=missing,
        ratios=[
            Ratio(
                f"median latency, zkwire / {peer}",
                paired(samples, MEDIAN, "zkwire", peer),
                at_most=1.0 if peer == "kazoo" else None,
            )
            for peer in ("kazoo", C, C_DEFAULT, JAVA)
        ],
    )


def run_zkwire(server: str, gets: int) -> Sample:
    async def run() -> Sample:
        latencies: list[float] = []
        async with open_zkwire(server) as zk:
            for _ in range(WARM_UP):
                await zk.get(PATH)
            with metered(gets) as sample:
                for _ in range(gets):
                    asked = perf_counter()
                    await zk.get(PATH)
                    latencies.append(perf_counter() - asked)
        return percentiles(latencies) | sample

    return trio.run(run)


def run_kazoo(server: str, gets: int) -> Sample:
    latencies: list[float] = []
    with open_kazoo(server) as client:
        for _ in range(WARM_UP):
            client.get(PATH)
        with metered(gets) as sample:
            for _ in range(gets):
                asked = perf_counter()
                client.get(PATH)
                latencies.append(perf_counter() - asked)
    return percentiles(latencies) | sample


def run_c(server: str, gets: int) -> Sample:
    return peers.run_c(server, "sequential", WARM_UP, gets, resolution=peers.NO_RESOLUTION)


def run_c_default(server: str, gets: int) -> Sample:
    return peers.run_c(server, "sequential", WARM_UP, gets, resolution=peers.DEFAULT_RESOLUTION)


def run_java(server: str, gets: int) -> Sample:
    return peers.run_java(server, "sequential", peers.JAVA_SEQUENTIAL_WARM_UP, gets)


CONTENDERS = {
    "zkwire": run_zkwire,
    "kazoo": run_kazoo,
    C: run_c,
    C_DEFAULT: run_c_default,
    JAVA: run_java,
}
