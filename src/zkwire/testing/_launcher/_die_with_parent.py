"""Run a command that the kernel kills when the thread that started it ends.

Run as a script: ``python -I -S _die_with_parent.py PARENT_PID COMMAND...``. It arms
PR_SET_PDEATHSIG on itself and becomes the command, so the process id stays the same. The
alternative, subprocess's preexec_fn, may deadlock in a program with threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Arm the signal and become the command."""
    parent, *command = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != int(parent):
        sys.exit("the parent ended before the command was started")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
