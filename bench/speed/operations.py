"""Reads and writes of two sizes, with one request in flight and with many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from bench.harness.contender import COST, MEDIAN, P99, SPEED, Sample
from bench.harness.outcome import Outcome, Table
from bench.harness.plan import Plan, Say
from bench.harness.report import rounds
from bench.harness.rounds import Contender, interleave
from bench.harness.tables import Samples, gathered, one_a_column
from bench.peers import PEERS
from bench.speed._load import JAVA, LATENCY_UP_TO, Load, Programs, find_programs
from bench.speed._nodes import ROOT, prepare_children, prepare_node
from bench.speed._plan import NUMBERS, Numbers
from bench.speed._server import open_target, warm_up_server

WRITES_OF_MULTI = 10
_FIGURES = {
    SPEED: "operations per second",
    COST: "CPU time of the client per operation, us",
    MEDIAN: f"median latency, us (up to {LATENCY_UP_TO} in flight)",
    P99: f"p99 latency, us (up to {LATENCY_UP_TO} in flight)",
}
# Less than for the goals, and the page says so: there are fifty of these.
_JAVA_WARM_UP = 8

# The C client as it comes, which `gets` has too: it differs by a look-up in each loop alone.
LOOKING_UP = "C"

Found = dict[str, tuple[Samples, Mapping[str, str]]]


def measure(plan: Plan, say: Say) -> Outcome:
    numbers = NUMBERS[plan.form]
    programs = find_programs(plan, say, only=set(PEERS) - {LOOKING_UP})
    found: Found = {}
    with open_target(say) as target:
        requests = {"get": numbers.server_warm_up, "set": numbers.server_warm_up // 4}
        warm_up_server(programs, target, requests, say)
        for name, prepare, contenders in _works(numbers, programs, target.address):
            prepare()
            done = interleave(contenders, numbers.operations_rounds, say, name, programs.missing)
            for operation in done.samples or [name]:
                found[operation] = (done.samples.get(operation, {}), done.missing)
        server = target.description
    return Outcome(
        subject="operations",
        title="Operations on one connection",
        tables=_tables(found, programs.names),
        notes=[
            f"{rounds(numbers.operations_rounds)}, each client in a process of its own once a "
            "round. The C client is measured without its look-ups, which is its best; `gets` "
            "has both. What `create` makes, `delete` removes: the same client, right after it.",
            f"A `multi` is one transaction of {WRITES_OF_MULTI} writes, and counts as one "
            "operation. The servers of the test kit do not flush their log to the disk.",
            f"Java warms up {_JAVA_WARM_UP} times as long as the others; that is less than in "
            "`gets`, so its CPU time here has some of its compiler in it.",
        ],
        missing=gathered({name: missing for name, (_, missing) in found.items()}),
        samples={name: samples for name, (samples, _) in found.items()},
        server=server,
    )


def _works(
    numbers: Numbers, programs: Programs, address: str
) -> list[tuple[str, Callable[[], None], dict[str, Contender]]]:
    """What is measured: its name, how the nodes for it are made, and who does it."""
    works: list[tuple[str, Callable[[], None], dict[str, Contender]]] = []

    def add(names: list[str], prepare: Callable[[], None], path: str, size: int, flight: int):
        contenders: dict[str, Contender] = {
            peer: partial(_run, names, path, size, flight, numbers, peer, command, address)
            for peer, command in programs.commands.items()
        }
        works.append((_name(names, size, flight), prepare, contenders))

    def on_node(ops: list[str], size: int, flight: int) -> None:
        path = f"{ROOT}/{ops[0]}"
        add(ops, partial(prepare_node, address, path, size), path, size, flight)

    for size in numbers.sizes:
        for flight in numbers.in_flight:
            on_node(["get"], size, flight)
            on_node(["set"], size, flight)
            on_node(["create", "delete"], size, flight)
    for count in numbers.children:
        path = f"{ROOT}/children"
        for flight in [each for each in (1, 16) if each in numbers.in_flight]:
            add(["children"], partial(prepare_children, address, path, count), path, count, flight)
    for flight in [each for each in numbers.in_flight if each < 1_024]:
        on_node(["multi"], numbers.sizes[0], flight)
    return works


def _name(ops: list[str], size: int, flight: int) -> str:
    return f"{' and '.join(ops)}, {_of(ops[0], size)}, {flight} in flight"


def _of(op: str, size: int) -> str:
    return f"{size} children" if op == "children" else f"{size} B"


def _run(
    ops: list[str],
    path: str,
    size: int,
    flight: int,
    numbers: Numbers,
    peer: str,
    command: tuple[str, ...],
    address: str,
    _round: int,
) -> dict[str, Sample]:
    """These operations, back to back, each in a process of its own."""
    is_read = ops[0] in {"get", "children"}
    count = (numbers.reads if is_read else numbers.writes)[flight]
    if size >= 10_000:
        count //= 4 if ops[0] == "children" else 2
    warm_up = max(count // 8, 2 * flight) if flight > 1 else count // 4
    if peer == JAVA:
        warm_up *= _JAVA_WARM_UP
    if len(ops) > 1:
        # What a run that failed has left behind would make this one fail too.
        prepare_node(address, path, 0)
    samples: dict[str, Sample] = {}
    for op in ops:
        load = Load(op=op, path=path, size=size, in_flight=flight, warm_up=warm_up, count=count)
        samples[_name([op], size, flight)] = load.run(command, address)
    return samples


def _tables(found: Found, names: list[str]) -> list[Table]:
    tables: list[Table] = []
    for op in dict.fromkeys(name.partition(",")[0] for name in found):
        rows = {
            name.partition(", ")[2]: each
            for name, each in found.items()
            if name.partition(",")[0] == op
        }
        for figure, words in _FIGURES.items():
            table = one_a_column(f"{op}: {words}", figure, rows, names)
            if len(table.rows) > 1:
                tables.append(table)
    return tables
