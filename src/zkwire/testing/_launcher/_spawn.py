"""Starting processes that cannot outlive us."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHIM = Path(__file__).with_name("_die_with_parent.py")

# The kernel's "parent" in PR_SET_PDEATHSIG is the thread that forked (prctl(2)). trio ends idle
# worker threads after ten seconds, which would kill the servers they had started; so every
# process is started from this one thread, which lives as long as the interpreter.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="zkwire-testing-spawner")


def spawn(
    command: Sequence[str], *, log: Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a command that dies with this process, its output appended to the log.

    It gets a session of its own: an interrupt from the terminal must reach us first, who then
    end it, not the server behind our back.
    """
    shim = [sys.executable, "-I", "-S", str(_SHIM), str(os.getpid())]

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                [*shim, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=env,
                start_new_session=True,
            )

    return _spawner.submit(start).result()
