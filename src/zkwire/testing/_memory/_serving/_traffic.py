"""What a member counts, for the words that tell of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Traffic:
    """Frames received and sent."""

    received: int = 0
    sent: int = 0
