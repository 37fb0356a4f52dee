"""Who asks for a read, and how a read is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from zkwire._errors import MarshallingError
from zkwire._models import Acl, Identity
from zkwire.testing._memory._database import Database
from zkwire.testing._memory._serving._watch_table import Watcher
from zkwire.testing._memory._serving._watches import Watches


class RefusedError(Exception):
    """The answer is an error code."""

    def __init__(self, code: int, body: bytes = b"") -> None:
        super().__init__(code)
        self.code = code
        self.body = body


class Reader(Watcher, Protocol):
    """A connection, as far as its reads are concerned."""

    @property
    def session_id(self) -> int:
        """Whose ephemeral nodes are its own."""
        ...

    @property
    def who(self) -> frozenset[Identity]:
        """Who it has proved to be."""
        ...

    @property
    def database(self) -> Database:
        """The tree of the member that it is connected to."""
        ...

    @property
    def watches(self) -> Watches:
        """The watches of that member."""
        ...

    def may(self, acl: Sequence[Acl], perms: int) -> bool:
        """Whether an ACL allows it any of these."""
        ...


def given(path: str | None) -> str:
    """A path that must not be null.

    Raises:
        RefusedError: It is.
    """
    if path is None:
        raise RefusedError(MarshallingError.code)
    return path
