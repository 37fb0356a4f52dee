"""The command line: measure every subject, print it, write JSON and the page."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.harness.machine import describe_machine, now_utc
from bench.harness.plan import SERVERS, Plan
from bench.harness.report import Subject
from bench.page.page import RESULTS, newest, write_page
from bench.peers._build import peer_versions
from bench.speed import batched, codec, pipelined, sequential, waiting
from zkwire.testing import Ensemble, NoZooKeeperError, start_zookeeper

SUBJECTS = {
    "pipelined": pipelined.measure,
    "sequential": sequential.measure,
    "batched": batched.measure,
    "waiting": waiting.measure,
    "codec": codec.measure,
    "models": codec.measure_models,
}
NEED_SERVER = ("pipelined", "sequential")
SESSION_TICK = 2.0  # seconds; the servers' own default, so sessions of 10 s are granted as asked


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "subject", nargs="*", help=f"which to run: {', '.join(SUBJECTS)} (default: all)"
    )
    parser.add_argument("--quick", action="store_true", help="a look: few gets, 2 rounds")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds to measure (default: 5)")
    parser.add_argument(
        "--json", type=Path, metavar="PATH", help="where to write (default: bench/results/)"
    )
    parser.add_argument(
        "--page",
        action="store_true",
        help="measure nothing: write docs/reference/benchmarks.md, from --json or the newest "
        "full run",
    )
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.subject) - set(SUBJECTS)):
        parser.error(f"no such subject: {', '.join(unknown)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"--rounds must be at least 1, not {options.rounds}")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    options = parsed(arguments)
    if options.page:
        print(f"written to {write_page(options.json or newest())}")
        return
    began = time.monotonic()
    wanted = options.subject or list(SUBJECTS)
    machine = describe_machine()
    print(machine.line(), flush=True)
    plan = Plan.quick() if options.quick else Plan.full()
    if options.rounds is not None:
        plan = plan.with_rounds(options.rounds)
    with_server = [name for name in wanted if name in NEED_SERVER]
    peers = peer_versions() if with_server else {}
    for name, found in peers.items():
        print(f"{name}: {found}", flush=True)
    servers: dict[str, str] = {}
    subjects: list[Subject] = []
    for label, properties in SERVERS.items() if with_server else ():
        with start_zookeeper(tick_time=SESSION_TICK, system_properties=properties) as ensemble:
            servers[label] = describe_server(ensemble, properties or {})
            print(f"server with {label}: {servers[label]}", flush=True)
            there = plan.on(ensemble.servers[0])
            pipelined.warm_up(there)
            subjects += [run(name, there, label) for name in with_server]
    subjects += [run(name, plan) for name in wanted if name not in NEED_SERVER]
    path = options.json or RESULTS / f"{now_utc():%Y%m%dT%H%M%SZ}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "complete": set(wanted) == set(SUBJECTS) and not options.quick,
        "machine": machine.as_dict(),
        "peers": peers,
        "servers": servers,
        "minutes": (time.monotonic() - began) / 60,
        "rounds": plan.rounds,
        "pipelined gets": plan.pipelined_gets,
        "sequential gets": plan.sequential_gets,
        "subjects": [subject.as_dict() for subject in subjects],
    }
    path.write_text(json.dumps(record, indent=1) + "\n")
    print(f"\nwritten to {path}")


def describe_server(ensemble: Ensemble, properties: dict[str, str]) -> str:
    """What runs, without what differs from one run to the next."""
    settings = ", ".join(f"{name}={value}" for name, value in properties.items())
    where = f"ZooKeeper {ensemble.version} from {ensemble.provider}, one server"
    return f"{where}, {settings or 'no system properties set'}"


def run(name: str, plan: Plan, server: str = "") -> Subject:
    """Measure one subject, and print it."""
    where = f" on the server with {server}" if server else ""
    print(f"measuring {name}{where} ...", file=sys.stderr, flush=True)
    before = os.getloadavg()[0]
    subject = SUBJECTS[name](plan)
    low, high = sorted((before, os.getloadavg()[0]))
    subject = replace(subject, server=server, load=(low, high))
    print(f"\n{subject.text()}\n", flush=True)
    return subject


if __name__ == "__main__":
    try:
        main()
    except NoZooKeeperError as error:
        sys.exit(f"bench: {error}")
