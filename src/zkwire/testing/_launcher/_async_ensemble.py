"""The running servers, for trio: the synchronous handle, run in threads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import trio

from zkwire.testing._launcher._severable import AsyncSeverable

if TYPE_CHECKING:
    from zkwire.testing._launcher._ensemble import Ensemble, Member
    from zkwire.testing._launcher._errors import PassedOver
    from zkwire.testing._launcher._tls import TlsFiles


class AsyncMember(AsyncSeverable):
    """One server of an ensemble.

    Every method is a checkpoint. Cancelling one that changes the server waits until the change
    is made; `start` and `restart` give up early, and the server then goes on starting by itself.
    """

    def __init__(self, core: Member) -> None:
        self._core = core
        self._severable = core

    def __repr__(self) -> str:
        return f"<AsyncMember {self.id} at {self.address}>"

    @property
    def id(self) -> int:
        """Its number, from 1."""
        return self._core.id

    @property
    def address(self) -> str:
        """Its client address, ``host:port``; it keeps it through every restart."""
        return self._core.address

    @property
    def secure_address(self) -> str | None:
        """The address at which it speaks TLS, or None."""
        return self._core.secure_address

    @property
    def running(self) -> bool:
        """Whether its process exists; a frozen one does. A given server counts as running."""
        return self._core.running

    @property
    def frozen(self) -> bool:
        """Whether `freeze` was called, and neither `resume` nor anything that ends it since."""
        return self._core.frozen

    async def kill(self) -> None:
        """End the server as a power cut would: SIGKILL, or docker kill.

        Raises:
            NotControllableError: The server was given.
        """
        await trio.to_thread.run_sync(self._core.kill)

    async def stop(self) -> None:
        """End the server in the orderly way: SIGTERM, or docker stop.

        Raises:
            NotControllableError: The server was given.
        """
        await trio.to_thread.run_sync(self._core.stop)

    async def freeze(self) -> None:
        """Stop its execution: SIGSTOP, or docker pause. Connections stay open, nothing answers.

        Raises:
            NotControllableError: The server was given.
            RuntimeError: It does not run.
        """
        await trio.to_thread.run_sync(self._core.freeze)

    async def resume(self) -> None:
        """Let a frozen server go on; does nothing to one that is not frozen.

        Raises:
            NotControllableError: The server was given.
        """
        await trio.to_thread.run_sync(self._core.resume)

    async def start(self) -> None:
        """Start the server again with its data, on its port, and wait until it answers.

        Where a majority of the ensemble runs, wait until this member serves clients too.

        Raises:
            NotControllableError: The server was given.
            ZooKeeperStartError: It was not ready within 30 seconds.
        """
        await trio.to_thread.run_sync(self._core.start)

    async def restart(self) -> None:
        """Kill the server where it runs, then start it with its data: a power cut, and power.

        Raises:
            NotControllableError: The server was given.
            ZooKeeperStartError: It was not ready within 30 seconds.
        """
        await trio.to_thread.run_sync(self._core.restart)

    async def log_tail(self) -> str:
        """Return the last lines of the server's log; empty for a given server."""
        return await trio.to_thread.run_sync(self._core.log_tail, abandon_on_cancel=True)


class AsyncEnsemble:
    """One server or several that form an ensemble.

    Every async method is a checkpoint, and cancelling one has no effect on the servers; but a
    session that `expire` has begun to end may be gone.
    """

    def __init__(self, core: Ensemble) -> None:
        self._core = core
        self._by_core = {member: AsyncMember(member) for member in core.members}
        self.members = tuple(self._by_core.values())

    @property
    def servers(self) -> list[str]:
        """The client addresses, ``host:port``, in member order."""
        return self._core.servers

    @property
    def secure_servers(self) -> list[str]:
        """The addresses at which the members speak TLS; empty where they do not."""
        return self._core.secure_servers

    @property
    def tls(self) -> TlsFiles | None:
        """The files that its TLS goes by, from which clients make their contexts, or None."""
        return self._core.tls

    @property
    def provider(self) -> str:
        """Where they come from: ``"given"``, ``"docker"``, ``"maven"`` or ``"debian"``."""
        return self._core.provider

    @property
    def passed_over(self) -> tuple[PassedOver, ...]:
        """The providers that were tried before, with the reasons."""
        return self._core.passed_over

    @property
    def version(self) -> str:
        """What the first server says it is, for example ``"3.9.5"``."""
        return self._core.version

    @property
    def controllable(self) -> bool:
        """Whether members can be killed, frozen and started: not where they were given."""
        return self._core.controllable

    def describe(self) -> str:
        """Say in one line what runs, where it comes from, and why not from elsewhere."""
        return self._core.describe()

    async def four_letter_word(self, member: AsyncMember, word: str) -> str:
        """Ask one member a four-letter word, such as ``"mntr"``, and return the answer.

        Raises:
            ValueError: The word is not four lower-case letters.
            TimeoutError: No whole answer within two seconds: the server is frozen.
            OSError: Nothing listens, or the connection broke.
        """
        ask = partial(self._core.four_letter_word, self._core_of(member), word)
        return await trio.to_thread.run_sync(ask, abandon_on_cancel=True)

    async def mode(self, member: AsyncMember) -> str:
        """Return ``"leader"``, ``"follower"``, ``"standalone"``, or ``"not serving"``.

        Raises:
            TimeoutError: No whole answer within two seconds: the server is frozen.
            OSError: Nothing listens, or the connection broke.
        """
        ask = partial(self._core.mode, self._core_of(member))
        return await trio.to_thread.run_sync(ask, abandon_on_cancel=True)

    async def leader(self) -> AsyncMember:
        """Return the member that leads, waiting for an election where there is none.

        Raises:
            ZooKeeperStartError: No member led within 30 seconds.
        """
        return self._by_core[await trio.to_thread.run_sync(self._core.leader)]

    async def wait_ready(self) -> None:
        """Wait until every awake member serves, and exactly one of them leads.

        Raises:
            ZooKeeperStartError: That was not so within 30 seconds.
        """
        await trio.to_thread.run_sync(self._core.wait_ready)

    async def expire(self, session_id: int) -> None:
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
        await trio.to_thread.run_sync(self._core.expire, session_id)

    def _core_of(self, member: AsyncMember) -> Member:
        return self._core.members[member.id - 1]
