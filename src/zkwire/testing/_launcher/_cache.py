"""The per-user cache directory, filled by one process at a time."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Generator


def cache_root() -> Path:
    """Return ``$XDG_CACHE_HOME/zkwire``, or ``~/.cache/zkwire``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG base directory specification says to ignore a relative path.
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "zkwire"


@contextmanager
def locked(path: Path, *, seconds: float) -> Generator[None, None, None]:
    """Hold a file lock, which the kernel drops with the process that held it.

    Raises:
        UnavailableError: Another process held it for longer than this.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)

    def acquired() -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        if not wait_until(acquired, seconds):
            raise UnavailableError(f"another process has held {path.name} for {seconds:g} s")
        yield
    finally:
        os.close(descriptor)
