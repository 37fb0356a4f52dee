"""How a coordinator is made."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from random import SystemRandom
from typing import Final

import zkwire
from coordinator import _stall as stalls
from coordinator._config import (
    DEFAULT_ROOT_PATH,
    DEFAULT_SESSION_TIMEOUT,
    DEFAULT_TICK_TIME,
    Config,
)
from coordinator._coordinator import Coordinator
from coordinator._follow_config import follow_config as follow
from coordinator._handover import Handover
from coordinator._instrument import Instrument
from coordinator._janitor import Janitor
from coordinator._supervisor import Supervisor

_DICE: Final = SystemRandom()
"""For all coordinators: the point is that clients do not all do the same, and a generator
for each would take 2.5 kB.  The system's, since a process that is forked would go on with
the numbers of its parent."""


def open_coordinator(
    servers: Sequence[str],
    root_path: str = DEFAULT_ROOT_PATH,
    session_timeout: float = DEFAULT_SESSION_TIMEOUT,
    *,
    tick_time: float = DEFAULT_TICK_TIME,
    ssl_context: ssl.SSLContext | None = None,
    auth: Sequence[tuple[str, bytes]] = (),
    sasl: zkwire.SaslMechanism | None = None,
    read_only: bool = False,
    attach: Handover | None = None,
    follow_config: bool = False,
    instrument: Instrument | None = None,
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
        tick_time: seconds, at least those of the servers' ``tickTime``: leases and locks
            are reckoned with it.
        ssl_context: speak TLS, as the context says; each server's certificate is held to
            its host as written here.
        auth: scheme and credential of each identity.  They are sent on each connection, in
            this order, before anything else; ``Coordinator.add_auth`` adds more.
        sasl: makes the client's side of a SASL exchange, for each connection, before
            anything else; ``zkwire.sasl`` has some.
        read_only: whether a server that is cut off from its majority will do, until one
            is found that is not.
        attach: the session to go on with, as ``Coordinator.detach`` has returned it.  If it
            is gone, a new one takes its place.
        follow_config: whether to take the servers' own list in place of ``servers`` once
            they can be asked for it, and whenever it changes (``/zookeeper/config``).
        instrument: is told of requests, changes of state, attempts, leases and stalls, for
            metrics and traces; ``coordinator.otel`` has one.
        dial: makes the stream to a server, called with its host and port, where TCP is
            not the way: through a proxy, or to a server in memory.  An ``OSError`` that
            it raises counts as a failed attempt; anything else ends the coordinator.

    Returns:
        A context manager whose value is the coordinator.

    Raises:
        ConfigurationError: an argument breaks a rule, which the message names.
    """
    config = Config.checked(
        servers,
        root_path=root_path,
        session_timeout=session_timeout,
        tick_time=tick_time,
        ssl_context=ssl_context,
        auth=auth,
        sasl=sasl,
        read_only=read_only,
        attach=attach,
        follow_config=follow_config,
        instrument=instrument,
        dial=dial,
    )
    return _run(config)


@asynccontextmanager
async def _run(config: Config) -> AsyncGenerator[Coordinator]:
    supervisor = Supervisor(config, _DICE)
    standing = supervisor.standing
    async with zkwire.service_nursery() as nursery:
        janitor = Janitor(nursery)
        try:
            standing.telling.opened(standing.statistics)
            nursery.start_soon(zkwire.as_service(partial(supervisor.run, nursery)))
            coordinator = Coordinator(config, supervisor, janitor)
            if config.follow_config:
                nursery.start_soon(zkwire.as_service(partial(follow, coordinator)))
            stalls.listen(standing)
            yield coordinator
        finally:
            # The block is over, cancelled or not, and its clean-up has had a
            # session to work with; the nursery waits for the tasks.
            stalls.leave(standing)
            supervisor.stop()
            janitor.stop()
            standing.telling.closed()
