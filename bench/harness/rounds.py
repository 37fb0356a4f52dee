"""Interleaved rounds: A B A B, so that a slow minute of the machine falls on both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.harness.contender import ContenderFailed, NotMeasured, Sample
from bench.harness.plan import Say

Contender = Callable[[int], Mapping[str, Sample]]
"""Runs once, in the round of this number, and says what each operation took."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """What came of some rounds.

    Attributes:
        samples: of each operation, of each contender, in round order: the same index is the
            same round.
        missing: for each contender that is not in them, the reason.
    """

    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def interleave(
    contenders: Mapping[str, Contender],
    rounds: int,
    say: Say,
    what: str,
    missing: Mapping[str, str] | None = None,
) -> Rounds:
    """Run every contender once a round.

    One that cannot do it, or fails twice in a round, is left out from there on, and out of
    all rounds: a ratio wants both of a pair.

    Args:
        contenders: what to run; one may measure several operations, back to back.
        rounds: how many.
        say: told what is under way.
        what: the rounds' name.
        missing: those that are known not to be there, with the reasons.
    """
    found: dict[str, list[Mapping[str, Sample]]] = {name: [] for name in contenders}
    absent = dict(missing or {})
    for number in range(rounds):
        # Turned about each round: whoever goes second finds the caches warm.
        order = list(contenders) if number % 2 == 0 else list(reversed(contenders))
        for name in order:
            if name in absent:
                continue
            say(f"{what}: round {number + 1} of {rounds}: {name}")
            try:
                found[name].append(_run_twice(contenders[name], number, say, name))
            except NotMeasured as error:
                absent[name] = str(error)
            except ContenderFailed as error:
                absent[name] = f"failed twice in round {number + 1} of {rounds}: {error}"
                say(f"{name} {absent[name]}")
    samples: dict[str, dict[str, list[Sample]]] = {}
    for name, each_round in found.items():
        if name in absent:
            continue
        for sample in each_round:
            for operation, figures in sample.items():
                samples.setdefault(operation, {}).setdefault(name, []).append(figures)
    return Rounds(samples, absent)


def _run_twice(contender: Contender, number: int, say: Say, name: str) -> Mapping[str, Sample]:
    """Run it, and once more if it fails: where others hold the cores, sessions get lost."""
    try:
        return contender(number)
    except ContenderFailed as error:
        say(f"{name}: {error}; once more")
    return contender(number)


def paired(samples: Mapping[str, list[Sample]], figure: str, above: str, below: str) -> list[float]:
    """The ratio of one contender's figure to another's, round by round."""
    if above not in samples or below not in samples:
        return []
    pairs = zip(samples[above], samples[below], strict=True)
    return [over[figure] / under[figure] for over, under in pairs]
