"""What the operations are built on: something that can perform a request."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

from zkwire._proto._request import Request
from zkwire._trio._session_watches import SessionWatches, Watcher

T = TypeVar("T")


class Performer(ABC):
    """Performs requests, and knows which server path each of its paths stands for."""

    @abstractmethod
    async def perform(self, request: Request[T], *, watch: Watcher | None = None) -> T:
        """Send a request and wait for its reply.

        Args:
            request: carries paths of the server.
            watch: registered when the reply says that the server has set a watch.
        """

    def server_path(self, path: str) -> str:
        """The server's path for one of this handle's."""
        return path

    def client_path(self, path: str) -> str:
        """This handle's path for one of the server's."""
        return path

    @property
    @abstractmethod
    def watches(self) -> SessionWatches:
        """The watches of the session that it performs for."""
