"""How much to measure.

Numbers that belong to one kind of subject are with those: ``bench/speed/_plan.py`` and
``bench/timeouts/_plan.py``, both by the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["look", "short", "full"]
"""A look shows that it works, in seconds for each subject, and proves nothing."""

Say: TypeAlias = Callable[[str], None]
"""Tells whoever waits what is under way, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every subject is told."""

    form: Form
    peers: tuple[str, ...] | None = None
    """The peers to measure; None for all."""

    def chosen(self, names: Iterable[str]) -> list[str]:
        """Those of these peers that are to be measured, in their order."""
        return [name for name in names if self.peers is None or name in self.peers]
