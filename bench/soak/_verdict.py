"""What a run has shown: one form for the terminal, the JSON and the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """What became of a claim."""

    PASS = "PASS"
    FAIL = "FAIL"
    INVALID = "INVALID"
    """Not held, but the run could not have shown otherwise."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One promise with its pass figure, and what was measured."""

    text: str
    measured: str
    verdict: Verdict

    @classmethod
    def judged(cls, text: str, measured: str, *, met: bool, doubts: Sequence[str] = ()) -> Claim:
        """A broken promise is one in a doubtful run too; a kept one proves nothing in it."""
        if not met:
            return cls(text, "; ".join([measured, *doubts]), Verdict.FAIL)
        if doubts:
            return cls(text, "; ".join([measured, *doubts]), Verdict.INVALID)
        return cls(text, measured, Verdict.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One subject's outcome."""

    subject: str
    title: str
    claims: Sequence[Claim]
    table: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    server: str = ""
    raw: dict[str, object] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return worst(claim.verdict for claim in self.claims)

    def as_dict(self) -> dict[str, object]:
        return {
            "subject": self.subject,
            "title": self.title,
            "verdict": self.verdict.value,
            "server": self.server,
            "claims": [[c.text, c.measured, c.verdict.value] for c in self.claims],
            "table": [list(row) for row in self.table],
            "notes": list(self.notes),
            "raw": self.raw,
        }


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Of several; of none INVALID, since nothing was shown."""
    found = set(verdicts)
    for verdict in (Verdict.FAIL, Verdict.INVALID, Verdict.PASS):
        if verdict in found:
            return verdict
    return Verdict.INVALID
