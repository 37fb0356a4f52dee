"""System calls of a get: those of a run, without those of one that starts and gets only once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bench.harness.contender import Sample
from bench.harness.outcome import Outcome, Table
from bench.harness.plan import Plan, Say
from bench.harness.report import number, spread
from bench.harness.rounds import interleave
from bench.harness.tables import Samples, gathered
from bench.speed._load import Load, find_programs
from bench.speed._nodes import DATA, PATH
from bench.speed._plan import NUMBERS, PIPELINED
from bench.speed._server import open_target
from bench.speed._tracing import count_calls, tracer

CALLS = "system calls per operation"
_NAMED = 5


def measure(plan: Plan, say: Say) -> Outcome:
    numbers = NUMBERS[plan.form]
    programs = find_programs(plan, say)
    tables: list[Table] = []
    samples: dict[str, Samples] = {}
    missing: dict[str, Mapping[str, str]] = {}
    with open_target(say) as target:
        for in_flight, count in (
            (1, numbers.traced_sequential),
            (PIPELINED, numbers.traced_pipelined),
        ):
            load = Load(
                op="get",
                path=PATH,
                size=len(DATA),
                in_flight=in_flight,
                warm_up=1,
                count=count,
            )
            contenders = {
                name: partial(_run, load, command, target.address)
                for name, command in programs.commands.items()
            }
            done = interleave(
                contenders, numbers.traced_rounds, say, f"system calls, {load.name}",
                programs.missing,
            )  # fmt: skip
            name = f"get, {in_flight} in flight"
            found = done.samples.get(load.name, {})
            samples[name], missing[name] = found, done.missing
            tables.append(_table(name, found, done.missing))
        server = target.description
    return Outcome(
        subject="system-calls",
        title="System calls of a client for each get",
        tables=tables,
        notes=[
            "Counted by strace, in runs of their own, all threads: the calls of a run, without "
            "those of another that gets only once, so that starting up is not in it.",
            "A client that is traced is slower, and finds more replies at a time: of 1,024 in "
            "flight it needs fewer calls then than otherwise.",
        ],
        missing=gathered(missing),
        samples=samples,
        server=server,
    )


def _run(load: Load, command: tuple[str, ...], address: str, _round: int) -> Mapping[str, Sample]:
    strace = tracer()
    one, many = (
        count_calls(strace, (*command, *each.arguments(address)))
        for each in (replace(load, count=1), load)
    )
    # Not of two that are long: some clients differ by more, from run to run, than gets cost.
    each = {call: (many[call] - one[call]) / (load.count - 1) for call in many}
    named = sorted(each, key=lambda call: -each[call])
    sample = {CALLS: sum(each.values())}
    return {load.name: sample | {call: each[call] for call in named if each[call] > 0.001}}


def _table(name: str, found: Samples, missing: Mapping[str, str]) -> Table:
    rows = [["", CALLS, "most of them, in the first round"]]
    for peer, each in found.items():
        most = [
            f"{call} {number(calls)}"
            for call, calls in list(each[0].items())[1 : _NAMED + 1]
            if calls >= 0.01
        ]
        rows.append([peer, spread([sample[CALLS] for sample in each]), ", ".join(most)])
    rows += [[peer, f"not measured: {reason}"] for peer, reason in missing.items()]
    return Table(name, rows)
