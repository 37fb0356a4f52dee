"""Storms of events: ten thousand one-shot watches at once, and one watch on a busy tree."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from statistics import median

import trio

from bench.harness.contender import COST, SPEED, Sample
from bench.harness.outcome import Goal, Outcome, Table, judge
from bench.harness.plan import Plan, Say
from bench.harness.report import number
from bench.harness.rounds import interleave, paired
from bench.harness.tables import Samples, gathered, one_a_row
from bench.speed._load import Load, find_programs
from bench.speed._nodes import DATA, ROOT, ensure, open_client, plant
from bench.speed._plan import NUMBERS, PIPELINED
from bench.speed._server import open_target, warm_up_server
from bench.speed._storm import Storm

PATH = f"{ROOT}/watched"
# A busy tree need not be large: what is counted is events.
_NODES_OF_TREE = 1_000
_WORDS = {SPEED: "events per second", COST: "CPU us per event"}


def measure(plan: Plan, say: Say) -> Outcome:
    numbers = NUMBERS[plan.form]
    programs = find_programs(plan, say)
    tables: list[Table] = []
    goals: list[Goal] = []
    notes = [
        "The harness sets the watches off by multis of 500 writes, pipelined, on the same "
        "machine; CPU time is that of the watching client from its first event to its last."
    ]
    samples: dict[str, Samples] = {}
    missing: dict[str, Mapping[str, str]] = {}
    with open_target(say) as target:
        requests = {"get": numbers.server_warm_up, "set": numbers.server_warm_up // 4}
        warm_up_server(programs, target, requests, say)
        nodes = [f"{PATH}/w{number:08d}" for number in range(numbers.one_shot)]
        say(f"making {len(nodes):,} nodes to watch")
        trio.run(_make, target.address, nodes)
        for storm in (
            Storm(_load("one-shot", numbers.one_shot), nodes),
            Storm(_load("persistent", numbers.persistent), nodes[:_NODES_OF_TREE]),
        ):
            # The server compiles what a write takes too; only the last one is reported.
            alone = [storm.rate(target.address) for _ in range(3)]
            contenders = {
                name: partial(_run, storm, command, target.address)
                for name, command in programs.commands.items()
            }
            done = interleave(contenders, numbers.watches_rounds, say, storm.name, programs.missing)
            found = done.samples.get(storm.name, {})
            samples[storm.load.name], missing[storm.name] = found, done.missing
            tables.append(one_a_row(storm.name, _in_words(found), done.missing))
            goals.append(
                judge(
                    f"{storm.name}: {_WORDS[SPEED]}, zkwire / kazoo",
                    paired(found, SPEED, "zkwire", "kazoo"),
                    at_least=3.0,
                    unit="x",
                )
            )
            notes.append(_trigger(storm.name, alone[-1], found))
        server = target.description
    return Outcome(
        subject="watches",
        title="Watches: events per second, delivered to the user's code",
        tables=tables,
        goals=goals,
        notes=notes,
        missing=gathered(missing),
        samples=samples,
        server=server,
    )


def _load(op: str, count: int) -> Load:
    return Load(op=op, path=PATH, size=len(DATA), in_flight=PIPELINED, warm_up=0, count=count)


def _in_words(found: Samples) -> dict[str, list[Sample]]:
    """The same, with an operation called what it is here."""
    return {
        peer: [{_WORDS[figure]: value for figure, value in each.items()} for each in rounds]
        for peer, rounds in found.items()
    }


def _trigger(name: str, alone: float, found: Samples) -> str:
    text = f"{name}: the trigger alone, with nobody watching, writes {number(alone)} nodes a second"
    rates = {peer: median(each[SPEED] for each in rounds) for peer, rounds in found.items()}
    # What comes as fast as it is made says only that the client keeps up with it.
    bound = [peer for peer, rate in rates.items() if rate > 0.8 * alone]
    return f"{text}; {', '.join(bound)} came to 80 % of it or more." if bound else f"{text}."


def _run(storm: Storm, command: tuple[str, ...], address: str, _round: int) -> Mapping[str, Sample]:
    return {storm.name: storm.run(command, address)}


async def _make(address: str, nodes: list[str]) -> None:
    async with open_client(address) as zk:
        await ensure(zk, PATH)
        await plant(zk, nodes, DATA)
