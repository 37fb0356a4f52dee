"""Interleaved rounds: A B A B, so that a slow minute of the machine falls on both."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bench.harness.contender import NotMeasured, Sample, run_contender

Rounds = dict[str, list[Sample]]
"""Samples of each contender, in round order: the same index is the same round."""


def interleave(
    module: str,
    contenders: Sequence[str],
    rounds: int,
    **options: object,
) -> tuple[Rounds, dict[str, str]]:
    """Run every contender once a round.

    Returns:
        The samples, and for each contender that cannot run here the reason.
    """
    samples: Rounds = {name: [] for name in contenders}
    missing: dict[str, str] = {}
    for number in range(rounds):
        # Turned about each round: whoever goes second finds the caches warm.
        for name in contenders if number % 2 == 0 else reversed(contenders):
            if name in missing:
                continue
            try:
                samples[name].append(_run_twice(module, name, options))
            except NotMeasured as error:
                missing[name] = str(error)
        print(f"  {module}: round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    for name in missing:
        del samples[name]
    return samples, missing


def _run_twice(module: str, name: str, options: dict[str, object]) -> Sample:
    """Run it, and once more if it fails: where others hold the cores, sessions get lost."""
    try:
        return run_contender(module, name, **options)
    except RuntimeError as error:
        print(f"  {error}; once more", file=sys.stderr, flush=True)
    return run_contender(module, name, **options)


def paired(samples: Rounds, figure: str, above: str, below: str) -> list[float]:
    """The ratio of one contender's figure to another's, round by round."""
    if above not in samples or below not in samples:
        return []
    pairs = zip(samples[above], samples[below], strict=True)
    return [over[figure] / under[figure] for over, under in pairs]
