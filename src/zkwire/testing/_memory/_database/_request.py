"""What the checks of a write look at."""

from __future__ import annotations

from dataclasses import dataclass

from zkwire import (
    EphemeralOnLocalSession,
    MarshallingError,
    NoAuth,
    NoNode,
    Perms,
    QuotaExceeded,
    SessionExpired,
)
from zkwire.testing._memory._database._access import Origin, allows
from zkwire.testing._memory._database._node import Node
from zkwire.testing._memory._database._refusal import Refusal
from zkwire.testing._memory._database._view import Pending, View
from zkwire.testing._memory._settings import Settings


@dataclass(frozen=True, slots=True)
class Request:
    """What a check looks at: the tree as it will be, who asks, and how things are set."""

    view: View
    origin: Origin
    settings: Settings

    def require_session(self, *, ephemeral: bool = False) -> None:
        """Refuse what comes from a session that is over, or that only one member knows."""
        session_id = self.origin.session_id
        if session_id == 0 or session_id in self.view.database.sessions:
            return
        if not self.settings.local_sessions:
            raise Refusal(SessionExpired)
        if ephemeral:
            raise Refusal(EphemeralOnLocalSession)

    def node(self, path: str) -> Node | Pending:
        """The node at a path, or a refusal."""
        node = self.view.node(path)
        if node is None:
            raise Refusal(NoNode)
        return node

    def require(self, node: Node | Pending, perms: Perms) -> None:
        """Refuse whom the ACL does not allow it."""
        if not allows(node.acl, perms, self.origin.who):
            raise Refusal(NoAuth)

    def require_quota(self, path: str, size: int, count: int) -> None:
        """Refuse what is more than a hard quota allows, where that is enforced."""
        if not self.settings.enforce_quota:
            return
        try:
            is_over = self.view.database.breaks_hard_quota(path, size, count)
        except ValueError:
            # A real server trips over limits that it cannot read, and gives up on all of it.
            raise Refusal(MarshallingError, whole=True) from None
        if is_over:
            raise Refusal(QuotaExceeded)
