"""The SASL exchange, for any mechanism.

It comes between the handshake and everything else, and nothing else may be sent
before it is over (ClientCnxnSocketNIO holds its queue back).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar, TypeVarTuple

import trio

from zkwire._errors import AuthFailed, ServerUnusable, SessionClosedRequireSaslAuth
from zkwire._proto import _requests as build
from zkwire._proto._request import Request

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class SaslClient(Protocol):
    """The client's side of one mechanism, for one connection.

    It is made and called in a worker thread, one call after the other: a Kerberos
    library talks to its servers in them.  A call that is waiting when the
    connection is given up runs on, and what it returns is not used.
    """

    def start(self) -> bytes:
        """The first token: empty for DIGEST-MD5, where the server begins.

        Raises:
            Exception: there are no credentials; the exchange has failed.
        """
        ...

    def step(self, challenge: bytes) -> bytes | None:
        """The answer to a server's token, or None if there is nothing left to say.

        Raises:
            Exception: the challenge is not one; the exchange has failed.
        """
        ...

    @property
    def is_complete(self) -> bool:
        """Whether this side is satisfied."""
        ...


class SaslMechanism(Protocol):
    """Makes a ``SaslClient``, anew for each connection."""

    def __call__(self, host: str | None, /) -> SaslClient:
        """Begin an exchange.

        Args:
            host: as written in the call of ``open_connection``, since servers' names in
                Kerberos have it in them; None over a stream.

        Raises:
            Exception: there is no way to begin; the exchange has failed.
        """
        ...


async def authenticate(
    mechanism: SaslMechanism,
    host: str | None,
    perform: Callable[[Request[bytes | None]], Awaitable[bytes | None]],
) -> None:
    """Go through the exchange.

    Several checkpoints.  If cancelled, the connection can be used for nothing else.

    Raises:
        AuthFailed: the server refused or broke off, or the mechanism failed on this
            side, as ``__cause__`` says.
        ServerUnusable: the server does not speak SASL.
        ConnectionLost: the connection died.
    """
    client = await _call(mechanism, host)
    token: bytes | None = await _call(client.start)
    is_first = True
    while token is not None:
        try:
            answer = await perform(build.sasl(token))
        except SessionClosedRequireSaslAuth as error:
            # How a server that insists on SASL refuses: it closes, and says why.
            raise AuthFailed from error
        if answer is None:
            if client.is_complete:
                return  # GSSAPI: the server's last word, which has no token
            if is_first:
                # What a server without SASL says to any token, with err 0.
                raise ServerUnusable("the server does not speak SASL")
            raise AuthFailed
        is_first = False
        token = await _call(client.step, answer)
    if not client.is_complete:
        raise AuthFailed


async def _call(step: Callable[[*Ts], T], *args: *Ts) -> T:
    try:
        return await trio.to_thread.run_sync(step, *args, abandon_on_cancel=True)
    except Exception as error:
        raise AuthFailed from error
