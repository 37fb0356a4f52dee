"""The goals for speed: gets of 100 bytes, 1,024 in flight and one at a time, on two servers."""

from __future__ import annotations

from collections.abc import Mapping

from bench.harness.contender import COST, MEDIAN, SPEED, Sample
from bench.harness.outcome import Goal, Outcome, Table, judge
from bench.harness.plan import Plan, Say
from bench.harness.report import rounds
from bench.harness.rounds import paired
from bench.harness.server import SERVERS
from bench.harness.tables import gathered, one_a_row
from bench.speed._load import (
    JAVA,
    JAVA_SEQUENTIAL_WARM_UP,
    JAVA_WARM_UP,
    Load,
    find_programs,
    measure_load,
)
from bench.speed._nodes import DATA, PATH
from bench.speed._plan import NUMBERS, PIPELINED, Numbers
from bench.speed._server import open_target, warm_up_server

WARM_UP = 4 * PIPELINED
SEQUENTIAL_WARM_UP = 500
C = ("C", "C, no look-ups")

Samples = Mapping[str, list[Sample]]


def measure(plan: Plan, say: Say) -> Outcome:
    numbers = NUMBERS[plan.form]
    programs = find_programs(plan, say)
    tables: list[Table] = []
    goals: list[Goal] = []
    servers: list[str] = []
    samples: dict[str, Samples] = {}
    missing: dict[str, Mapping[str, str]] = {}
    for label in SERVERS:
        with open_target(say, label) as target:
            servers.append(target.description)
            warm_up_server(programs, target, {"get": numbers.server_warm_up}, say)
            for in_flight in (PIPELINED, 1):
                loads = {
                    name: _load(name, in_flight, numbers, is_long=plan.form != "look")
                    for name in programs.commands
                }
                name = f"get, {len(DATA)} B, {in_flight} in flight, {label}"
                done = measure_load(programs, target.address, loads, numbers.gets_rounds, say, name)
                found = next(iter(done.samples.values()), {})
                samples[name], missing[name] = found, done.missing
                tables.append(one_a_row(name, found, done.missing))
                goals += (_sequential if in_flight == 1 else _pipelined)(label, found)
    return Outcome(
        subject="gets",
        title=f"Gets of {len(DATA)} bytes on one connection: {PIPELINED:,} in flight, and one "
        "at a time",
        tables=tables,
        goals=goals,
        notes=[
            f"{rounds(numbers.gets_rounds)}, each client in a process of its own once a round; "
            f"{numbers.gets_pipelined:,} or {numbers.gets_sequential:,} gets in a run.",
            "Ratios are taken within a round; a goal is held against their median.",
        ],
        missing=gathered(missing),
        samples=samples,
        server="; ".join(servers),
    )


def _load(name: str, in_flight: int, numbers: Numbers, *, is_long: bool) -> Load:
    is_pipelined = in_flight > 1
    warm_up = WARM_UP if is_pipelined else SEQUENTIAL_WARM_UP
    if name == JAVA and is_long:
        warm_up = JAVA_WARM_UP if is_pipelined else JAVA_SEQUENTIAL_WARM_UP
    count = numbers.gets_pipelined if is_pipelined else numbers.gets_sequential
    return Load(
        op="get", path=PATH, size=len(DATA), in_flight=in_flight, warm_up=warm_up, count=count
    )


def _pipelined(label: str, samples: Samples) -> list[Goal]:
    what = f"get, {PIPELINED:,} in flight, {label}"
    speeds = [("Java", 1.0), *((name, 1.0) for name in C), ("kazoo", 3.0), ("aiozk", 3.0)]
    return [
        judge(
            f"{what}: {SPEED}, zkwire / {peer}",
            paired(samples, SPEED, "zkwire", peer),
            at_least=goal,
            unit="x",
        )
        for peer, goal in speeds
    ] + [
        judge(
            f"{what}: {COST}, zkwire / {peer}",
            paired(samples, COST, "zkwire", peer),
            at_most=0.75,
            unit="x",
        )
        for peer in C
    ]


def _sequential(label: str, samples: Samples) -> list[Goal]:
    return [
        judge(
            f"get, one at a time, {label}: median latency, zkwire / {peer}",
            paired(samples, MEDIAN, "zkwire", peer),
            at_most=goal,
            unit="x",
        )
        for peer, goal in (*((name, 1.15) for name in C), ("kazoo", 0.75))
    ]
