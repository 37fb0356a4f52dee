"""A server for one speed subject."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from bench.harness.contender import ContenderFailed, NotMeasured
from bench.harness.plan import Say
from bench.harness.server import STOCK, describe_server, open_server
from bench.speed._load import Load, Programs
from bench.speed._nodes import DATA, PATH, prepare_node, remove_all
from bench.speed._plan import PIPELINED


@dataclass(frozen=True, slots=True)
class Target:
    """Where clients go, and what it is."""

    address: str
    description: str


@contextmanager
def open_target(say: Say, label: str = STOCK) -> Generator[Target]:
    """One server with the node that everybody reads."""
    say(f"starting the server with {label}")
    with open_server(label) as ensemble:
        address = ensemble.servers[0]
        prepare_node(address, PATH, len(DATA))
        try:
            yield Target(address, describe_server(label, ensemble))
        finally:
            if not ensemble.controllable:
                remove_all(address)


def warm_up_server(
    programs: Programs, target: Target, requests: Mapping[str, int], say: Say
) -> None:
    """Have the server's JVM compile its hot paths, within its first tens of thousands of requests.

    Args:
        programs: the first of them that works does it.
        target: the server.
        requests: how many of each operation.
        say: told what is under way.
    """
    for op, count in requests.items():
        say(f"warming up the server: {op}, {count:,} times")
        load = Load(
            op=op, path=PATH, size=len(DATA), in_flight=PIPELINED, warm_up=PIPELINED, count=count
        )
        for command in programs.commands.values():
            try:
                load.run(command, target.address)
            except (ContenderFailed, NotMeasured) as error:
                say(f"{error}; another client shall")
            else:
                break
