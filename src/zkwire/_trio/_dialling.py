"""How a stream to a server is made: over TCP or the caller's own way, and TLS on top."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import trio

from zkwire._arguments import require_instance, require_int
from zkwire._errors import (
    ConnectionLost,
    InvalidArgument,
    InvalidArgumentType,
    Outcome,
    ServerUnusable,
)

Dial: TypeAlias = Callable[[str, int], Awaitable[trio.abc.Stream]]
"""Makes a stream to a host and port, or raises OSError where that is not to be had."""


def check_destination(host: object, port: object, ssl_context: object, dial: object) -> None:
    """Refuse what no stream can be made to or with.

    Raises:
        InvalidArgument: an argument is out of range.
        InvalidArgumentType: an argument is of another type.
    """
    require_instance("host", host, str)
    require_int("port", port, least=1, most=65535)
    if ssl_context is not None:
        require_instance("ssl_context", ssl_context, ssl.SSLContext)
    if dial is not None and not callable(dial):
        raise InvalidArgumentType(f"dial: must be callable, not {type(dial).__name__}")


async def dial_server(
    host: str,
    port: int,
    ssl_context: ssl.SSLContext | None,
    dial: Dial | None,
    *,
    seconds: float,
) -> trio.abc.Stream:
    """Make a stream; a checkpoint, and cancelling it leaves none behind.

    Args:
        host: with TLS, the name that the certificate is held to.
        port: of the server.
        ssl_context: None: no TLS.
        dial: None: over TCP.
        seconds: that the server may take over TLS's handshake.

    Raises:
        OSError: no connection could be made.
        ServerUnusable: TLS could not be agreed upon.
        ConnectionLost: the server did not answer TLS's handshake in time.
        InvalidArgument: the host is no name, or the context is of no use.
        InvalidArgumentType: ``dial`` has made something else.
    """
    if dial is None:
        stream = await _dial_tcp(host, port)
    else:
        stream = await dial(host, port)
        require_instance("the result of dial", stream, trio.abc.Stream)
    return stream if ssl_context is None else await _secure(stream, host, ssl_context, seconds)


async def _dial_tcp(host: str, port: int) -> trio.abc.Stream:
    try:
        return await trio.open_tcp_stream(host, port)
    except ValueError as error:  # which UnicodeError is
        raise InvalidArgument(f"host: {host!r} is no name: {error}") from error


async def _secure(
    stream: trio.abc.Stream, host: str, context: ssl.SSLContext, seconds: float
) -> trio.abc.Stream:
    """Speak TLS over a stream; closes it if that fails."""
    try:
        # https_compatible: servers drop the connection without TLS's own goodbye.
        secure = trio.SSLStream(stream, context, server_hostname=host, https_compatible=True)
        with trio.fail_after(seconds):
            await secure.do_handshake()
    except trio.BrokenResourceError as error:
        await trio.aclose_forcefully(stream)
        raise ServerUnusable(f"no TLS with {host}: {error.__cause__ or error}") from error
    except trio.TooSlowError as error:
        await trio.aclose_forcefully(stream)
        message = f"no TLS with {host}: the server did not answer for {seconds:g} s"
        raise ConnectionLost(message, outcome=Outcome.NOT_SENT) from error
    except (ssl.SSLError, ValueError) as error:  # from the constructor: made for servers, say
        await trio.aclose_forcefully(stream)
        raise InvalidArgument(f"ssl_context: cannot speak to {host!r}: {error}") from error
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise
    return secure
