"""Where a coordinator stands: the one place that changes its state, and tells of it."""

from __future__ import annotations

import logging
from typing import Final

import trio

from coordinator._cell import Cell
from coordinator._instrument import Telling
from coordinator._occasion import Occasion
from coordinator._state import LEADS_TO, State
from coordinator._statistics import Counters
from coordinator._transitions import Transition, TransitionLog
from zkwire import SessionId

_log: Final = logging.getLogger("coordinator")


class Epochs:
    """What is set in the present epoch.

    An occasion is set when its state is entered.  When that is over, a new event takes
    the place of its own, so that ``await lost.wait()`` means the next loss, and whoever
    waits on the old event has it for good: a change cannot be missed between
    looking and waiting.
    """

    __slots__ = ("connected", "expired", "lost", "reconnected", "suspended")

    def __init__(self) -> None:
        self.connected = Occasion()
        self.suspended = Occasion()
        self.lost = Occasion()
        self.expired = Occasion()
        self.reconnected = Occasion()

    def turn(self, previous: State, state: State) -> None:
        """Set and renew what a change of state touches."""
        match state:
            case State.CONNECTED | State.READ_ONLY:
                self.suspended.renew()
                self.lost.renew()
                self.expired.renew()
                self.connected.set()
                if previous in {State.SUSPENDED, State.LOST}:
                    self.reconnected.set()
            case State.SUSPENDED:
                self.connected.renew()
                self.reconnected.renew()
                self.suspended.set()
            case State.LOST:
                self.lost.set()
            case State.EXPIRED:
                # Even where the server's word came before the loss was due: who waits
                # for the loss alone must not go on with a session that is gone.
                self.lost.set()
                self.expired.set()
            case State.CONNECTING:
                self.connected.renew()
            case State.AUTH_FAILED | State.CLOSED:
                self.connected.renew()


class Status:
    """State, events and log of one coordinator."""

    def __init__(self, telling: Telling | None = None) -> None:
        self._telling = telling or Telling(None)
        self.counters = Counters()
        self.cell = Cell(State.CONNECTING)
        self.epochs = Epochs()
        self.log = TransitionLog()
        self._last_at = float("-inf")

    @property
    def state(self) -> State:
        """The state now."""
        return self.cell.value

    def move(
        self, state: State, *, cause: Exception | None = None, session_id: SessionId | None = None
    ) -> None:
        """Change the state.

        Raises:
            RuntimeError: ``state`` cannot follow; nothing has changed.
        """
        previous = self.state
        if state not in LEADS_TO[previous]:
            raise RuntimeError(f"{state.value!r} cannot follow {previous.value!r}")
        self._last_at = max(self._last_at, trio.current_time())
        transition = Transition(
            previous=previous,
            state=state,
            at=self._last_at,
            cause=cause,
            session_id=session_id,
        )
        # Events before the cell: a task that the cell wakes finds them turned.
        self.epochs.turn(previous, state)
        self.log.append(transition)
        self.cell.set(state)
        self.counters.entered(previous, state)
        self._telling.transition(transition)
        _log.info("%s -> %s%s", previous.value, state.value, f": {cause}" if cause else "")
