"""What a check gets: the server, a node of its own, and connections."""

from __future__ import annotations

from contextlib import AsyncExitStack

from zkwire.conformance._address import Address
from zkwire.conformance._calls import Link
from zkwire.conformance._handshake import LONGEST, NO_PASSWORD, connect_request
from zkwire.conformance._target import Target, link_to
from zkwire.conformance._wire import Wire


class Context:
    """The surroundings of one check.

    Connections made here are closed when the check is over, sessions included.
    """

    def __init__(self, target: Target, parent: str, stack: AsyncExitStack) -> None:
        self.target = target
        self.parent = parent
        self._stack = stack

    def path(self, name: str) -> str:
        """A path below the check's own node."""
        return f"{self.parent}/{name}"

    def since(self, *releases: tuple[int, int, int]) -> bool:
        """Whether the server has what these releases, one a branch, brought."""
        return self.target.version.has(*releases)

    async def wire(self, address: Address | None = None) -> Wire:
        """A TCP connection before its handshake; a checkpoint."""
        wire = await Wire.connect(address or self.target.address)
        self._stack.push_async_callback(wire.aclose)
        return wire

    async def connect(
        self,
        *,
        address: Address | None = None,
        timeout_ms: int = LONGEST,
        session_id: int = 0,
        password: bytes | None = NO_PASSWORD,
        last_zxid: int = 0,
    ) -> Link:
        """A connection with a session; a checkpoint.

        Raises:
            Mismatch: The server gave no session.
        """
        request = connect_request(
            timeout_ms=timeout_ms, session_id=session_id, password=password, last_zxid=last_zxid
        )
        link = await link_to(address or self.target.address, request)
        self._stack.push_async_callback(link.aclose)
        return link

    async def attach(self, link: Link, *, address: Address | None = None) -> Link:
        """A new connection that takes up another one's session; a checkpoint.

        Raises:
            Mismatch: The server refused the session.
        """
        again = await self.connect(
            address=address, session_id=link.session_id, password=link.granted.password
        )
        again.go_on_from(link)
        return again

    async def node(self, name: str = "n", data: bytes | None = b"") -> tuple[Link, str]:
        """A connection, and a node below the check's own; a checkpoint."""
        link = await self.connect()
        path = self.path(name)
        (await link.create(path, data)).ok()
        return link, path
