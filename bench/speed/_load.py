"""The clients' ``load`` programs: what each is asked to do, and what it took."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from bench.harness.contender import NotMeasured, Sample, run_program, sample_of
from bench.harness.plan import Plan, Say
from bench.harness.rounds import Rounds, interleave
from bench.peers import PEERS

LATENCY_UP_TO = 16
"""Requests in flight up to which programs say what each one took."""

# What a JVM compiles to machine code, and how well, changes for the first 60,000 gets or so:
# from 45 us of CPU time each to 20, with a compiler thread at work beside them.
JAVA = "Java"
JAVA_WARM_UP = 61_440
JAVA_SEQUENTIAL_WARM_UP = 6_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One operation, so many times."""

    op: str
    path: str
    size: int
    in_flight: int
    warm_up: int
    count: int

    @property
    def name(self) -> str:
        return f"{self.op}, {self.size} B, {self.in_flight} in flight"

    def arguments(self, servers: str) -> tuple[str, ...]:
        numbers = (self.size, self.in_flight, self.warm_up, self.count)
        return (servers, self.op, self.path, *map(str, numbers))

    def run(self, command: tuple[str, ...], servers: str) -> Sample:
        """Run it in a process of its own; raises as ``run_program`` does."""
        return sample_of(run_program((*command, *self.arguments(servers))), self.count)


@dataclass(frozen=True, slots=True)
class Programs:
    """The ``load`` programs that are there, and why the others are not."""

    commands: Mapping[str, tuple[str, ...]]
    missing: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """All of them, there or not, in the order of the page."""
        return [name for name in PEERS if name in self.commands or name in self.missing]


def find_programs(plan: Plan, say: Say, only: Collection[str] | None = None) -> Programs:
    """Build what is to be measured."""
    commands: dict[str, tuple[str, ...]] = {}
    missing: dict[str, str] = {}
    for name in plan.chosen(PEERS):
        load = PEERS[name].load
        if load is None or (only is not None and name not in only):
            continue
        say(f"building {name}")
        try:
            commands[name] = load()
        except NotMeasured as error:
            missing[name] = str(error)
    return Programs(commands, missing)


def measure_load(
    programs: Programs, servers: str, loads: Mapping[str, Load], rounds: int, say: Say, what: str
) -> Rounds:
    """Have every client do its load once a round; clients may be told different warm-ups."""
    contenders = {
        name: partial(run_load, load, programs.commands[name], servers)
        for name, load in loads.items()
    }
    return interleave(contenders, rounds, say, what, programs.missing)


def run_load(
    load: Load, command: tuple[str, ...], servers: str, _round: int
) -> Mapping[str, Sample]:
    return {load.name: load.run(command, servers)}
