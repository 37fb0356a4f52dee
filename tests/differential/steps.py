"""What a sequence is made of: requests of one of the sessions, and what befalls its connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from zkwire import WatchKind
from zkwire._proto._request import Request

SESSIONS = ("A", "B", "C")
SUPER = b"super:differential"
"""The credential to which every ACL gives way."""
CONFIG_NODE = "/zookeeper/config"

HOME = "/d"
SCENE = (HOME, "/d/a", "/d/b", "/d/a/x")
"""What is there when a sequence begins."""


@dataclass(frozen=True)
class Call:
    """A request.  Left out where the session has no connection."""

    session: str
    text: str
    request: Request[Any] = field(repr=False)
    removes: tuple[WatchKind, ...] = ()
    """Which of the path's watches are gone where the server says yes."""

    def __str__(self) -> str:
        return f"{self.session} {self.text}"


@dataclass(frozen=True)
class AddAuth:
    """Add an identity, on this connection and on the session's later ones."""

    session: str
    scheme: str
    credential: bytes

    def __str__(self) -> str:
        return f"{self.session} add_auth({self.scheme!r}, {self.credential!r})"


@dataclass(frozen=True)
class Cut:
    """Close the socket and leave the session."""

    session: str

    def __str__(self) -> str:
        return f"{self.session} cut"


@dataclass(frozen=True)
class Attach:
    """Go on with the session over a new connection, whether it has one or not.

    With a wrong password the server refuses, and ends the connection that there is.
    """

    session: str
    timeout: float = 30.0
    right_password: bool = True

    def __str__(self) -> str:
        wrong = "" if self.right_password else ", wrong password"
        return f"{self.session} attach(timeout={self.timeout:g}{wrong})"


@dataclass(frozen=True)
class Reopen:
    """End the session and open another in its place."""

    session: str
    timeout: float = 30.0

    def __str__(self) -> str:
        return f"{self.session} reopen(timeout={self.timeout:g})"


@dataclass(frozen=True)
class Revive:
    """Try to attach to the session that this one has followed: it is over."""

    session: str

    def __str__(self) -> str:
        return f"{self.session} revive"


Step: TypeAlias = Call | AddAuth | Cut | Attach | Reopen | Revive
