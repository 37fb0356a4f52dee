"""Who the client is, to every server that it will ever be connected to."""

from __future__ import annotations

from collections.abc import Iterable


class Identities:
    """Schemes and credentials, in the order in which they were added.

    Identities belong to a connection: each new one is given all of them again, before
    anything else.  No text form shows a credential.
    """

    def __init__(self, first: Iterable[tuple[str, bytes]] = ()) -> None:
        self._entries = list(first)

    def __repr__(self) -> str:
        return f"<Identities: {', '.join(scheme for scheme, _ in self._entries) or 'none'}>"

    def add(self, scheme: str, credential: bytes) -> None:
        """Remember one for the connections to come; one that is known keeps its place."""
        if (scheme, credential) not in self._entries:
            self._entries.append((scheme, credential))

    def all(self) -> tuple[tuple[str, bytes], ...]:
        """All of them, in order."""
        return tuple(self._entries)
