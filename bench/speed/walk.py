"""Every node of a tree, once."""

from __future__ import annotations

from functools import partial

from bench.harness.outcome import Outcome
from bench.harness.plan import Plan, Say
from bench.harness.rounds import interleave
from bench.harness.tables import gathered, one_a_row
from bench.speed._load import Load, find_programs, run_load
from bench.speed._nodes import ROOT, prepare_tree
from bench.speed._plan import NUMBERS, PIPELINED
from bench.speed._server import open_target, warm_up_server

PATH = f"{ROOT}/tree"


def measure(plan: Plan, say: Say) -> Outcome:
    numbers = NUMBERS[plan.form]
    programs = find_programs(plan, say)
    with open_target(say) as target:
        warm_up_server(programs, target, {"get": numbers.server_warm_up}, say)
        shape = " x ".join(f"{width:,}" for width in numbers.walk_tree)
        say(f"making a tree of {shape} nodes")
        nodes = prepare_tree(target.address, PATH, numbers.walk_tree)
        load = Load(op="walk", path=PATH, size=0, in_flight=PIPELINED, warm_up=0, count=nodes)
        name = f"walk, {nodes} nodes, {PIPELINED} in flight"
        contenders = {
            peer: partial(run_load, load, command, target.address)
            for peer, command in programs.commands.items()
        }
        done = interleave(contenders, numbers.walk_rounds, say, name, programs.missing)
        server = target.description
    found = done.samples.get(load.name, {})
    return Outcome(
        subject="walk",
        title=f"A walk through a tree of {nodes:,} nodes ({shape})",
        tables=[one_a_row(name, found, done.missing)],
        notes=[
            f"At most {PIPELINED:,} requests at once; an operation is one node, whether it has "
            "children or not. Nobody warms up: a walk is done once."
        ],
        missing=gathered({name: done.missing}),
        samples={load.name: found},
        server=server,
    )
