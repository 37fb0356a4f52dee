"""The life of one connection, as a table.

Requests and replies do not move it; only these do:

=============  =======================================================
OPENED         the handshake was answered with a session
REFUSED        the handshake was answered with anything else
AUTHENTICATE   a SASL exchange comes before everything else
AUTHENTICATED  it is over
CLOSE          this side asks to end the session
CLOSE_REPLIED  the server has ended it
FAILED         end of stream, silence, an I/O error, or a peer's fault
=============  =======================================================

A pair that has no row is an error, and changes nothing.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import Final

from zkwire._errors import LocalProtocolError


class State(Enum):
    """Where a connection stands."""

    CONNECTING = "connecting"
    """The handshake is sent; nothing may follow it.  If more were sent and the
    server refused the session and closed, TCP would reset the connection and the
    refusal could be lost (ClientCnxnSocketNIO.java)."""

    AUTHENTICATING = "authenticating"
    """A SASL exchange runs; nothing else may be sent, not even a ping or closeSession
    (ClientCnxnSocketNIO.java holds its whole queue back)."""

    ACTIVE = "active"
    CLOSING = "closing"
    """closeSession is sent; replies to what went before it still arrive."""

    CLOSED = "closed"
    DEAD = "dead"


class Input(Enum):
    """What moves a connection."""

    OPENED = "opened"
    REFUSED = "refused"
    AUTHENTICATE = "authenticate"
    AUTHENTICATED = "authenticated"
    CLOSE = "close"
    CLOSE_REPLIED = "close replied"
    FAILED = "failed"


TRANSITIONS: Final = MappingProxyType(
    {
        (State.CONNECTING, Input.OPENED): State.ACTIVE,
        (State.CONNECTING, Input.REFUSED): State.DEAD,
        (State.CONNECTING, Input.FAILED): State.DEAD,
        (State.ACTIVE, Input.AUTHENTICATE): State.AUTHENTICATING,
        (State.AUTHENTICATING, Input.AUTHENTICATED): State.ACTIVE,
        (State.AUTHENTICATING, Input.FAILED): State.DEAD,
        (State.ACTIVE, Input.CLOSE): State.CLOSING,
        (State.ACTIVE, Input.FAILED): State.DEAD,
        (State.CLOSING, Input.CLOSE_REPLIED): State.CLOSED,
        (State.CLOSING, Input.FAILED): State.DEAD,
        # What a closed or dead connection still hears of changes nothing.
        (State.CLOSED, Input.FAILED): State.CLOSED,
        (State.DEAD, Input.FAILED): State.DEAD,
    }
)


def after(state: State, event: Input) -> State:
    """The state that follows.

    Raises:
        LocalProtocolError: nothing of the kind can happen in ``state``.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise LocalProtocolError(
            f"{event.value!r} cannot happen to a connection that is {state.value}"
        ) from None
