"""How a connection is made."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, Unpack

import trio

from zkwire._arguments import require_instance
from zkwire._proto._protocol import ZkProtocol
from zkwire._trio._connection import Connection
from zkwire._trio._dialling import Dial, check_destination, dial_server
from zkwire._trio._engine import Engine
from zkwire._trio._nursery import as_service, service_nursery
from zkwire._trio._options import CheckedOptions, ConnectionOptions
from zkwire._trio._sasl import authenticate

DEFAULT_PORT: Final = 2181


@asynccontextmanager
async def open_connection(
    host: str,
    port: int = DEFAULT_PORT,
    *,
    ssl_context: ssl.SSLContext | None = None,
    dial: Dial | None = None,
    **options: Unpack[ConnectionOptions],
) -> AsyncGenerator[Connection]:
    """Connect to one server, and open a session or attach to one.

    Entering and leaving are checkpoints.  Entering may be cancelled at any point
    and leaves no socket behind, though the server may have opened a session that
    then runs into its timeout.  Leaving ends the session, unless it was detached
    or is lost; it takes at most ``close_grace``, even where the block was cancelled.

    Args:
        host: a name or an address; with TLS, the name that the server's certificate
            is held to, as written.
        port: 1 to 65535.
        ssl_context: speak TLS, from the first byte, as the context says.
        dial: makes the stream, called with host and port, where TCP is not the way: a
            proxy, a tunnel, or a server in memory.  TLS, if asked for, goes on top.
        **options: see ``ConnectionOptions``.

    Yields:
        The connection, with its session open.

    Raises:
        OSError: no connection could be made; whatever else ``dial`` raises comes out too.
        SessionExpired: the session to attach to is gone, or is not these credentials'.
        ServerUnusable: the server will not serve this client: it says so, it closes
            the connection in place of an answer, TLS could not be agreed upon, or
            SASL was asked of a server without it.
        AuthFailed: the server refused an identity of ``auth``, or the SASL exchange
            failed, on whichever side.
        ConnectionLost: the server did not answer a handshake in time, TLS's or the
            session's (``session_timeout`` seconds for each), or the
            connection died before the session was ready.
        RemoteProtocolError: what answered does not speak the protocol.
        InvalidArgument: an argument is out of range.
        InvalidArgumentType: an argument is of another type.
    """
    check_destination(host, port, ssl_context, dial)
    checked = CheckedOptions(**options)
    stream = await dial_server(host, port, ssl_context, dial, seconds=checked.session_timeout)
    async with _serve(stream, checked, host) as connection:
        yield connection


@asynccontextmanager
async def open_connection_over(
    stream: trio.abc.Stream, **options: Unpack[ConnectionOptions]
) -> AsyncGenerator[Connection]:
    """Open a session, or attach to one, over a stream that leads to a server.

    For streams that ``open_connection`` does not make: a proxy's, a tunnel's, or
    one in memory.  Entering and leaving are checkpoints, cancelled as there.

    Args:
        stream: nothing has been sent or received on it.  Belongs to the connection
            from then on, which closes it in any case but that of a refused argument.
        **options: see ``ConnectionOptions``.

    Yields:
        The connection, with its session open.

    Raises:
        ZkwireError: as for ``open_connection``.
    """
    require_instance("stream", stream, trio.abc.Stream)
    async with _serve(stream, CheckedOptions(**options), None) as connection:
        yield connection


@asynccontextmanager
async def _serve(
    stream: trio.abc.Stream, options: CheckedOptions, host: str | None
) -> AsyncGenerator[Connection]:
    """Shake hands over a stream, and run the two tasks for as long as the block lasts."""
    protocol = ZkProtocol(
        session_timeout=options.session_timeout,
        now=trio.current_time(),
        credentials=options.credentials,
        last_zxid=options.last_zxid,
        first_xid=options.first_xid,
        read_only=options.read_only,
        max_inbound_frame=options.max_inbound_frame,
        max_outbound_frame=options.max_outbound_frame,
        authenticates=options.sasl is not None,
    )
    async with service_nursery() as nursery:
        engine = Engine(
            stream, protocol, nursery, watches=options.watches, max_in_flight=options.max_in_flight
        )
        connection = Connection(engine, close_grace=options.close_grace)
        try:
            nursery.start_soon(as_service(engine.read_all))
            await engine.shake_hands()
            await _prepare(connection, engine, options, host)
            yield connection
        finally:
            # The body is over, cancelled or not, while both tasks still run.
            with trio.move_on_after(options.close_grace, shield=True):
                await connection.aclose()


async def _prepare(  # noqa: ASYNC910  # its caller has waited for the handshake
    connection: Connection, engine: Engine, options: CheckedOptions, host: str | None
) -> None:
    """Make the session whole again, in the one order that works.

    Identities come before the watches: servers drop events that the connection may not
    read (seen on 3.9.5 for live ones; what makes up for a reconnect comes through).
    Everything else comes behind both.
    """
    if options.sasl is not None:
        await authenticate(options.sasl, host, connection.perform)
        engine.authenticated()
    for scheme, credential in options.auth:
        await connection.add_auth(scheme, credential)
    engine.rearm_watches(options.last_zxid)
