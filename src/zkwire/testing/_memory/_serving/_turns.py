"""The order of one connection's replies.

Requests are answered in the order in which they came: what comes behind a write waits until
the write is committed, reads and pings too (CommitProcessor).  Only auth and sasl, which the
servers' network threads answer themselves, overtake.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

Answer: TypeAlias = Callable[[], None]


class Turn:
    """A place in the order."""

    __slots__ = ("answer",)

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer


class Turns:
    """The requests of a connection that are not answered yet."""

    def __init__(self) -> None:
        self._waiting: deque[Turn] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, answer: Answer) -> None:
        """Answer behind all that wait: now, if nothing does."""
        if self._waiting:
            self._waiting.append(Turn(answer))
        else:
            answer()

    def reserve(self) -> Turn:
        """A place for an answer that is yet to come."""
        turn = Turn()
        self._waiting.append(turn)
        return turn

    def settle(self, turn: Turn, answer: Answer) -> None:
        """The answer has come: give it once its turn is there, and what waited for it."""
        turn.answer = answer
        while self._waiting and (answer_now := self._waiting[0].answer) is not None:
            self._waiting.popleft()
            answer_now()

    def forget(self) -> None:
        """Answer none of them."""
        self._waiting.clear()
