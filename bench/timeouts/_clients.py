"""Which clients have sessions to watch, and waiting until all of these are well."""

from __future__ import annotations

import trio

from bench.harness.plan import Plan
from bench.timeouts._probes import Probe, Probes


def chosen(plan: Plan) -> list[str]:
    """The clients that have a probe, of those that are to be measured."""
    from bench.peers import PEERS

    return plan.chosen(name for name, peer in PEERS.items() if peer.probe is not None)


def groups(names: list[str], *, together: bool) -> list[list[str]]:
    """Those that are measured at the same time."""
    return [names] if together else [[name] for name in names]


async def wait_until_well(probes: Probes, sessions: int, seconds: float) -> dict[str, int]:
    """Wait until every session of every probe is connected and has had an answer.

    Returns:
        The probes of which that was not so within those seconds, and how many sessions were.
    """

    def all_well(probe: Probe) -> bool:
        return probe.well() >= sessions

    with trio.move_on_after(seconds):
        await probes.wait_all(all_well)
    return {name: probe.well() for name, probe in probes.running.items() if not all_well(probe)}


async def drop_unopened(probes: Probes, sessions: int, seconds: float) -> None:
    """Wait for the first opening; a client that cannot open its sessions is not measured."""
    for name, count in (await wait_until_well(probes, sessions, seconds)).items():
        probes.missing[name] = f"only {count:,} of {sessions:,} sessions in {seconds:g} s"
        await probes.running.pop(name).aclose()
