"""The SASL exchange, for any mechanism.

It comes between the handshake and everything else, and nothing else may be sent
before it is over (ClientCnxnSocketNIO holds its queue back).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from zkwire._errors import AuthFailed, ServerUnusable
from zkwire._proto import _requests as build
from zkwire._proto._request import Request


class SaslClient(Protocol):
    """The client's side of one mechanism; made anew for every connection.

    ``step`` may block no longer than it takes to compute.
    """

    def start(self) -> bytes:
        """The first token: empty for DIGEST-MD5, where the server begins."""
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


async def authenticate(
    client: SaslClient,
    perform: Callable[[Request[bytes | None]], Awaitable[bytes | None]],
) -> None:
    """Go through the exchange.

    Raises:
        AuthFailed: the server refused, or broke off.
        ServerUnusable: it does not speak SASL.
    """
    token: bytes | None = client.start()
    is_first = True
    while token is not None:
        answer = await perform(build.sasl(token))
        if answer is None:
            if client.is_complete:
                return  # GSSAPI: the server's last word, which has no token
            if is_first:
                # What a server without SASL says to any token, with err 0.
                raise ServerUnusable("the server does not speak SASL")
            raise AuthFailed
        is_first = False
        try:
            token = client.step(answer)
        except Exception as error:
            raise AuthFailed from error
    if not client.is_complete:
        raise AuthFailed
