"""Every change of state, to everybody who asks, without loss and without a queue to fill.

Changes form a linked list of which each reader holds its own place.  A slow reader
keeps alive what it has not read, and nobody else's; with no reader nothing is kept.
A bounded channel would lose the one event that matters behind many that do not,
and an unbounded one for each reader would copy them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, final

import trio

from coordinator._occasion import Occasion
from coordinator._state import TERMINAL, State
from zkwire import SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of state.

    Attributes:
        previous: the state before.
        state: the state after.
        at: when, by ``trio.current_time()``; never smaller than the one before.
        cause: the exception behind the change, if there is one.
        session_id: the session that it is about, once there is one.
    """

    previous: State
    state: State
    at: float
    cause: Exception | None
    session_id: SessionId | None


class _Link:
    """A place in the list: what came next, once it has."""

    __slots__ = ("arrived", "following", "transition")

    def __init__(self) -> None:
        self.arrived = Occasion()
        self.transition: Transition | None = None
        self.following: _Link | None = None


class TransitionLog:
    """Where changes are written; readers come and go."""

    def __init__(self) -> None:
        self._end = _Link()

    def append(self, transition: Transition) -> None:
        """Write a change, and wake every reader."""
        link, self._end = self._end, _Link()
        link.transition = transition
        link.following = self._end
        link.arrived.set()

    def read(self) -> Transitions:
        """A reader of everything from now on."""
        return Transitions(self._end)


@final
class Transitions:
    """The changes of state since it was made, oldest first; ends behind a terminal one."""

    def __init__(self, place: _Link | None) -> None:
        self._place: _Link | None = place

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Transition:
        """Wait for the next change; a checkpoint, and cancelling it loses nothing."""
        await trio.lowlevel.checkpoint()
        # The place is looked up again after each wait: where tasks share a reader,
        # another may have taken the change, and each change goes to one of them.
        while (place := self._place) is not None:
            if (transition := place.transition) is None:
                await place.arrived.event.wait()
                continue
            self._place = None if transition.state in TERMINAL else place.following
            return transition
        raise StopAsyncIteration
