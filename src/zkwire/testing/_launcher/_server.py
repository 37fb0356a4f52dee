"""What every way of running one server offers, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zkwire.testing._launcher._config import MemberPorts
    from zkwire.testing._launcher._namespaces import Namespace
    from zkwire.testing._launcher._request import Request
    from zkwire.testing._launcher._security import Security


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSpec:
    """One member, before it runs.

    Attributes:
        request: What was asked for.
        id: The member's number, from 1.
        ports: The ports of all members, in member order.
        security: The files of TLS and SASL.
        directory: An empty directory of its own, removed after the server has ended.
        namespace: The network namespace it runs in, or None for that of this process.
    """

    request: Request
    id: int
    ports: Sequence[MemberPorts]
    security: Security
    directory: Path
    namespace: Namespace | None = None


class Server(Protocol):
    """One server process or container. Every method blocks, and is bounded in time."""

    @property
    def running(self) -> bool:
        """Whether the process exists; a frozen one does."""
        ...

    def start(self) -> None:
        """Start it with the data it has; return without waiting until it answers."""
        ...

    def stop(self) -> None:
        """End it in the orderly way."""
        ...

    def kill(self) -> None:
        """End it as a power cut would."""
        ...

    def freeze(self) -> None:
        """Stop its execution; its sockets stay open."""
        ...

    def resume(self) -> None:
        """Let a frozen server go on."""
        ...

    def log_tail(self) -> str:
        """Return the last lines of its log."""
        ...

    def close(self) -> None:
        """End it if it runs and free what it holds. Doing it twice does nothing."""
        ...


class Runtime(Protocol):
    """A usable way of running servers, found by a provider."""

    def create(self, spec: MemberSpec) -> Server:
        """Prepare one server, without starting it."""
        ...


@dataclass(frozen=True, slots=True)
class GivenServers:
    """Servers that run already and belong to someone else."""

    addresses: tuple[str, ...]


class Provider(Protocol):
    """One place that servers can come from."""

    name: ClassVar[str]

    def find(self, request: Request) -> Runtime | GivenServers:
        """Return a way to serve the request.

        Raises:
            UnavailableError: It cannot be used here, for the reason given.
        """
        ...
