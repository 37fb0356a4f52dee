"""Which paths a node may have: the rules of Java's PathUtils, checked before sending.

Servers validate the path of a create in full, of a delete in part and of a read
not at all (``exists("")`` answers with the root's Stat), so a client that leaves
it to them gets NoNode for a typing error.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from zkwire._arguments import require_str
from zkwire._errors import InvalidArgument

# Java tests UTF-16 units, so everything above U+FFFF is invalid through its surrogates.
_FORBIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\uf8ff\ufff0-\uffff\U00010000-\U0010ffff]"
)
# Long-lived clients ask for the same paths over and over; a hit costs 0.06 us
# where the full check costs about 0.6 us.
_CACHED_PATHS: Final = 4096


@lru_cache(_CACHED_PATHS)
def _fault(path: str) -> str | None:
    """The rule that a path breaks, if any."""
    if not path:
        return "must not be empty"
    if path[0] != "/":
        return "must start with '/'"
    if path == "/":
        return None
    if path[-1] == "/":
        return "must not end with '/'"
    if bad := _FORBIDDEN.search(path):
        return f"must not contain U+{ord(bad[0]):04X} (at index {bad.start()})"
    for element in path[1:].split("/"):
        if not element:
            return "must not contain an empty element ('//')"
        if element in {".", ".."}:
            return f"must not contain the element {element!r}"
    return None


def _error(path: str, fault: str) -> InvalidArgument:
    return InvalidArgument(f"path: {path!r} {fault}")


def check_path(path: str) -> str:
    """Return a node's path.

    Raises:
        InvalidArgument: it breaks a rule, which the message names.
        InvalidArgumentType: it is not a ``str``.
    """
    if type(path) is not str:
        require_str("path", path)
    if (fault := _fault(path)) is not None:
        raise _error(path, fault)
    return path


def check_sequential_path(path: str) -> str:
    """The same for a path to which the server appends a number: it may end with ``/``."""
    require_str("path", path)
    if (fault := _fault(path + "1")) is not None:
        raise _error(path, fault)
    return path
