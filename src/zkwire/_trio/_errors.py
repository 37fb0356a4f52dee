"""Errors that need trio to be told apart."""

from __future__ import annotations

import trio

from zkwire._errors import ConnectionLost, Outcome, ServerUnusable, ZkwireError


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


def handshake_failure(error: Exception) -> ZkwireError:
    """Say what it means that a connection ended in place of an answer to the handshake."""
    if isinstance(error, TimeoutError):
        message = "the server did not answer the handshake"
        return ConnectionLost(message, outcome=Outcome.NOT_SENT)
    # An end of stream and a reset are one and the same to the server: it closes, and which of
    # them TCP makes of it depends on what it had read by then.
    message = "the server closed the connection in place of an answer to the handshake"
    if error.__cause__ is not None:  # such as the server's objection in TLS
        message = f"{message}: {error.__cause__}"
    return ServerUnusable(message)
