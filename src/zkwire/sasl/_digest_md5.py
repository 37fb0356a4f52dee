"""User name and password, by RFC 2831 as ZooKeeper servers have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, final

from zkwire._arguments import require_str
from zkwire._errors import InvalidArgument
from zkwire._trio._sasl import SaslMechanism
from zkwire.sasl._extra import extra_module

# The digest-uri that servers expect, whatever their host is called (SecurityUtils.java).
_SERVICE: Final = "zookeeper"
_SERVER_NAME: Final = "zk-sasl-md5"


class _Exchange(Protocol):
    """The part of pure-sasl's SASLClient that is used."""

    complete: bool

    def process(self, challenge: bytes) -> bytes | None: ...


def digest_md5(username: str, password: str) -> SaslMechanism:
    """Authenticate with a name and a password (DIGEST-MD5).

    The password is not sent, but whoever listens can try passwords against what is.
    Nothing that can be printed shows it.

    Args:
        username: as in the server's JAAS file; not empty, and ASCII alone.
        password: any text.

    Returns:
        The mechanism, for any number of connections to any servers.

    Raises:
        ModuleNotFoundError: the extra ``sasl`` is not installed.
        InvalidArgument: the user name is empty, or cannot be expressed.
        InvalidArgumentType: an argument is not text.
    """
    require_str("username", username)
    require_str("password", password)
    if not username:
        # Java's side of the exchange throws, and the server drops the connection.
        raise InvalidArgument("username: must not be empty")
    try:
        name = username.encode("ascii")
    except UnicodeEncodeError:
        # It would take the directive charset=utf-8, which pure-sasl does not send.
        message = f"username: must be ASCII text for DIGEST-MD5, not {username!r}"
        raise InvalidArgument(message) from None
    make = extra_module("puresasl.client", package="pure-sasl", extra="sasl").SASLClient
    return _DigestMd5(make, name, _password_bytes(password))


def _password_bytes(password: str) -> bytes:
    """The encoding that is hashed: 8859-1 if that is possible (RFC 2831, 2.1.2.1)."""
    try:
        return password.encode("iso-8859-1")
    except UnicodeEncodeError:
        return password.encode("utf-8")


@final
class _DigestMd5:
    def __init__(self, make: Callable[..., _Exchange], username: bytes, password: bytes) -> None:
        self._make = make
        self._username = username
        self._password = password

    def __repr__(self) -> str:
        return f"<DIGEST-MD5 as {self._username.decode()!r}>"

    def __call__(self, host: str | None) -> _DigestMd5Client:
        exchange = self._make(
            _SERVER_NAME,
            service=_SERVICE,
            mechanism="DIGEST-MD5",
            username=self._username,
            password=self._password,
        )
        return _DigestMd5Client(exchange)


@final
class _DigestMd5Client:
    def __init__(self, exchange: _Exchange) -> None:
        self._exchange = exchange

    def start(self) -> bytes:
        # Not null, and no response to an earlier challenge: Java's server mistakes that
        # for a second exchange (zk_sasl.c).
        return b""

    def step(self, challenge: bytes) -> bytes | None:
        return self._exchange.process(challenge)

    @property
    def is_complete(self) -> bool:
        return self._exchange.complete
