"""Running a helper command to its end, within a bound."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._spawn import spawn
from zkwire.testing._launcher._waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TAIL_LINES = 5
_REAP_LIMIT = 10.0


def tail(text: str, lines: int) -> str:
    """Return the last lines that are not blank."""
    return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])


def run_bounded(
    command: Sequence[str], *, seconds: float, env: Mapping[str, str] | None = None
) -> None:
    """Run a command, and end it where it takes longer than this.

    Raises:
        UnavailableError: It failed, or ran out of time; the message ends with its last lines.
    """
    with tempfile.TemporaryDirectory(prefix="zkwire-run-") as directory:
        log = Path(directory, "output")
        process = spawn(command, log=log, cwd=Path(directory), env=env)
        try:
            ended = wait_until(lambda: process.poll() is not None, seconds)
        finally:
            process.kill()  # does nothing once it has ended
            process.wait(_REAP_LIMIT)
        name = " ".join(command[:2])
        last = tail(log.read_text(encoding="utf-8", errors="replace"), _TAIL_LINES)
        if not ended:
            raise UnavailableError(f"{name!r} took longer than {seconds:g} s: {last}")
        if process.returncode != 0:
            raise UnavailableError(f"{name!r} failed with {process.returncode}: {last}")
