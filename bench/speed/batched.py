"""CPU time where every client gets the same number of replies at a time."""

from __future__ import annotations

from contextlib import ExitStack

from bench.harness.contender import COST, Sample
from bench.harness.plan import Plan
from bench.harness.report import Ratio, Subject
from bench.harness.rounds import interleave, paired
from bench.speed._batching import open_batching
from bench.speed.pipelined import C_DEFAULT, IN_FLIGHT, C, run_c, run_c_default, run_zkwire

BATCHES = (16, 512)
PEERS = (C, C_DEFAULT)


def name(client: str, batch: int) -> str:
    return f"{client}, {batch} at a time"


def measure(plan: Plan) -> Subject:
    with ExitStack() as stack:
        servers = {str(batch): stack.enter_context(open_batching(batch)) for batch in BATCHES}
        samples, missing = interleave(
            "batched", list(CONTENDERS), plan.rounds, servers=servers, gets=plan.pipelined_gets
        )
    return Subject(
        title=f"Batched: {IN_FLIGHT:,} in flight, answered so many at a time, no ZooKeeper",
        samples=samples,
        missing=missing,
        ratios=[
            Ratio(
                f"{COST}, {batch} at a time, zkwire / {peer}",
                paired(samples, COST, name("zkwire", batch), name(peer, batch)),
                at_most=1.0,
            )
            for batch in BATCHES
            for peer in PEERS
        ],
    )


def run(client: str, batch: int, servers: dict[str, str], gets: int) -> Sample:
    runs = {"zkwire": run_zkwire, C: run_c, C_DEFAULT: run_c_default}
    return runs[client](servers[str(batch)], gets)


def contender(client: str, batch: int):
    return lambda servers, gets: run(client, batch, servers, gets)


CONTENDERS = {
    name(client, batch): contender(client, batch)
    for batch in BATCHES
    for client in ("zkwire", *PEERS)
}
