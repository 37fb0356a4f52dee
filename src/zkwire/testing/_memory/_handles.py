"""An in-memory ensemble, as a test holds it in its hands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import trio

from zkwire._arguments import require_int
from zkwire.testing._memory._cluster import Cluster, Role
from zkwire.testing._memory._member import MemoryMember, wait_until
from zkwire.testing._memory._serving import VERSION

if TYPE_CHECKING:
    from zkwire.testing._launcher import PassedOver
    from zkwire.testing._memory._settings import Settings

_NOT_SERVING: Final = "not serving"
_LEADING: Final = frozenset({Role.LEADER, Role.STANDALONE})
_ANSWER_LIMIT: Final = 2.0
_WORD: Final = re.compile(r"[a-z]{4}")
_CHUNK: Final = 65_536


class MemoryEnsemble:
    """One in-memory server or several that form an ensemble.

    Every async method is a checkpoint, and cancelling one has no effect on the servers.

    Attributes:
        members: The servers, in member order.
        provider: ``"memory"``.
        passed_over: Nothing: no other provider was tried.
        version: The ZooKeeper that it behaves as.
        controllable: True: members can be killed, frozen, cut off and made to lag.
    """

    def __init__(
        self, members: Sequence[MemoryMember], cluster: Cluster, settings: Settings
    ) -> None:
        self.members = tuple(members)
        self.provider = "memory"
        self.passed_over: tuple[PassedOver, ...] = ()
        self.version = VERSION
        self.controllable = True
        self._cluster = cluster
        self._settings = settings

    @property
    def servers(self) -> list[str]:
        """The client addresses, ``host:port``, in member order."""
        return [member.address for member in self.members]

    @property
    def secure_servers(self) -> list[str]:
        """Nothing: the members do not speak TLS."""
        return []

    @property
    def tls(self) -> None:
        """None: the members do not speak TLS."""
        return None

    @property
    def sessions(self) -> dict[int, float]:
        """The sessions that are alive, and their timeouts in seconds."""
        return {each: ms / 1000 for each, ms in self._cluster.sessions().items()}

    def describe(self) -> str:
        """Say in one line what runs."""
        count = len(self.members)
        kind = "one server" if count == 1 else f"an ensemble of {count}"
        where = ", ".join(self.servers)
        return f"in-memory ZooKeeper {self.version}: {kind} at {where}"

    async def dial(self, host: str, port: int) -> trio.abc.Stream:
        """Connect to the member at an address, as the ``dial`` of a coordinator does.

        The stream needs no network and works under any clock. A checkpoint; cancelled, it has
        connected nothing.

        Raises:
            ConnectionRefusedError: No member that runs has this address.
        """
        await trio.lowlevel.checkpoint()
        for member in self.members:
            if member.is_at(host, port):
                return member.connect()
        raise ConnectionRefusedError(f"{host}:{port}: no member has this address")

    async def four_letter_word(self, member: MemoryMember, word: str) -> str:
        """Ask one member a four-letter word, such as ``"mntr"``, and return the answer.

        Raises:
            ValueError: The word is not four lower-case letters.
            TimeoutError: No whole answer within two seconds: the server is frozen.
            OSError: The member does not run.
        """
        if not _WORD.fullmatch(word):
            raise ValueError(f"{word!r} is not a four-letter word: four lower-case letters a-z")
        answer = b""
        with trio.move_on_after(_ANSWER_LIMIT) as scope:
            async with member.connect() as stream:
                await stream.send_all(word.encode("ascii"))
                while chunk := await stream.receive_some(_CHUNK):
                    answer += chunk
        if scope.cancelled_caught:
            raise TimeoutError(f"{member.address} did not finish its answer to {word!r}")
        return answer.decode("utf-8", "replace")

    async def mode(self, member: MemoryMember) -> str:
        """Return ``"leader"``, ``"follower"``, ``"standalone"``, or ``"not serving"``.

        A member that is configured to serve without a majority is then ``"read-only"``.

        Raises:
            TimeoutError: The server is frozen.
            OSError: The member does not run.
        """
        await trio.lowlevel.checkpoint()
        if not member.running:
            raise ConnectionRefusedError(f"{member.address}: the member does not run")
        if member.frozen:
            raise TimeoutError(f"{member.address} is frozen")
        return member.role.value or _NOT_SERVING

    async def leader(self) -> MemoryMember:
        """Return the member that leads, waiting for an election where there is none.

        Raises:
            ZooKeeperStartError: No member led within 30 seconds.
        """
        await wait_until(lambda: self._cluster.leader() is not None, "no member leads")
        found = self._cluster.leader()
        return next(member for member in self.members if member.is_replica(found))

    async def wait_ready(self) -> None:
        """Wait until every awake member serves, and exactly one of them leads.

        Raises:
            ZooKeeperStartError: That was not so within 30 seconds.
        """
        await wait_until(self._all_serve, "not every member serves")

    async def expire(self, session_id: int) -> None:
        """End a session at once, as if its time had run out.

        Its ephemeral nodes go, their watches fire, and its client finds it expired.

        Args:
            session_id: The session's number, such as the coordinator's ``session.id``.

        Raises:
            TypeError: The number is not an int.
            ValueError: It is 0, or does not fit 64 bits.
            LookupError: There is no such session, or no longer.
            RuntimeError: There is no majority to end it.
        """
        require_int("session_id", session_id, least=-(2**63), most=2**64 - 1)
        if not session_id:
            raise ValueError("session_id: 0 is no session")
        signed = session_id - 2**64 if session_id >= 2**63 else session_id
        self._cluster.expire(signed)
        await trio.lowlevel.checkpoint()

    def _all_serve(self) -> bool:
        roles = [each.role for each in self.members if each.awake]
        leaders = sum(role in _LEADING for role in roles)
        return leaders == 1 and not {Role.NOT_SERVING, Role.READ_ONLY}.intersection(roles)
