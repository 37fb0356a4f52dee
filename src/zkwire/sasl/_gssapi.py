"""Kerberos, by RFC 4752."""

from __future__ import annotations

from typing import Any, Final, Protocol, final

from zkwire._arguments import require_str
from zkwire._errors import InvalidArgument
from zkwire._trio._sasl import SaslMechanism
from zkwire.sasl._extra import extra_module

_NO_LAYER: Final = 1
"""The bit for "authentication alone"; ZooKeeper wraps nothing that comes after."""

_CHOICE: Final = bytes([_NO_LAYER, 0, 0, 0])
"""No layer, which makes the buffer size 0; no other identity than the ticket's."""


class _Wrapped(Protocol):
    message: bytes


class _Context(Protocol):
    """The part of gssapi's SecurityContext that is used."""

    complete: bool

    def step(self, token: bytes | None = None) -> bytes | None: ...
    def wrap(self, message: bytes, encrypt: bool) -> _Wrapped: ...
    def unwrap(self, message: bytes) -> _Wrapped: ...


def gssapi(
    host: str | None = None, *, service: str = "zookeeper", principal: str | None = None
) -> SaslMechanism:
    """Authenticate with a Kerberos ticket (GSSAPI).

    The credentials are those of the environment: the ticket cache, or the client key
    table, that the Kerberos library finds (``KRB5CCNAME``, ``KRB5_CLIENT_KTNAME``).
    They are looked up anew for each connection, so a renewed ticket is used.

    Args:
        host: the server's name in its principal ``service/host``; None takes the
            host of each connection, as written there.  Whether the library looks up
            its canonical name is for krb5.conf to say.
        service: the first part of the server's principal.
        principal: whose ticket to use, such as ``bob@EXAMPLE.COM``; None takes the default.

    Returns:
        The mechanism, for any number of connections.

    Raises:
        ModuleNotFoundError: the extra ``gssapi`` is not installed.
        InvalidArgument: ``host`` or ``service`` is empty.
        InvalidArgumentType: an argument is not text.
    """
    for name, value in (("host", host), ("service", service), ("principal", principal)):
        if value is not None:
            require_str(name, value)
            if not value:
                raise InvalidArgument(f"{name}: must not be empty")
    library = extra_module("gssapi", package="gssapi", extra="gssapi")
    return _Gssapi(library, host, service, principal)


@final
class _Gssapi:
    def __init__(
        self,
        library: Any,  # noqa: ANN401  # a module, whose types belong to an extra
        host: str | None,
        service: str,
        principal: str | None,
    ) -> None:
        self._library = library
        self._host = host
        self._service = service
        self._principal = principal

    def __repr__(self) -> str:
        return f"<GSSAPI as {self._principal or 'the default principal'}>"

    def __call__(self, host: str | None) -> GssapiClient:
        library = self._library
        host = self._host or host
        if host is None:
            raise InvalidArgument("gssapi: host must be given for a connection over a stream")
        target = library.Name(
            f"{self._service}@{host}", name_type=library.NameType.hostbased_service
        )
        credentials = None
        if self._principal is not None:
            name = library.Name(self._principal, name_type=library.NameType.kerberos_principal)
            credentials = library.Credentials(name=name, usage="initiate")
        context = library.SecurityContext(
            name=target, creds=credentials, mech=library.MechType.kerberos, usage="initiate"
        )
        return GssapiClient(context)


@final
class GssapiClient:
    """The client's side, over one security context."""

    def __init__(self, context: _Context) -> None:
        self._context = context
        self.is_complete = False

    def start(self) -> bytes:
        """The first token, which asks Kerberos' own servers for a ticket."""
        return self._context.step() or b""

    def step(self, challenge: bytes) -> bytes:
        """First the context's tokens, then the choice of a security layer: none."""
        if self.is_complete:
            raise ValueError("the server goes on after the end")
        if not self._context.complete:
            # An empty token, once there is no other, is how the server is asked to go on.
            return self._context.step(challenge) or b""
        offer = self._context.unwrap(challenge).message
        if len(offer) != len(_CHOICE) or not offer[0] & _NO_LAYER:
            raise ValueError("the server insists on a security layer")
        self.is_complete = True
        return self._context.wrap(_CHOICE, False).message
