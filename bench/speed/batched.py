"""CPU time where every client gets the same number of replies at a time."""

from __future__ import annotations

from collections.abc import Mapping

from bench.harness.contender import COST
from bench.harness.outcome import Goal, Outcome, Table, judge
from bench.harness.plan import Plan, Say
from bench.harness.rounds import paired
from bench.harness.tables import Samples, gathered, one_a_row
from bench.speed._batching import open_batching
from bench.speed._load import Load, find_programs, measure_load
from bench.speed._nodes import DATA, PATH
from bench.speed._plan import NUMBERS, PIPELINED

BATCHES = (16, 512)
# What is asked here is how zkwire compares with a client that is all machine code.
C = ("C", "C, no look-ups")


def measure(plan: Plan, say: Say) -> Outcome:
    numbers = NUMBERS[plan.form]
    programs = find_programs(plan, say, only=("zkwire", *C))
    load = Load(
        op="get",
        path=PATH,
        size=len(DATA),
        in_flight=PIPELINED,
        warm_up=4 * PIPELINED,
        count=numbers.inner_gets,
    )
    tables: list[Table] = []
    goals: list[Goal] = []
    samples: dict[str, Samples] = {}
    missing: dict[str, Mapping[str, str]] = {}
    for batch in BATCHES:
        name = f"get, {PIPELINED} in flight, {batch} at a time"
        with open_batching(batch) as address:
            loads = dict.fromkeys(programs.commands, load)
            done = measure_load(programs, address, loads, numbers.inner_rounds, say, name)
        found = done.samples.get(load.name, {})
        samples[name], missing[name] = found, done.missing
        tables.append(one_a_row(name, found, done.missing))
        goals += [
            judge(
                f"{COST}, {batch} at a time, zkwire / {peer}",
                paired(found, COST, "zkwire", peer),
                at_most=1.0,
                unit="x",
            )
            for peer in C
        ]
    return Outcome(
        subject="batched",
        title=f"Batched: {PIPELINED:,} in flight, answered so many at a time, no ZooKeeper",
        tables=tables,
        goals=goals,
        missing=gathered(missing),
        samples=samples,
        server="a program that answers gets and does nothing else",
    )
