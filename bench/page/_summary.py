"""Five lines that say what came out; every figure is computed from the samples."""

from __future__ import annotations

from math import inf
from statistics import median
from typing import Any

from bench.harness.contender import SPEED
from bench.harness.outcome import MET, NOT_MEASURED, NOT_MET
from bench.harness.report import number
from bench.page._loads import chosen, measures
from bench.page._read import Subject, samples
from bench.timeouts._moves import KILLED

_OURS = "coordinator"


def summary(subjects: list[Subject]) -> list[str]:
    """One line each for the goals, detection, loss, fail-over and speed."""
    return [
        _goals(subjects),
        _detection(samples(subjects, "detection").get("fraction") or {}),
        _lost(samples(subjects, "lost")),
        _failover(samples(subjects, "failover")),
        _speed(subjects),
    ]


def _goals(subjects: list[Subject]) -> str:
    found = [goal["verdict"] for each in subjects for goal in each.get("goals") or ()]
    counts = [f"{found.count(verdict)} {verdict}" for verdict in (MET, NOT_MET, NOT_MEASURED)]
    return f"**Goals**: of {len(found)}, {', '.join(counts)}."


def _detection(fractions: dict[str, Any]) -> str:
    middles = {}
    for name, by_timeout in fractions.items():
        if told := [_never(each) for found in by_timeout.values() for each in found]:
            middles[name] = median(told)
    return _beside(
        "A silent connection", "is noticed after {} of the session timeout", middles, _OURS
    )


def _lost(margins: dict[str, Any]) -> str:
    counts: dict[str, tuple[int, int]] = {}
    for found in margins.values():
        for name, values in found.items():
            early, of = counts.get(name, (0, 0))
            early += sum(each is not None and each > 0 for each in values)
            counts[name] = (early, of + len(values))
    said = [f"{_label(name)} {early} of {of}" for name, (early, of) in counts.items() if of]
    text = ", ".join(said) or NOT_MEASURED
    return f"**A lost session**, known before the server gave its node away: {text}."


def _failover(faults: dict[str, Any]) -> str:
    middles = {
        name: median(_never(each["seconds"]) for each in trials) * 1000
        for name, trials in faults.get(KILLED, {}).items()
        if trials
    }
    return _beside("A killed follower", "is made up for after {} ms", middles, _OURS)


def _speed(subjects: list[Subject]) -> str:
    gets = chosen(measures(subjects), lambda each: each.op == "get" and each.in_flight > 1)
    if not gets:
        return f"**Pipelined gets**: {NOT_MEASURED}."
    most = max(each.in_flight for each in gets)
    parts = []
    for each in gets:
        if each.in_flight == most:
            middles = {name: median(found) for name, found in each.figure(SPEED).items()}
            said = ", ".join(f"{_label(name)} {number(value)}" for name, value in middles.items())
            parts.append(f"{each.server or 'one server'}: {said}")
    return f"**Pipelined gets** a second, {most:,} in flight; {'; '.join(parts)}."


def _never(value: float | None) -> float:
    """What never happened took longer than all that did."""
    return inf if value is None else value


def _number(value: float) -> str:
    return "never" if value == inf else number(value)


def _label(name: str) -> str:
    """The name without the comma, which parts the names from one another."""
    first, comma, rest = name.partition(", ")
    return f"{first} ({rest})" if comma else name


def _beside(title: str, text: str, middles: dict[str, float], ours: str) -> str:
    if not middles:
        return f"**{title}**: {NOT_MEASURED}."
    others = ", ".join(f"{name} {_number(each)}" for name, each in middles.items() if name != ours)
    own = _number(middles[ours]) if ours in middles else NOT_MEASURED
    beside = f"; {others}" if others else ""
    return f"**{title}** {text.format('a median of ' + own)} by {ours}{beside}."
