"""Everything that zkwire raises by itself.  A leaf.

::

    ZkwireError
     +-- ReplyError                 the server answered with an error code
     |    +-- NoNode, BadVersion, ... one class for each code
     |    +-- UnknownReplyError     a code that this release does not know
     +-- ConnectionLost             the connection died; ``outcome`` says what that means
     +-- ServerUnusable             the server will not serve this client; another may
     +-- InvalidArgument            refused here, before a byte was written (also a ValueError)
     +-- InvalidArgumentType        likewise (also a TypeError)
     +-- LocalProtocolError         used in a way that the protocol forbids
     +-- RemoteProtocolError        the peer broke the protocol

Each carries an ``Outcome``: what may have become of the request.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import ClassVar, Final


class Outcome(Enum):
    """What a failed request may have done."""

    REFUSED = "refused"
    """The server answered with an error: nothing was applied."""

    NOT_SENT = "not sent"
    """No byte of it reached the wire."""

    UNKNOWN = "unknown"
    """Written, and the connection died before the answer: look before trying again."""


class ZkwireError(Exception):
    """Root of zkwire's exceptions."""

    outcome: Outcome = Outcome.NOT_SENT


class ConnectionLost(ZkwireError):
    """The connection died.  ``__cause__`` says of what, ``outcome`` what that means."""

    def __init__(self, message: str, *, outcome: Outcome) -> None:
        super().__init__(f"{message} (outcome: {outcome.value})")
        self.outcome = outcome


class ServerUnusable(ZkwireError):
    """This server will not serve this client now; another member of the ensemble may.

    A bare close during the handshake (server not running, client ahead of the
    server's zxid, throttling, connection limits) and the error header that some
    read-only servers send in place of a handshake reply look like this.
    """


class InvalidArgument(ZkwireError, ValueError):
    """An argument breaks a rule of the protocol; nothing was sent."""


class InvalidArgumentType(ZkwireError, TypeError):
    """An argument is of a type that cannot be encoded; nothing was sent."""


class LocalProtocolError(ZkwireError):
    """The caller used a connection in a way that the protocol forbids."""


class RemoteProtocolError(ZkwireError):
    """The peer broke the protocol; its connection is of no further use.

    ``offset`` counts the bytes received on the connection before the frame or
    field at fault, where that is known.
    """

    outcome = Outcome.UNKNOWN

    def __init__(self, message: str, *, offset: int | None = None) -> None:
        super().__init__(message if offset is None else f"{message} (at byte {offset})")
        self.reason = message
        self.offset = offset


class FrameStalled(ZkwireError, TimeoutError):
    """The server fell silent in the middle of a frame, such as a reply too long for the line."""

    outcome = Outcome.UNKNOWN


class ReplyError(ZkwireError):
    """The server answered a request with an error code: nothing was applied."""

    code: ClassVar[int]
    outcome = Outcome.REFUSED
    index: int | None = None
    """Which operation of a multi failed."""
    results: Sequence[object] = ()
    """All results of a multi that failed: values, and errors for those that were not applied."""

    def __init__(self, path: str | None = None, *, outcome: Outcome = Outcome.REFUSED) -> None:
        super().__init__(path)
        self.path = path
        self.outcome = outcome

    def __init_subclass__(cls, *, code: int | None = None) -> None:
        super().__init_subclass__()
        if code is None:
            return
        if code in _BY_CODE:
            raise TypeError(f"error code {code} belongs to {_BY_CODE[code].__name__}")
        cls.code = code
        _BY_CODE[code] = cls

    def __str__(self) -> str:
        about = (self.__doc__ or "").partition("\n")[0].rstrip(".")
        return f"{about}{f': {self.path}' if self.path is not None else ''} (code {self.code})"


_BY_CODE: Final[dict[int, type[ReplyError]]] = {}


class UnknownReplyError(ReplyError):
    """The server sent an error code that this release does not know.

    Raised instead of guessed at: the lookup of several clients dies on a code
    that a newer server added, and takes the connection with it.
    """

    def __init__(self, code: int, path: str | None = None) -> None:
        super().__init__(path)
        self.code = code  # type: ignore[misc]  # fixed for each other class, free here


def reply_error(code: int, path: str | None = None) -> ReplyError:
    """The exception for a reply's error code: total over all numbers."""
    cls = _BY_CODE.get(code)
    return UnknownReplyError(code, path) if cls is None else cls(path)


class RolledBack(ReplyError, code=0):
    """A later operation of the same multi failed, so this one was undone."""


class SystemFailure(ReplyError, code=-1):
    """The server reports a system error."""


class RuntimeInconsistency(ReplyError, code=-2):
    """An earlier operation of the same multi failed, so this one was not tried."""


class DataInconsistency(ReplyError, code=-3):
    """The server found its data inconsistent."""


class ServerConnectionLoss(ReplyError, code=-4):
    """The server reports a connection loss of its own."""


class MarshallingError(ReplyError, code=-5):
    """The server could not read the request."""


class Unimplemented(ReplyError, code=-6):
    """The server does not know this operation, or has it switched off."""


class OperationTimeout(ReplyError, code=-7):
    """The server gave up waiting."""


class BadArguments(ReplyError, code=-8):
    """The server found an argument invalid."""


class UnknownSession(ReplyError, code=-12):
    """The server does not know the session."""


class NewConfigNoQuorum(ReplyError, code=-13):
    """No quorum of the new configuration is connected and synced."""


class ReconfigInProgress(ReplyError, code=-14):
    """Another reconfiguration is in progress."""


class ApiError(ReplyError, code=-100):
    """The server reports an API error."""


class NoNode(ReplyError, code=-101):
    """No such node."""


class NoAuth(ReplyError, code=-102):
    """The ACL does not allow it."""


class BadVersion(ReplyError, code=-103):
    """The node has another version than the request named."""


class NoChildrenForEphemerals(ReplyError, code=-108):
    """An ephemeral node cannot have children."""


class NodeExists(ReplyError, code=-110):
    """The node exists already."""


class NotEmpty(ReplyError, code=-111):
    """The node has children."""


class SessionExpired(ReplyError, code=-112):
    """The session is gone, and its ephemeral nodes with it.

    Raised for a reply with this code, and by everything bound to a session once
    a server has refused that session in a handshake.  An expired session, an
    unknown id and a wrong password look the same on the wire.
    """


class InvalidCallback(ReplyError, code=-113):
    """The server reports an invalid callback."""


class InvalidAcl(ReplyError, code=-114):
    """The ACL is empty, or names a scheme or an id that the server refuses."""


class AuthFailed(ReplyError, code=-115):
    """The server refused the credentials."""


class SessionMoved(ReplyError, code=-118):
    """The session has moved to another server."""


class NotReadOnly(ReplyError, code=-119):
    """A read-only server does not take this operation."""


class EphemeralOnLocalSession(ReplyError, code=-120):
    """A local session cannot own ephemeral nodes."""


class NoWatcher(ReplyError, code=-121):
    """The server has no such watch of this connection."""


class RequestTimeout(ReplyError, code=-122):
    """The request timed out."""


class ReconfigDisabled(ReplyError, code=-123):
    """Reconfiguration is switched off on this server."""


class SessionClosedRequireSaslAuth(ReplyError, code=-124):
    """The server insists on authentication before anything else."""


class QuotaExceeded(ReplyError, code=-125):
    """The write would exceed a quota."""


class Throttled(ReplyError, code=-127):
    """The server is overloaded and did not execute the request; try later."""
