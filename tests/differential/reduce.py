"""Makes a sequence that shows a difference as short as it gets.

Hypothesis is not asked to: a sequence is done as a whole, at its end, where all steps have been
drawn, and leaving one out would have it draw another in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from differential.compare import Differs
from differential.steps import Step

Run = Callable[[Sequence[Step]], None]


def run_and_reduce(run: Run, steps: Sequence[Step]) -> None:
    """Do the steps; if servers differ, find the fewest of them with which they still do.

    Raises:
        Differs: in its shortest form.
    """
    try:
        run(steps)
    except Differs as difference:
        found = difference
    else:
        return
    shortest = list(steps)
    size = len(shortest)
    while size := size // 2:
        removed = True
        while removed:
            removed = False
            start = 0
            while start < len(shortest):
                fewer = shortest[:start] + shortest[start + size :]
                try:
                    run(fewer)
                except Differs as difference:
                    found, shortest, removed = difference, fewer, True
                else:
                    start += size
            removed = removed and size == 1
    raise found
