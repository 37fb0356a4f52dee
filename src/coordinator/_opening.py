"""One connection of a coordinator: everything that it is opened with."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import zkwire
from coordinator._addresses import ServerAddress
from coordinator._config import Config
from coordinator._identities import Identities
from coordinator._session import Session


def open_to(
    server: ServerAddress,
    config: Config,
    identities: Identities,
    session: Session | None,
    watches: zkwire.SessionWatches,
    *,
    forgets_zxid: bool = False,
) -> AbstractAsyncContextManager[zkwire.Connection]:
    """Open a connection for a session, or for a new one.

    Args:
        server: where to.
        config: what the application asked for, the timeout above all: never the granted
            one, or one server's limit would stick when the next server's is another.
        identities: to be added before anything else.
        session: to go on with; None: a new one.
        watches: the session's.
        forgets_zxid: ask as if the session had seen nothing, to learn whether it exists.
    """
    return zkwire.open_connection(
        server.host,
        server.port,
        ssl_context=config.ssl_context,
        dial=config.dial,
        session_timeout=config.session_timeout,
        credentials=None if session is None else session.credentials,
        last_zxid=zkwire.NO_ZXID if session is None or forgets_zxid else session.last_zxid,
        first_xid=zkwire.FIRST_XID if session is None else session.next_xid,
        watches=watches,
        auth=identities.all(),
        sasl=config.sasl,
        # A read-only server knows no session but its own: it closes the connection on one
        # that the ensemble has granted.
        read_only=config.read_only,
    )
