"""Errors that need trio to be told apart."""

from __future__ import annotations

import trio

from zkwire._errors import Outcome, ZkwireError


class ConnectionClosed(ZkwireError, trio.ClosedResourceError):
    """This side closed the connection, before the request or while it waited.

    A ``trio.ClosedResourceError``, as trio has it for anything that its own user
    closed; ``outcome`` says what became of the request.
    """

    def __init__(self, *, outcome: Outcome) -> None:
        super().__init__(f"the connection was closed here (outcome: {outcome.value})")
        self.outcome = outcome


class InternalError(ZkwireError):
    """A defect of zkwire: a background task raised what it should have handled."""

    outcome = Outcome.UNKNOWN
