"""What can be measured, in the order of the page."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bench.harness.outcome import Outcome
from bench.harness.plan import Plan, Say

Kind = Literal["speed", "timeouts"]
Measure = Callable[[Plan, Say], Outcome]


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject: a module that has ``measure``, or another function in its place."""

    name: str
    kind: Kind
    module: str
    function: str = "measure"

    def measure(self, plan: Plan, say: Say) -> Outcome:
        """Measure it.  Imported only now: a subject that cannot be is that one's failure."""
        module = importlib.import_module(f"bench.{self.kind}.{self.module}")
        measure: Measure = getattr(module, self.function)
        return measure(plan, say)


SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject("gets", "speed", "gets"),
        Subject("operations", "speed", "operations"),
        Subject("system-calls", "speed", "system_calls"),
        Subject("watches", "speed", "watches"),
        Subject("walk", "speed", "walk"),
        Subject("imports", "speed", "imports"),
        Subject("batched", "speed", "batched"),
        Subject("waiting", "speed", "waiting"),
        Subject("codec", "speed", "codec"),
        Subject("models", "speed", "codec", "measure_models"),
        Subject("detection", "timeouts", "detection"),
        Subject("lost", "timeouts", "lost"),
        Subject("verdict", "timeouts", "verdict"),
        Subject("failover", "timeouts", "failover"),
        Subject("rolling", "timeouts", "rolling"),
        Subject("herd", "timeouts", "herd"),
        Subject("keepalive", "timeouts", "keepalive"),
        Subject("density", "timeouts", "density"),
        Subject("timelines", "timeouts", "timelines"),
    )
}
"""Every subject by its name."""
