"""Ending a session from outside, as its expiry would: attach to it, and close it.

A close that a server has read takes effect whoever owns the session by then
(PrepRequestProcessor does not ask), so a client that keeps coming back can only win the moment
between our handshake and our request; then the next attempt follows at once.
"""

from __future__ import annotations

import socket
import time
from enum import Enum
from typing import TYPE_CHECKING, Final

from zkwire._arguments import require_int
from zkwire._errors import SessionExpired, SessionMoved
from zkwire._models import SessionCredentials
from zkwire._proto._events import (
    HandshakeFailed,
    PeerFailed,
    ReplyReceived,
    SessionClosed,
    SessionOpened,
    WatchFired,
)
from zkwire._proto._protocol import ZkProtocol
from zkwire._types import SessionId
from zkwire.testing._launcher._waiting import pause
from zkwire.testing._launcher._words import split_address
from zkwire.testing._session_password import session_password

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

END_LIMIT: Final = 30.0
"""Seconds for a session to be gone: an election may have to come first."""

# Seconds for the whole talk with one server; one without a majority is silent for longer.
_ATTEMPT_LIMIT: Final = 5.0
# Seconds; of no account for a session that ends, and within every server's limits.
_ASKED_TIMEOUT: Final = 4.0


class _Answer(Enum):
    ENDED = "ended"
    UNKNOWN = "unknown"  # there is no such session, or no longer
    LOST = "lost"  # attached, but cut before the reply to our request


class _UnusableError(Exception):
    """The server serves nobody now, or broke the protocol."""


def end_session(addresses: Sequence[str], session_id: int) -> None:
    """End a session, and wait until each of these servers has applied that.

    Raises:
        TypeError: The number is not an int.
        ValueError: It is 0, or does not fit 64 bits.
        LookupError: No server knows the session.
        TimeoutError: It could not be ended within 30 seconds.
        zkwire.ReplyError: A server refused, such as one that wants SASL first.
    """
    credentials = _credentials(session_id)
    deadline = time.monotonic() + END_LIMIT
    attached_at: set[str] = set()
    faults: dict[str, str] = {}
    while time.monotonic() < deadline:
        unknown = 0
        for address in addresses:
            try:
                answer = _open_and_close(address, credentials)
            except (OSError, _UnusableError) as error:
                faults[address] = str(error)
                continue
            if answer is _Answer.LOST:
                attached_at.add(address)
            elif answer is _Answer.ENDED:
                _wait_until_applied(each for each in addresses if each != address)
                return
            elif address in attached_at:
                # An earlier request of ours was read, and a leader refuses before it commits.
                _wait_until_applied(addresses)
                return
            else:
                unknown += 1
        # A server knows the local sessions of no other, so a single refusal decides nothing.
        if unknown == len(addresses):
            raise LookupError(f"no session {credentials} at {', '.join(addresses)}")
        pause(0 if attached_at else 0.05)
    raise TimeoutError(f"session {credentials} was not ended within {END_LIMIT:g} s; {faults}")


def _credentials(session_id: int) -> SessionCredentials:
    require_int("session_id", session_id, least=-(1 << 63), most=(1 << 64) - 1)
    if session_id == 0:
        raise ValueError("session_id: 0 is no session's number")
    signed = (session_id + (1 << 63)) % (1 << 64) - (1 << 63)
    return SessionCredentials(id=SessionId(signed), password=session_password(signed))


def _open_and_close(address: str, credentials: SessionCredentials | None) -> _Answer:
    """Attach to this session, or open a new one, and close it.

    Raises:
        OSError: The server cannot be reached, or does not answer in time.
        _UnusableError: It ended the connection at the handshake, or broke the protocol.
        zkwire.ReplyError: It refused to close the session.
    """
    deadline = time.monotonic() + _ATTEMPT_LIMIT
    protocol = ZkProtocol(
        session_timeout=_ASKED_TIMEOUT, now=time.monotonic(), credentials=credentials
    )
    try:
        with socket.create_connection(split_address(address), _ATTEMPT_LIMIT) as connection:
            while True:
                connection.sendall(protocol.data_to_send(time.monotonic()))
                connection.settimeout(max(deadline - time.monotonic(), 0.001))
                if not (data := connection.recv(65_536)):
                    break
                if (answer := _take(protocol, data)) is not None:
                    return answer
    except OSError:
        if protocol.session is None:
            raise
    if protocol.session is None:
        raise _UnusableError("it ended the connection at the handshake")
    return _Answer.LOST


def _take(protocol: ZkProtocol, data: bytes) -> _Answer | None:
    for event in protocol.receive_data(data, time.monotonic()):
        match event:
            case SessionOpened():
                protocol.close(None)
            case SessionClosed():
                return _Answer.ENDED
            case HandshakeFailed(error=SessionExpired()):
                return _Answer.UNKNOWN
            case HandshakeFailed(error=error) | PeerFailed(error=error):
                raise _UnusableError(str(error)) from error
            case ReplyReceived(error=SessionExpired() | SessionMoved()):
                return _Answer.LOST
            case ReplyReceived(error=error):
                if error is not None:
                    raise error
            case WatchFired():  # of a watch that the owner's next connection has set again
                pass
    return None


def _wait_until_applied(addresses: Iterable[str]) -> None:
    """See to it that no server shows the ended session's nodes any more.

    A member grants a new session once it has applied its creation, which comes behind
    everything that was committed before; members apply in the order of commits.
    """
    for address in addresses:
        try:
            _open_and_close(address, None)
        except (OSError, _UnusableError):
            continue  # it serves nobody, so it shows nobody anything
