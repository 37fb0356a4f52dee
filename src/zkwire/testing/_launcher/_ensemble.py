"""The running servers, for synchronous code; everything here blocks, within a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zkwire.testing._launcher._end_session import end_session
from zkwire.testing._launcher._errors import NotControllableError, ZooKeeperStartError
from zkwire.testing._launcher._severable import Severable
from zkwire.testing._launcher._waiting import wait_until
from zkwire.testing._launcher._words import (
    NOT_SERVING,
    answers,
    ask,
    listens,
    mode_or_silence,
    report,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zkwire.testing._launcher._errors import PassedOver
    from zkwire.testing._launcher._link import Link
    from zkwire.testing._launcher._server import Server
    from zkwire.testing._launcher._tls import TlsFiles

READY_LIMIT = 30.0
"""Seconds within which a server must answer, and an ensemble have its leader."""

_LEADING: Final = ("leader", "standalone")


def all_serve(modes: Sequence[str | None]) -> bool:
    """Say whether every server of these modes serves clients, and exactly one leads."""
    leaders = sum(mode in _LEADING for mode in modes)
    return leaders == 1 and None not in modes and NOT_SERVING not in modes


class Member(Severable):
    """One server of an ensemble.

    Attributes:
        id: Its number, from 1.
        address: Its client address, ``host:port``; it keeps it through every restart.
        secure_address: The address at which it speaks TLS, or None.
    """

    def __init__(
        self,
        member_id: int,
        address: str,
        server: Server | None,
        peers: Sequence[Member],
        *,
        secure_address: str | None = None,
        link: Link | None = None,
    ) -> None:
        self.id = member_id
        self.address = address
        self.secure_address = secure_address
        self._server = server
        self._link = link
        self._frozen = False
        self._peers = peers

    def __repr__(self) -> str:
        return f"<Member {self.id} at {self.address}>"

    @property
    def running(self) -> bool:
        """Whether its process exists; a frozen one does. A given server counts as running."""
        return self._server is None or self._server.running

    @property
    def frozen(self) -> bool:
        """Whether `freeze` was called, and neither `resume` nor anything that ends it since."""
        return self._frozen and self.running

    @property
    def awake(self) -> bool:
        """Whether it can take part in the ensemble: it runs, not frozen and not partitioned."""
        return self.running and not self.frozen and not self.partitioned

    def kill(self) -> None:
        """End the server as a power cut would: SIGKILL, or docker kill.

        Raises:
            NotControllableError: The server was given.
        """
        self._control("kill").kill()
        self._frozen = False

    def stop(self) -> None:
        """End the server in the orderly way: SIGTERM, or docker stop.

        Raises:
            NotControllableError: The server was given.
        """
        self._control("stop").stop()
        self._frozen = False

    def freeze(self) -> None:
        """Stop its execution: SIGSTOP, or docker pause. Connections stay open, nothing answers.

        Raises:
            NotControllableError: The server was given.
            RuntimeError: It does not run.
        """
        server = self._control("freeze")
        if not server.running:
            raise RuntimeError(f"{self!r} does not run, so it cannot be frozen")
        if not self._frozen:
            server.freeze()
            self._frozen = True

    def resume(self) -> None:
        """Let a frozen server go on; does nothing to one that is not frozen.

        Raises:
            NotControllableError: The server was given.
        """
        server = self._control("resume")
        if self.frozen:
            server.resume()
        self._frozen = False

    def start(self) -> None:
        """Start the server again with its data, on its port, and wait until it answers.

        Where a majority of the ensemble runs, wait until this member serves clients too.
        Does nothing to one that runs.

        Raises:
            NotControllableError: The server was given.
            ZooKeeperStartError: It was not ready within 30 seconds.
        """
        server = self._control("start")
        if server.running:
            return
        server.start()
        self._wait_until(self._answers, "answer")
        if not self.partitioned and self._has_quorum():
            self._wait_until(self._serves, "serve clients")

    def restart(self) -> None:
        """Kill the server where it runs, then start it with its data: a power cut, and power.

        Raises:
            NotControllableError: The server was given.
            ZooKeeperStartError: It was not ready within 30 seconds.
        """
        self._control("restart")
        self.kill()
        self.start()

    def log_tail(self) -> str:
        """Return the last lines of the server's log; empty for a given server."""
        return "" if self._server is None else self._server.log_tail()

    def _wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition of this member; give up early where its process has ended."""
        settled = wait_until(lambda: condition() or not self.running, READY_LIMIT)
        if settled and self.running:
            return
        fate = f"did not {what} in time" if self.running else "has ended"
        raise ZooKeeperStartError(f"{self!r} {fate}; its log ends:\n{self.log_tail()}")

    def _has_quorum(self) -> bool:
        return 2 * sum(each.awake for each in self._peers) > len(self._peers)

    def _answers(self) -> bool:
        secure = self.secure_address
        return answers(self.address) and (secure is None or listens(secure))

    def _serves(self) -> bool:
        return mode_or_silence(self.address) not in (None, NOT_SERVING)

    def _control(self, verb: str) -> Server:
        if self._server is None:
            raise NotControllableError(
                f"cannot {verb} {self.address}: the provider is 'given', and a given server "
                "belongs to whoever started it"
            )
        return self._server


class Ensemble:
    """One server or several that form an ensemble.

    Attributes:
        members: The servers, in member order.
        provider: Where they come from: ``"given"``, ``"docker"``, ``"maven"`` or ``"debian"``.
        passed_over: The providers that were tried before, with the reasons.
        version: What the first server says it is, for example ``"3.9.5"``.
        tls: The files that its TLS goes by, from which clients make their contexts, or None.
    """

    def __init__(
        self,
        members: Sequence[Member],
        *,
        provider: str,
        passed_over: Sequence[PassedOver],
        version: str,
        tls: TlsFiles | None = None,
        close: Callable[[], None],
    ) -> None:
        self.members = tuple(members)
        self.provider = provider
        self.passed_over = tuple(passed_over)
        self.version = version
        self.tls = tls
        self._close = close

    @property
    def servers(self) -> list[str]:
        """The client addresses, ``host:port``, in member order."""
        return [member.address for member in self.members]

    @property
    def secure_servers(self) -> list[str]:
        """The addresses at which the members speak TLS; empty where they do not."""
        addresses = [member.secure_address for member in self.members]
        return [address for address in addresses if address is not None]

    @property
    def controllable(self) -> bool:
        """Whether members can be killed, frozen and started: not where they were given."""
        return self.provider != "given"

    def describe(self) -> str:
        """Say in one line what runs, where it comes from, and why not from elsewhere."""
        count = len(self.members)
        shape = "one server" if count == 1 else f"{count} servers"
        addresses = ", ".join(self.servers)
        line = f"ZooKeeper {self.version} from {self.provider}: {shape} at {addresses}"
        if self.passed_over:
            reasons = "; ".join(f"{each.provider}: {each.reason}" for each in self.passed_over)
            line += f" (passed over: {reasons})"
        return " ".join(line.split())

    def four_letter_word(self, member: Member, word: str) -> str:
        """Ask one member a four-letter word, such as ``"mntr"``, and return the answer.

        Raises:
            ValueError: The word is not four lower-case letters.
            TimeoutError: No whole answer within two seconds: the server is frozen.
            OSError: Nothing listens, or the connection broke.
        """
        return ask(member.address, word)

    def mode(self, member: Member) -> str:
        """Return ``"leader"``, ``"follower"``, ``"standalone"``, or ``"not serving"``.

        Raises:
            TimeoutError: No whole answer within two seconds: the server is frozen.
            OSError: Nothing listens, or the connection broke.
        """
        return report(member.address).mode

    def leader(self) -> Member:
        """Return the member that leads, waiting for an election where there is none.

        A frozen or partitioned member is not asked: it may believe that it leads, and cannot
        act on it.

        Raises:
            ZooKeeperStartError: No member led within 30 seconds.
        """
        found: list[Member] = []

        def look() -> bool:
            found[:] = [each for each in self._awake() if self._leads(each)]
            return len(found) == 1

        if not wait_until(look, READY_LIMIT):
            raise ZooKeeperStartError(f"no leader within {READY_LIMIT:g} s; {self._modes()}")
        return found[0]

    def wait_ready(self) -> None:
        """Wait until every awake member serves, and exactly one of them leads.

        Raises:
            ZooKeeperStartError: That was not so within 30 seconds.
        """
        if not wait_until(self._is_ready, READY_LIMIT):
            logs = "\n".join(f"{each!r}, log:\n{each.log_tail()}" for each in self.members)
            raise ZooKeeperStartError(f"not ready: {self._modes()}\n{logs}")

    def expire(self, session_id: int) -> None:
        """End a session at once, as if its time had run out; given servers do it too.

        Its ephemeral nodes go, their watches fire, and its client finds it expired, however
        often that attaches again meanwhile. When this returns, every awake member shows that.

        Args:
            session_id: The session's number, such as the coordinator's ``session.id``.

        Raises:
            TypeError: The number is not an int.
            ValueError: It is 0, or does not fit 64 bits.
            LookupError: There is no such session, or no longer.
            RuntimeError: No member is awake.
            TimeoutError: It was not ended within 30 seconds: there is no majority.
            zkwire.ReplyError: A server refused, such as one that wants SASL first.
        """
        awake = [each.address for each in self._awake()]
        if not awake:
            raise RuntimeError("no member is awake, so no session can be ended")
        end_session(awake, session_id)

    def close(self) -> None:
        """End every server and remove its directory; leave given ones alone. Idempotent."""
        self._close()

    def _awake(self) -> list[Member]:
        return [each for each in self.members if each.awake]

    @staticmethod
    def _leads(member: Member) -> bool:
        return mode_or_silence(member.address) in _LEADING

    def _is_ready(self) -> bool:
        return all_serve([mode_or_silence(each.address) for each in self._awake()])

    def _modes(self) -> str:
        return ", ".join(f"{each!r}: {mode_or_silence(each.address)}" for each in self.members)
