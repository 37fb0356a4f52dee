"""How a connection is made."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import trio

from zkwire._arguments import MAX_SESSION_TIMEOUT, require_instance, require_seconds
from zkwire._errors import InvalidArgument
from zkwire._models import SessionCredentials
from zkwire._proto._framing import DEFAULT_MAX_INBOUND_FRAME
from zkwire._proto._protocol import DEFAULT_MAX_OUTBOUND_FRAME, ZkProtocol
from zkwire._trio._connection import Connection
from zkwire._trio._nursery import as_service, service_nursery
from zkwire._trio._watch import SessionWatches
from zkwire._types import NO_ZXID, Zxid

DEFAULT_PORT: Final = 2181
DEFAULT_SESSION_TIMEOUT: Final = 10.0
DEFAULT_CLOSE_GRACE: Final = 1.0
DEFAULT_MAX_IN_FLIGHT: Final = 16 * 1024
"""Requests.  A guard of memory: callers beyond it wait before they are queued."""


@asynccontextmanager
async def open_connection(
    host: str,
    port: int = DEFAULT_PORT,
    *,
    session_timeout: float = DEFAULT_SESSION_TIMEOUT,
    credentials: SessionCredentials | None = None,
    last_zxid: Zxid = NO_ZXID,
    watches: SessionWatches | None = None,
    read_only: bool = False,
    close_grace: float = DEFAULT_CLOSE_GRACE,
    max_in_flight: int = DEFAULT_MAX_IN_FLIGHT,
    max_inbound_frame: int = DEFAULT_MAX_INBOUND_FRAME,
    max_outbound_frame: int = DEFAULT_MAX_OUTBOUND_FRAME,
) -> AsyncGenerator[Connection]:
    """Connect to one server, and open a session or attach to one.

    Entering and leaving are checkpoints.  Entering may be cancelled at any point
    and leaves no socket behind, though the server may have opened a session that
    then runs into its timeout.  Leaving ends the session, unless it was detached
    or is lost; it takes at most ``close_grace``, even where the block was cancelled.

    Args:
        host: a name or an address.
        port: 1 to 65535.
        session_timeout: seconds to ask for; the server holds them to its limits,
            and ``connection.session.negotiated_timeout`` says what it made of them.
            Also how long the server may take to answer the handshake.
        credentials: those of a session to attach to; None opens a new one.
        last_zxid: the highest that the session has seen.  A server that is behind
            it closes the connection, so that time does not run backwards.
        watches: those of the session to attach to.  They are set again, and are
            still its owner's when the connection ends; without them the
            connection has its own, which end with it.
        read_only: whether a read-only server will do.
        close_grace: seconds that ending the session may take.
        max_in_flight: requests without an answer, beyond which callers wait.
        max_inbound_frame: bytes; a longer frame costs the connection.
        max_outbound_frame: bytes; a longer request is refused here.  Servers close
            the connection on a frame over their jute.maxbuffer.

    Yields:
        The connection, with its session open.

    Raises:
        OSError: no connection could be made.
        SessionExpired: the session to attach to is gone, or is not these credentials'.
        ServerUnusable: the server will not serve this client.
        ConnectionLost: the connection died, or the server was silent, before its answer.
        RemoteProtocolError: what answered does not speak the protocol.
        InvalidArgument: an argument is out of range.
    """
    require_instance("host", host, str)
    if not 1 <= port <= 65535:
        raise InvalidArgument(f"port: must be 1 to 65535, not {port}")
    require_seconds("session_timeout", session_timeout, most=MAX_SESSION_TIMEOUT)
    stream = await trio.open_tcp_stream(host, port)
    protocol = ZkProtocol(
        session_timeout=session_timeout,
        now=trio.current_time(),
        credentials=credentials,
        last_zxid=last_zxid,
        read_only=read_only,
        max_inbound_frame=max_inbound_frame,
        max_outbound_frame=max_outbound_frame,
    )
    connection = Connection(
        stream,
        protocol,
        watches=watches,
        max_in_flight=max_in_flight,
        close_grace=close_grace,
    )
    async with service_nursery() as nursery:
        try:
            nursery.start_soon(as_service(connection.read_all))
            nursery.start_soon(as_service(connection.write_all))
            await connection.shake_hands()
            yield connection
        finally:
            # The body is over, cancelled or not, while both tasks still run.
            await connection.aclose()
