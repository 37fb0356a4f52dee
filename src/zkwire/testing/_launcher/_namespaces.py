"""Network namespaces without names, kept alive by one open file descriptor each.

``ip netns add`` would leave a mount behind wherever this process is killed. A namespace that
only descriptors and processes hold goes with the last of them, and takes its interfaces, the
other ends of its veth pairs and its iptables rules along (namespaces(7), veth(4)).
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Final, TypeVar

from zkwire.testing._launcher._errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

_CLONE_NEWNET: Final = 0x40000000
_OWN_NAMESPACE: Final = "/proc/thread-self/ns/net"
_COMMAND_LIMIT = 10.0
# A user's PATH may lack the directories of the administrator's tools.
_ADMIN_PATH: Final = "/usr/sbin:/sbin:/usr/bin:/bin"
_PACKAGES: Final = {"ip": "iproute2", "iptables": "iptables", "nsenter": "util-linux"}


def tool(name: str) -> str:
    """Return the path of an administrator's command.

    Raises:
        UnavailableError: It is not installed.
    """
    found = shutil.which(name) or shutil.which(name, path=_ADMIN_PATH)
    if found is None:
        raise UnavailableError(f"there is no {name} command", f"apt-get install {_PACKAGES[name]}")
    return found


class Namespace:
    """One network namespace; it ends with the last process that is in it, after `close`."""

    def __init__(self) -> None:
        """Make an empty one, whose loopback is down.

        Raises:
            UnavailableError: This process may not.
        """
        # In a thread of its own, which the calls change for good.
        self._descriptor = _in_thread(_unshare)

    @property
    def path(self) -> str:
        """A path that stands for it, for other processes too while this one holds it."""
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._descriptor < 0

    def command(self, *command: str) -> list[str]:
        """Return the command that runs this one inside, under the same process id."""
        return [tool("nsenter"), f"--net={self.path}", *command]

    def run(self, name: str, *arguments: str, script: str | None = None) -> None:
        """Run an administrator's command inside, to its end.

        Raises:
            UnavailableError: It is not installed, or failed.
        """
        command = self.command(tool(name), *arguments)
        try:
            subprocess.run(
                command,
                input=script,
                stdin=subprocess.DEVNULL if script is None else None,
                capture_output=True,
                text=True,
                check=True,
                timeout=_COMMAND_LIMIT,
            )
        except subprocess.CalledProcessError as error:
            said = str(error.stderr).strip()
            raise UnavailableError(f"{name} {' '.join(arguments)} failed: {said}") from error
        except subprocess.TimeoutExpired as error:
            raise UnavailableError(f"{name} took longer than {_COMMAND_LIMIT:g} s") from error

    def call(self, function: Callable[[], _T]) -> _T:
        """Call a function inside, in a thread of its own. Sockets it makes stay inside."""

        def inside() -> _T:
            _checked(_libc().setns(self._descriptor, _CLONE_NEWNET), "setns")
            return function()

        return _in_thread(inside)

    def close(self) -> None:
        """Let go of it. Doing it twice does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def check_isolation(provider: str) -> None:
    """Check that servers of this provider can run in namespaces here, by making one.

    Raises:
        UnavailableError: They cannot, for the reason given.
    """
    if provider not in ("maven", "debian"):
        raise UnavailableError("isolated members run in JVMs of this machine alone")
    if sys.platform != "linux":
        raise UnavailableError("network namespaces exist on Linux alone")
    if os.geteuid() != 0:
        raise UnavailableError("only root can make network namespaces", "run as root")
    namespace = Namespace()
    try:
        namespace.run("ip", "link", "add", "trial", "type", "bridge")
        namespace.run("ip", "link", "add", "one", "type", "veth", "peer", "name", "other")
        namespace.run("iptables", "-w", "-A", "INPUT", "-i", "one", "-j", "DROP")
    finally:
        namespace.close()


def _unshare() -> int:
    _checked(_libc().unshare(_CLONE_NEWNET), "unshare(CLONE_NEWNET)")
    return os.open(_OWN_NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)


def _libc() -> ctypes.CDLL:
    # os.setns and os.unshare came with Python 3.12.
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise UnavailableError(f"{what}: {os.strerror(error)}")


def _in_thread(function: Callable[[], _T]) -> _T:
    results: list[_T] = []
    failures: list[Exception] = []

    def work() -> None:
        try:
            results.append(function())
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            failures.append(error)

    thread = threading.Thread(target=work, name="zkwire-testing-namespace")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]
