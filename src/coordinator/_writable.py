"""Looking for a server that takes writes, from one that does not."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Sequence
from typing import Final

import trio

import zkwire
from coordinator._addresses import ServerAddress

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 60.0
"""Seconds; the official client's."""
ANSWER_LIMIT: Final = 1.0

_log: Final = logging.getLogger("coordinator")


async def find_writable(
    servers: Sequence[ServerAddress],
    ssl_context: ssl.SSLContext | None,
    dial: zkwire.Dial | None,
) -> ServerAddress:
    """Ask the servers in turn, ever more slowly, until one says that it takes writes.

    A checkpoint.  Asks ``isro``, which servers answer that may become read-only
    themselves, and others where it is in their whitelist.
    """
    pause = FIRST_PAUSE
    while True:  # noqa: ASYNC913  # there is always a server to wait for
        for server in servers:
            await trio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            if await _is_writable(server, ssl_context, dial):
                return server


async def _is_writable(
    server: ServerAddress, ssl_context: ssl.SSLContext | None, dial: zkwire.Dial | None
) -> bool:
    answer = ""
    with trio.move_on_after(ANSWER_LIMIT):
        try:
            answer = await zkwire.four_letter_word(
                server.host, server.port, "isro", ssl_context=ssl_context, dial=dial
            )
        except (OSError, zkwire.ZkwireError) as error:
            _log.debug("%s: does not say whether it takes writes: %s", server, error)
    return answer == "rw"  # noqa: ASYNC910  # a step of the above
