"""Paths under the root path: a client's ``/x`` is the server's ``<root>/x``, and back.

1. ``/`` is the root itself, and a root of ``/`` changes nothing: no path gets a double slash.
2. The server's configuration node is the one path with the same name on both sides, because
   there is only one of it (ZooKeeper's own clients exempt it too).
3. A path belongs to the root if it *is* the root or continues it with a slash: ``/burrowed`` does
   not belong to ``/burrow``.
"""

from __future__ import annotations

from typing import Final

CONFIG_NODE: Final = "/zookeeper/config"


def join_root(root: str, path: str) -> str:
    """Turn a client's path into the server's.

    Args:
        root: a root path that `check_root_path` has accepted.
        path: an absolute path, which is otherwise not checked.  A trailing slash, legal for
            sequential nodes, is kept; ``/`` becomes the root without one.

    Returns:
        The path as the server knows it.

    Raises:
        ValueError: the path is not absolute; appended to the root it would name a sibling of it.
    """
    if not path.startswith("/"):
        raise ValueError(f"path: {path!r}: must start with '/'")
    if root == "/" or path == CONFIG_NODE:
        return path
    return root if path == "/" else root + path


def strip_root(root: str, path: str) -> str:
    """Turn a server's path into the client's.

    Args:
        root: a root path that `check_root_path` has accepted.
        path: a path from a reply or a watch event.

    Returns:
        The path as the client knows it.  One outside the root comes back as it is: what a server
        sends must never stop the delivery of events (ZOOKEEPER-1027).
    """
    if root == "/" or path == CONFIG_NODE:
        return path
    if path == root:
        return "/"
    return path.removeprefix(root) if path.startswith(f"{root}/") else path
