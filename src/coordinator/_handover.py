"""A session without a client: what it takes to go on with it somewhere else."""

from __future__ import annotations

from dataclasses import dataclass

import zkwire


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What ``Coordinator.detach`` leaves, for another ``open_coordinator(attach=...)``.

    Its text form does not show the password.  Whoever has it has the session.

    Attributes:
        credentials: the session's id and password.
        last_zxid: the highest transaction id that the session has seen.
        next_xid: the number with which its requests go on.  Numbers that start anew make
            servers mix up old writes with new requests.
        negotiated_timeout: seconds until the servers end the session, from the last time
            that they have heard of it.
    """

    credentials: zkwire.SessionCredentials
    last_zxid: zkwire.Zxid = zkwire.NO_ZXID
    next_xid: zkwire.Xid = zkwire.FIRST_XID
    negotiated_timeout: float = 0.0
