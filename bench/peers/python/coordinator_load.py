"""As a program: the same operations as ``zkwire_load``, through a coordinator; see ``_order``."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import coordinator
import zkwire
from bench.peers.python import _order, _trio_load


def open_client(order: _order.Order) -> AbstractAsyncContextManager[zkwire.Operations]:
    return coordinator.open_coordinator(order.servers, "/", order.session_timeout)


if __name__ == "__main__":
    _order.main("coordinator", "zkwire", lambda order: _trio_load.run(order, open_client))
