"""How a coordinator is made."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import Random

import zkwire
from coordinator._config import DEFAULT_ROOT_PATH, DEFAULT_SESSION_TIMEOUT, Config
from coordinator._coordinator import Coordinator
from coordinator._supervisor import Supervisor


def open_coordinator(
    servers: Sequence[str],
    root_path: str = DEFAULT_ROOT_PATH,
    session_timeout: float = DEFAULT_SESSION_TIMEOUT,
    *,
    dial: zkwire.Dial | None = None,
) -> AbstractAsyncContextManager[Coordinator]:
    """Keep a session with an ensemble.

    Not a checkpoint: the arguments are checked at once, and nothing else is done.
    Entering the result is none either; it does not wait for a server, and no
    server need be there.  Leaving is a checkpoint: it ends the session, if a server
    is connected, within a second, and waits for every background task, cancelled or
    not.

    Args:
        servers: one ``host:port`` for each server of the ensemble.
        root_path: the node under which all paths lie.  It is made, with every
            missing parent, before the coordinator calls itself connected.
        session_timeout: seconds to ask the servers for, above 0.  They hold it to
            their limits: 2 to 20 of their ticks, 4 to 40 s with stock settings.
        dial: makes the stream to a server, called with its host and port, where TCP is
            not the way: through a proxy, or to a server in memory.  An ``OSError`` that
            it raises counts as a failed attempt; anything else ends the coordinator.

    Returns:
        A context manager whose value is the coordinator.

    Raises:
        ConfigurationError: an argument breaks a rule, which the message names.
    """
    config = Config.checked(
        servers, root_path=root_path, session_timeout=session_timeout, dial=dial
    )
    return _run(config)


@asynccontextmanager
async def _run(config: Config) -> AsyncGenerator[Coordinator]:
    # Not seeded: the point is that clients do not all do the same.
    supervisor = Supervisor(config, Random())
    async with zkwire.service_nursery() as nursery:
        try:
            nursery.start_soon(zkwire.as_service(supervisor.run))
            nursery.start_soon(zkwire.as_service(supervisor.watch_for_loss))
            yield Coordinator(config, supervisor)
        finally:
            # The block is over, cancelled or not, and its clean-up has had a
            # session to work with; the nursery waits for the tasks.
            supervisor.stop()
