"""As a program: one subject, so that none has another's memory, tasks and sockets.

``python -m bench.soak._one SUBJECT OPTIONS`` prints the outcome as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
from functools import partial

import trio

from bench.soak._plan import Plan
from bench.soak._plants import plant

TAKE_A_PLANT = ("lock", "failover", "leaks")
"""Subjects that plant some defects themselves, or in processes of their own."""


def main() -> None:
    subject, options = sys.argv[1], json.loads(sys.argv[2])
    plan = Plan.quick() if options["quick"] else Plan.full()
    planted = options["plant"]
    rest = plant(planted)
    measure = importlib.import_module(f"bench.soak.{subject}").measure
    if subject in TAKE_A_PLANT:
        measure = partial(measure, plant=planted if subject == "lock" else rest)
    print(json.dumps(trio.run(measure, plan).as_dict()))


if __name__ == "__main__":
    main()
