"""One run of the benchmarks: its subjects one after the other, whatever becomes of each."""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

from bench.harness.machine import describe_machine, now_utc
from bench.harness.outcome import Goal, Outcome
from bench.harness.plan import Plan
from bench.harness.results import write_result
from bench.harness.subjects import Subject
from bench.peers import PEERS, versions


class Session:
    """Measures subjects and keeps what came of them.

    Attributes:
        subjects: what is to be measured.
        goals: of every subject that came to its end, in order.
        failed: for each subject that did not, the reason.
    """

    def __init__(self, plan: Plan, folder: Path | None) -> None:
        """Have results written below this folder; None for nowhere."""
        self.subjects: list[Subject] = []
        self.goals: list[Goal] = []
        self.failed: dict[str, str] = {}
        self._plan = plan
        self._folder = folder
        self._began = time.monotonic()
        self._at = 0

    def add(self, subject: Subject) -> None:
        self.subjects.append(subject)

    def run(self) -> None:
        """Measure what was added; one that fails is put down, and the others go on."""
        machine = describe_machine()
        print(machine.line(), flush=True)
        self._say("building the clients and asking for their versions")
        found = versions(self._plan.chosen(PEERS))
        for name, line in found.items():
            print(f"  {name}: {line}", flush=True)
        for number, subject in enumerate(self.subjects, 1):
            self._at = number
            before, began, time_began = os.getloadavg()[0], time.monotonic(), now_utc()
            self._say("begins")
            try:
                outcome = subject.measure(self._plan, self._say)
            except Exception as error:  # noqa: BLE001 - the others go on, whatever this one did
                traceback.print_exception(error)
                self.failed[subject.name] = f"{type(error).__name__}: {error}"
                self._say(f"failed: {self.failed[subject.name]}")
                continue
            load = sorted((before, os.getloadavg()[0]))
            seconds = time.monotonic() - began
            self._keep(
                outcome,
                {
                    "form": self._plan.form,
                    "time": f"{time_began:%Y-%m-%d %H:%M} UTC",
                    "commit": machine.commit,
                    "machine": machine.as_dict(),
                    "versions": found,
                    "load": [round(each, 2) for each in load],
                    "seconds": round(seconds, 1),
                },
            )

    def _keep(self, outcome: Outcome, circumstances: dict[str, object]) -> None:
        self.goals += outcome.goals
        print(f"\n{outcome.text()}\n", flush=True)
        if self._folder is not None:
            record = outcome.as_dict() | circumstances
            self._say(f"written to {write_result(self._folder / self._plan.form, record)}")

    def _say(self, what: str) -> None:
        minutes = (time.monotonic() - self._began) / 60
        where = f"{self._at} of {len(self.subjects)}, {minutes:.1f} min"
        name = f"{self.subjects[self._at - 1].name}: " if self._at else ""
        print(f"[{where}] {name}{what}", file=sys.stderr, flush=True)
