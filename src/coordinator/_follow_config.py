"""Taking the list of servers from the ensemble itself."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

import zkwire
from coordinator._addresses import ServerAddress, parse_servers
from coordinator._errors import ConfigurationError
from coordinator._root import CONFIG_NODE

if TYPE_CHECKING:
    from coordinator._coordinator import Coordinator

_log: Final = logging.getLogger("coordinator")

# server.<id>=<host>:<quorum>:<election>[|...][:<role>];[[<client host>:]<client port>][;...]
_MEMBER: Final = re.compile(
    r"^server\.-?\d+=(?P<host>\[[^\]]+\]|[^:;|\s]+):[^;\s]*"
    r";(?:(?P<client>\[[^\]]+\]|[^:;\s]+):)?(?P<port>\d+)",
    re.MULTILINE,
)
_VERSION: Final = re.compile(r"^version=([0-9a-fA-F]+)\s*\Z", re.MULTILINE)
_ANY_ADDRESS: Final = frozenset({"0.0.0.0", "[::]", "[0:0:0:0:0:0:0:0]"})


def servers_of(text: str) -> tuple[ServerAddress, ...]:
    """The client addresses in the text of the configuration node; empty if it names none.

    A server whose client port comes from its own file is not in the text with one, and
    ``0.0.0.0`` means the host that its peers know it by.
    """
    names = [
        f"{match['host'] if match['client'] in {None, *_ANY_ADDRESS} else match['client']}"
        f":{match['port']}"
        for match in _MEMBER.finditer(text)
    ]
    return parse_servers(list(dict.fromkeys(names))) if names else ()


def version_of(text: str) -> int:
    """The version that the text says it is; -1 if it says none."""
    match = _VERSION.search(text)
    return int(match[1], 16) if match else -1


async def follow_config(coordinator: Coordinator) -> None:  # noqa: ASYNC910  # a background task
    """Hand over each list of servers that the ensemble agrees upon (a background task)."""
    newest = -1
    while True:  # noqa: ASYNC913  # get_and_watch() waits
        try:
            data, _, watch = await coordinator.get_and_watch(CONFIG_NODE)
            newest = _take(coordinator, (data or b"").decode("utf-8", "replace"), newest)
            await watch.wait()
        except (zkwire.ConnectionLost, zkwire.SessionExpired):
            continue  # ask again, in the session that comes next
        except zkwire.ReplyError as error:
            _log.warning("the servers' list cannot be followed: %r", error)
            return  # noqa: ASYNC910  # a background task
        except zkwire.ZkwireError:
            return  # noqa: ASYNC910  # the coordinator is over


def _take(coordinator: Coordinator, text: str, newest: int) -> int:
    """Hand over a list that is newer; the version of the newest list."""
    version = version_of(text)
    if version <= newest:  # from a server that is behind
        return newest
    try:
        servers = servers_of(text)
    except ConfigurationError as error:
        _log.warning("the servers' list cannot be used: %s", error)
        return version
    if servers:
        coordinator.update_servers([str(server) for server in servers])
    return version
