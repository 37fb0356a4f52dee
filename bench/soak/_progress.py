"""What goes on meanwhile, for whoever waits; results go to standard output alone."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
