"""Which clients are measured."""

from __future__ import annotations

import subprocess

from bench.harness.contender import ROOT, NotMeasured
from bench.harness.plan import Plan
from bench.peers import PEERS, versions


def find_versions(plan: Plan) -> dict[str, str]:
    """Of each client that is to be measured, its line, or why it is not there."""
    if plan.peers is None:
        return dict(versions())
    # Only those: to build the others can take minutes.
    return {name: _version(name) for name in plan.chosen(PEERS)}


def _version(name: str) -> str:
    command = PEERS[name].load or PEERS[name].probe
    assert command is not None, f"{name} has no program"
    try:
        done = subprocess.run(
            command(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
    except (NotMeasured, OSError, subprocess.CalledProcessError) as error:
        return f"not measured: {error}"
    return done.stdout.strip()
