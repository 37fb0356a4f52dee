"""Operations on the connection, the session and the ensemble, rather than on a node."""

from __future__ import annotations

from collections.abc import Sequence

from zkwire._models import Identity, Stat
from zkwire._proto import _requests as build
from zkwire._trio._performer import Performer


class ServerOperations(Performer):
    """The operations on anything but nodes."""

    async def add_auth(self, scheme: str, credential: bytes) -> None:
        """Add an identity to the connection.

        Args:
            scheme: for example ``"digest"``.
            credential: for ``"digest"``, ``b"user:password"``.  It travels in clear, and
                servers take any: a wrong one shows when an ACL refuses it.

        Raises:
            AuthFailed: the server knows no such scheme, or refused; it then closes the
                connection.
        """
        await self.perform(build.auth(scheme, credential))

    async def whoami(self) -> list[Identity]:
        """List the identities of the connection, in no order (servers from 3.7).

        The address is always among them, under the scheme ``"ip"``.
        """
        return await self.perform(build.who_am_i())

    async def get_ephemerals(self, prefix: str = "/") -> list[str]:
        """List the ephemeral nodes of this session (servers from 3.6).

        Args:
            prefix: what their paths must begin with, as plain text: ``"/a"`` finds
                ``/ab`` too.
        """
        server_prefix = self.server_path(prefix)
        if prefix == "/" and server_prefix != "/":
            server_prefix += "/"  # as text, "/root" would find "/rooted" too
        found = await self.perform(build.get_ephemerals(server_prefix))
        return [self.client_path(path) for path in found]

    async def get_all_children_number(self, path: str) -> int:
        """Count the nodes below a node, at any depth (servers from 3.6).

        Raises:
            NoNode: there is no such node.
            NoAuth: its ACL does not allow it.
        """
        return await self.perform(build.get_all_children_number(self.server_path(path)))

    async def get_config(self) -> tuple[bytes, Stat]:
        """Read the ensemble's configuration: a line for each member, then the version.

        Empty on a server that is no member of an ensemble.
        """
        data, stat = await self.perform(build.get_data(build.CONFIG_NODE))
        return data or b"", stat

    async def reconfig(
        self,
        *,
        joining: Sequence[str] | None = None,
        leaving: Sequence[str] | None = None,
        new_members: Sequence[str] | None = None,
        from_config: int = -1,
    ) -> tuple[bytes, Stat]:
        """Change the members of the ensemble.

        Args:
            joining: ``server.5=host:port:port;client-port`` for each that is to come.
            leaving: the number of each that is to go.
            new_members: all members of the new ensemble, in place of the two above.
            from_config: the version that the configuration must have, or -1 for any.

        Returns:
            The new configuration and its Stat.

        Raises:
            ReconfigDisabled: the servers do not allow it.
            Unimplemented: the server is no member of an ensemble.
            ReconfigInProgress: another change is under way.
            BadVersion: the configuration has another version.
            BadArguments: a line is malformed, or too few voters would remain.
            NewConfigNoQuorum: too few of the new members are connected and in sync.
            NoAuth: the ACL of the configuration node does not allow it.
        """
        request = build.reconfig(joining, leaving, new_members, from_config)
        data, stat = await self.perform(request)
        return data or b"", stat
