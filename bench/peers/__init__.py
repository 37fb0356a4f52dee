"""The clients that are measured: a program for speed and one for session timeouts for each.

``PEERS``, ``Peer``, ``ROOT`` and ``versions`` come from ``bench.peers._registry``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.peers._registry import PEERS, ROOT, Peer, versions

__all__ = ["PEERS", "ROOT", "Peer", "versions"]


def __getattr__(name: str) -> Any:
    # Not before it is asked for: the Python clients' programs lie below this package, and
    # their memory is measured, which must not hold what builds the other clients.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("bench.peers._registry"), name)
