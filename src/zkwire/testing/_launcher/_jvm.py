"""One server as a JVM on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from zkwire.testing._launcher._config import jvm_flags, zoo_cfg
from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._run import tail
from zkwire.testing._launcher._server import MemberSpec
from zkwire.testing._launcher._spawn import spawn

_MAIN_CLASS = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
_ORDERLY_LIMIT = 10.0
_REAP_LIMIT = 10.0
_STOP_LIMIT = 10.0
_STOP_INTERVAL = 0.001
_LOG_TAIL_LINES = 30

JRE_REMEDY = "apt-get install default-jre-headless"

# slf4j-simple writes to the standard output, which is the log file in the server's directory.
_LOGGING = {
    "org.slf4j.simpleLogger.logFile": "System.out",
    "org.slf4j.simpleLogger.showDateTime": "true",
    "org.slf4j.simpleLogger.dateTimeFormat": "HH:mm:ss.SSS",
    # It tells of every four-letter word, which is how the launcher waits.
    "org.slf4j.simpleLogger.log.org.apache.zookeeper.server.NIOServerCnxn": "warn",
}

# Milliseconds. A member alone asks for its peers' votes ever more rarely, down to once a minute:
# cut off for 40 s, it came back 13 s after the cut was healed, and with this after 0.7 s.
_QUICK_RETURN = {"zookeeper.fastleader.maxNotificationInterval": "1000"}


def find_java() -> str:
    """Return the path of the ``java`` command, from JAVA_HOME or the PATH.

    Raises:
        UnavailableError: There is none.
    """
    home = os.environ.get("JAVA_HOME")
    if home:
        java = Path(home, "bin", "java")
        if java.is_file():
            return str(java)
    found = shutil.which("java")
    if found is None:
        raise UnavailableError("there is no java command", JRE_REMEDY)
    return found


@dataclass(frozen=True, slots=True)
class JvmRuntime:
    """A Java command and the server's class path."""

    java: str
    classpath: str

    def create(self, spec: MemberSpec) -> JvmServer:
        """Write the member's configuration into its directory."""
        data = spec.directory / "data"
        data.mkdir()
        (data / "myid").write_text(f"{spec.id}\n", encoding="ascii")
        config = spec.directory / "zoo.cfg"
        text = zoo_cfg(
            spec.request,
            member_id=spec.id,
            ports=spec.ports,
            data_dir=PurePosixPath(data),
            security=spec.security,
        )
        config.write_text(text, encoding="utf-8")
        properties = {**_LOGGING, **spec.security.system_properties}
        if spec.namespace is not None:
            properties.update(_QUICK_RETURN)
        flags = jvm_flags(spec.request, properties)
        command = [self.java, *flags, "-cp", self.classpath, _MAIN_CLASS, str(config)]
        if spec.namespace is not None:
            command = spec.namespace.command(*command)
        return JvmServer(command, spec.directory)


class JvmServer:
    """One JVM, its directory and its log."""

    def __init__(self, command: list[str], directory: Path) -> None:
        self._command = command
        self._directory = directory
        self._log = directory / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process exists; a frozen one does."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the JVM; does nothing where it runs."""
        if not self.running:
            self._process = spawn(self._command, log=self._log, cwd=self._directory)

    def stop(self) -> None:
        """End it with SIGTERM, and with SIGKILL where that takes longer than ten seconds."""
        if self._process is None or not self.running:
            return
        self._process.terminate()
        self.resume()  # a frozen process handles its SIGTERM only once it runs
        try:
            self._process.wait(_ORDERLY_LIMIT)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it with SIGKILL, which reaches frozen processes too."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_REAP_LIMIT)

    def freeze(self) -> None:
        """Send SIGSTOP, and wait until the last thread has stopped.

        A thread that is on a processor goes on for a moment, and may answer meanwhile.
        """
        if self._process is None:
            return
        self._process.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + _STOP_LIMIT
        while not self._stopped(self._process.pid) and time.monotonic() < deadline:
            time.sleep(_STOP_INTERVAL)

    @staticmethod
    def _stopped(pid: int) -> bool:
        anything = os.WSTOPPED | os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, pid, anything) is not None
        except ChildProcessError:  # it has ended
            return True

    def resume(self) -> None:
        """Send SIGCONT."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def log_tail(self) -> str:
        """Return the last lines of the server's log."""
        try:
            text = self._log.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return tail(text, _LOG_TAIL_LINES)

    def close(self) -> None:
        """Kill it where it runs: nobody will read its data again."""
        self.kill()
