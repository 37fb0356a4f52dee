"""A write on its way to the leader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zkwire import Identity
from zkwire.testing._memory._database import Applied, Write

if TYPE_CHECKING:
    from zkwire.testing._memory._seam import Replica


@dataclass(eq=False, slots=True)
class Proposal:
    """A write that a client asked a member for.

    Attributes:
        replica: the member that has the client.
        session_id: whose write it is.
        write: what is to be done; it is checked by the leader, against its own tree.
        who: the identities of the connection.
        done: called once, by `Replica.apply`, when that member applies the transaction.  Never,
            where it is not committed, or not before the member loses its place: its
            connections are closed by then.
    """

    replica: Replica
    session_id: int
    write: Write
    who: frozenset[Identity]
    done: Callable[[Applied], None]
