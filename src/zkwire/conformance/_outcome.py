"""What became of a check, and of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from zkwire.conformance._check import Check
from zkwire.conformance._target import Target


class Verdict(Enum):
    """How a check ended."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not applicable"
    ERROR = "error"

    @property
    def unexpected(self) -> bool:
        """Whether somebody should look at it."""
        return self in {Verdict.FAIL, Verdict.ERROR}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check's verdict and what came back."""

    check: Check
    verdict: Verdict
    observed: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """A run: its outcomes in the order of the checks, and what it left behind."""

    target: Target
    outcomes: Sequence[Outcome]
    left_behind: Sequence[str] = ()
    gone: Sequence[str] = ()

    @property
    def unexpected(self) -> list[Outcome]:
        """The outcomes that somebody should look at."""
        return [outcome for outcome in self.outcomes if outcome.verdict.unexpected]

    @property
    def applicable(self) -> bool:
        """Whether any check says something about this server."""
        return any(outcome.verdict is not Verdict.NOT_APPLICABLE for outcome in self.outcomes)

    @property
    def clean(self) -> bool:
        """Something was checked, nothing was unexpected, nothing was left behind."""
        return self.applicable and not self.unexpected and not self.left_behind

    def count(self, verdict: Verdict) -> int:
        """How many checks ended so."""
        return sum(outcome.verdict is verdict for outcome in self.outcomes)
