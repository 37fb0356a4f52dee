"""What can be said about a connection before it is opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypedDict, Unpack, cast

from zkwire._arguments import (
    INT64_MAX,
    MAX_SESSION_TIMEOUT,
    require_instance,
    require_int,
    require_seconds,
)
from zkwire._errors import InvalidArgumentType
from zkwire._models import SessionCredentials
from zkwire._proto._framing import DEFAULT_MAX_INBOUND_FRAME
from zkwire._proto._protocol import DEFAULT_MAX_OUTBOUND_FRAME, FIRST_XID, MAX_XID
from zkwire._trio._sasl import SaslMechanism
from zkwire._trio._session_watches import SessionWatches
from zkwire._types import NO_ZXID, Xid, Zxid

DEFAULT_SESSION_TIMEOUT: Final = 10.0
DEFAULT_CLOSE_GRACE: Final = 1.0
DEFAULT_MAX_IN_FLIGHT: Final = 16 * 1024
"""Requests.  A guard of memory: callers beyond it wait before they are queued."""

MIN_FRAME_LIMIT: Final = 1024
"""Bytes; below it not even a handshake with a long password fits."""
MAX_FRAME_LIMIT: Final = 2**31 - 1


class ConnectionOptions(TypedDict, total=False):
    """Keyword arguments of ``open_connection`` and ``open_connection_over``, all optional."""

    session_timeout: float
    """Seconds to ask for, 10 unless given.  The server holds them to its limits, and
    ``connection.session.negotiated_timeout`` says what it made of them.  Also how
    long the server may take to answer the handshake."""

    credentials: SessionCredentials | None
    """Those of a session to attach to; None opens a new one."""

    last_zxid: Zxid
    """The highest that the session has seen.  A server that is behind it closes the
    connection, so that time does not run backwards."""

    first_xid: Xid
    """The number of the first request, 1 unless given.  A session that goes on over
    another connection must go on counting, from the old one's ``next_xid``: members
    of an ensemble match a committed write with a waiting request by session and
    number, and close the connection on which the two get mixed up (with 3.8.6 and
    3.9.5 about every second time that a write was still under way)."""

    watches: SessionWatches | None
    """Those of the session to attach to.  They are set again, and are still their
    owner's when the connection ends; without them the connection has its own, which
    end with it."""

    auth: Sequence[tuple[str, bytes]]
    """Scheme and credential of each identity to add, in this order, before anything
    else.  Identities belong to a connection: they are sent on each one anew."""

    sasl: SaslMechanism | None
    """Makes the client's side of a SASL exchange, to go through before anything else:
    ``zkwire.sasl`` has some.  Called once for each connection, with the host as written."""

    read_only: bool
    """Whether a read-only server will do."""

    close_grace: float
    """Seconds that ending the session may take, 1 unless given."""

    max_in_flight: int
    """Requests without an answer, at least 1; callers beyond it wait in line."""

    max_inbound_frame: int
    """Bytes, at least 1024, 8 MiB unless given; a longer frame costs the connection."""

    max_outbound_frame: int
    """Bytes, at least 1024, the servers' 1,048,575 unless given.  A longer request is
    refused here; servers close the connection on a frame over their jute.maxbuffer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOptions:
    """The same, complete and checked."""

    session_timeout: float = DEFAULT_SESSION_TIMEOUT
    credentials: SessionCredentials | None = None
    last_zxid: Zxid = NO_ZXID
    first_xid: Xid = FIRST_XID
    watches: SessionWatches | None = None
    auth: Sequence[tuple[str, bytes]] = field(default=(), repr=False)
    sasl: SaslMechanism | None = field(default=None, repr=False)
    read_only: bool = False
    close_grace: float = DEFAULT_CLOSE_GRACE
    max_in_flight: int = DEFAULT_MAX_IN_FLIGHT
    max_inbound_frame: int = DEFAULT_MAX_INBOUND_FRAME
    max_outbound_frame: int = DEFAULT_MAX_OUTBOUND_FRAME

    def __post_init__(self) -> None:
        require_seconds("session_timeout", self.session_timeout, most=MAX_SESSION_TIMEOUT)
        if self.credentials is not None:
            require_instance("credentials", self.credentials, SessionCredentials)
            require_int("credentials.id", self.credentials.id, least=-INT64_MAX - 1, most=INT64_MAX)
            require_instance("credentials.password", self.credentials.password, bytes)
        require_int("last_zxid", self.last_zxid, least=0, most=INT64_MAX)
        require_int("first_xid", self.first_xid, least=FIRST_XID, most=MAX_XID)
        if self.watches is not None:
            require_instance("watches", self.watches, SessionWatches)
        object.__setattr__(self, "auth", _identities(self.auth))
        _require_mechanism(self.sasl)
        require_instance("read_only", self.read_only, bool)
        require_seconds("close_grace", self.close_grace, most=MAX_SESSION_TIMEOUT)
        require_int("max_in_flight", self.max_in_flight, least=1)
        for name in ("max_inbound_frame", "max_outbound_frame"):
            require_int(name, getattr(self, name), least=MIN_FRAME_LIMIT, most=MAX_FRAME_LIMIT)


def check_options(**options: Unpack[ConnectionOptions]) -> None:
    """Refuse what ``open_connection`` would refuse, long before there is a server to ask.

    Raises:
        InvalidArgument: an option is out of range.
        InvalidArgumentType: an option is of another type.
    """
    CheckedOptions(**options)


def _require_mechanism(sasl: object) -> None:
    """Refuse a client that is made already: the next connection would need another."""
    if sasl is not None and not callable(sasl):
        raise InvalidArgumentType(
            f"sasl: must be callable, to make a SaslClient, not {type(sasl).__name__}"
        )


def _identities(auth: object) -> tuple[tuple[str, bytes], ...]:
    """``auth``, checked; no message shows a credential."""
    if isinstance(auth, str | bytes) or not isinstance(auth, Iterable):
        raise InvalidArgumentType(f"auth: must be a sequence of pairs, not {type(auth).__name__}")
    checked: list[tuple[str, bytes]] = []  # auth is not read again: it may be an iterator
    for index, pair in enumerate(cast("Iterable[object]", auth)):
        match pair:
            case (str() as scheme, bytes() as credential):
                checked.append((scheme, credential))
            case _:
                message = f"auth[{index}]: must be a scheme (str) and a credential (bytes)"
                raise InvalidArgumentType(message)
    return tuple(checked)
