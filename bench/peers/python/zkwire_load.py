"""As a program: operations of ``zkwire``, on one connection; see ``_order``."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import zkwire
from bench.peers.python import _order, _trio_load


def open_client(order: _order.Order) -> AbstractAsyncContextManager[zkwire.Operations]:
    host, _, port = order.servers[0].rpartition(":")
    return zkwire.open_connection(host, int(port), session_timeout=order.session_timeout)


if __name__ == "__main__":
    _order.main("zkwire", "zkwire", lambda order: _trio_load.run(order, open_client))
