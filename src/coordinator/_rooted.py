"""Operations whose paths lie under a root path."""

from __future__ import annotations

import zkwire
from coordinator._root import join_root, strip_root


class RootedOperations(zkwire.Operations):
    """The operations, in arguments, results and events alike, under one root path."""

    def __init__(self, root_path: str) -> None:
        self._root_path = root_path

    def server_path(self, path: str) -> str:
        """The server's path: under the root path, but for ``/zookeeper/config``."""
        # Anything else is refused, with the rule that it breaks, before it is sent.
        is_absolute = type(path) is str and path.startswith("/")
        return join_root(self._root_path, path) if is_absolute else path

    def client_path(self, path: str) -> str:
        """The path under the root path."""
        return strip_root(self._root_path, path)
