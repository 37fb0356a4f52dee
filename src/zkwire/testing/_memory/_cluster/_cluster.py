"""The ensemble behind its members: what they ask of it, and what a test does to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from zkwire.testing._memory._cluster._agenda import Agenda
from zkwire.testing._memory._cluster._assembly import Assembly
from zkwire.testing._memory._cluster._clock import Clock
from zkwire.testing._memory._cluster._member import Member
from zkwire.testing._memory._cluster._proposal import Proposal
from zkwire.testing._memory._cluster._role import Role
from zkwire.testing._memory._cluster._sessions import Sessions
from zkwire.testing._memory._cluster._term import Peer
from zkwire.testing._session_password import session_password

if TYPE_CHECKING:
    from zkwire.testing._memory._seam import Replica
    from zkwire.testing._memory._settings import Settings


class Cluster:
    """An ensemble of in-memory servers.

    Everything but `run` is synchronous and happens at once: a write that nothing stands in the
    way of is applied by every member before `submit` returns.  The members are all up from the
    start, the last one leading.  `kill` and the like set ``running`` and ``frozen`` of the
    replica and call its ``close_links`` and ``wake``: a member's public handle has nothing else
    to do.  All of them may be called at any time and do nothing where there is nothing to do.

    What waits for a member that cannot be reached waits as in the buffers of its connections:
    it goes on if the member is back before anybody gave it up, which takes ``sync_limit``
    ticks, and is lost otherwise.
    """

    def __init__(self, settings: Settings, replicas: Sequence[Replica]) -> None:
        """Form the ensemble; must be called inside of an event loop, whose time it takes."""
        self.clock: Final = Clock()
        self._settings = settings
        members: list[Peer] = [Member(replica, self.clock, settings) for replica in replicas]
        self._member_of = {member.replica: member for member in members}
        self._assembly = Assembly(members, settings, self.clock)
        self._sessions = Sessions(self._assembly, settings, self.clock)
        self._agenda = Agenda(self._assembly, self.clock)

    async def run(self) -> None:
        """Do what is due when it is due: expiries, elections, commits that come late.

        Runs until it is cancelled; a checkpoint.  It sleeps until the next thing that is due.
        """
        await self._agenda.run()

    # What a member asks.

    def role(self, replica: Replica) -> Role:
        """What the member is to its clients now; NOT_SERVING where it is dead."""
        return self._assembly.role(self._member_of[replica])

    def leader(self) -> Replica | None:
        """The member that leads and has a quorum behind it, if any."""
        term = self._assembly.acting()
        return None if term is None else term.leader.replica

    def negotiate(self, timeout_ms: int) -> int:
        """The timeout that a session gets who asks for this one."""
        return self._sessions.negotiate(timeout_ms)

    def open_session(
        self, replica: Replica, timeout_ms: int, done: Callable[[int | None], None]
    ) -> None:
        """Open a session with the timeout asked for, negotiated here.

        ``done`` gets its id once the member has applied its creation; None where no session
        can be opened here: at a read-only member without local sessions, or one not serving.
        At a read-only member the session is local: it lives there alone.
        """
        self._sessions.open(self._member_of[replica], timeout_ms, done)
        self._agenda.revise()

    def resume_session(
        self,
        replica: Replica,
        session_id: int,
        password: bytes,
        timeout_ms: int,
        done: Callable[[int | None], None],
    ) -> None:
        """Attach a session to a member, which owns it from now on.

        ``done`` gets the timeout as negotiated, or None: expired, unknown or a wrong password,
        to be answered as expired.  It comes late, or never, where the leader cannot be reached.
        A read-only member resumes only its own local sessions; at one, the caller must close
        the connection of any other **without** an answer, or the client takes a living session
        for expired: ask `is_local` first.
        """
        member = self._member_of[replica]
        self._sessions.resume(member, session_id, password, timeout_ms, done)
        self._agenda.revise()

    def is_local(self, replica: Replica, session_id: int) -> bool:
        """Whether it is a local session of a read-only member."""
        return self._member_of[replica].has_local(session_id)

    @staticmethod
    def password_of(session_id: int) -> bytes:
        """The 16 bytes of password that belong to a session."""
        return session_password(session_id)

    def touch(self, replica: Replica, session_id: int) -> bool:
        """Start a session's clock again, as every request does.

        False where the session does not live here any more: drop the request without an
        answer.  Where it has moved to another member, its connections here have been closed.
        """
        return self._sessions.touch(self._member_of[replica], session_id)

    def submit(self, proposal: Proposal) -> None:
        """Have a write committed; ``proposal.done`` is called when its member applies it.

        Often that is before this returns.  The error is -112 for a session that has ended, and
        -118 for one that has moved to another member meanwhile: its connection here has to be
        closed without an answer.
        """
        self._sessions.submit(self._member_of[proposal.replica], proposal)
        self._agenda.revise()

    def sync(self, replica: Replica, done: Callable[[], None]) -> None:
        """Call back once the member has applied all that the leader has committed by now.

        A leader answers by itself, also one that has been deposed and does not know it.
        """
        self._assembly.sync(self._member_of[replica], done)

    def sessions(self) -> dict[int, int]:
        """The sessions of the ensemble as committed: id to timeout in milliseconds."""
        return dict(self._assembly.newest().sessions)

    # What a test does to it.

    def kill(self, replica: Replica) -> None:
        """End a member as ``kill -9`` does: its connections are reset, the disk remains."""
        self._assembly.kill(self._member_of[replica], reset=True)
        self._agenda.revise()

    def stop(self, replica: Replica) -> None:
        """End a member in good order: the same, but its connections are closed."""
        self._assembly.kill(self._member_of[replica], reset=False)
        self._agenda.revise()

    def start(self, replica: Replica) -> None:
        """Start a member that is down, with the state it had and what it has missed since.

        Where there is a leader it joins at once.  Otherwise a majority of members has to be
        there, and elects one after ``settings.election_time``; one that is alone leads at once.
        """
        self._assembly.start(self._member_of[replica])
        self._agenda.revise()

    def freeze(self, replica: Replica) -> None:
        """Stop a member as SIGSTOP does.

        It is given up by the others after ``sync_limit`` ticks, and if it led they elect
        another one ``election_time`` later.
        """
        self._assembly.freeze(self._member_of[replica])
        self._agenda.revise()

    def resume(self, replica: Replica) -> None:
        """Let a frozen member go on.

        Sessions whose time has come meanwhile expire first if it still leads.  One that the
        others have given up finds its connections to them closed: a follower rejoins at once
        and closes those of its clients; a leader goes on to serve them for up to a tick.
        """
        self._assembly.resume(self._member_of[replica])
        self._agenda.perform()
        replica.wake()
        self._agenda.revise()

    def lag(self, replica: Replica, seconds: float) -> None:
        """Let commits reach a member this much later from now on; 0 ends it, and it catches up.

        Writes of its own clients are answered when it applies them.  A leader decides by the
        newest state all the same.
        """
        self._assembly.lag(self._member_of[replica], seconds)
        self._agenda.revise()

    def partition(self, replica: Replica) -> None:
        """Cut a member off from all others, but not from its clients.

        It takes ``sync_limit`` ticks to notice, answering pings and reads (a leader: also
        sync); then it closes its connections and serves no more, or read-only where that is
        configured.  A majority without its leader notices at once and elects another after
        ``election_time``.  Each call needs a `heal` of its own.
        """
        self._assembly.partition(self._member_of[replica])
        self._agenda.revise()

    def heal(self, replica: Replica) -> None:
        """End a partition: the member goes on, or rejoins if it was given up meanwhile."""
        self._assembly.heal(self._member_of[replica])
        self._agenda.revise()

    def expire(self, session_id: int) -> None:
        """End a session now, as if its time had come.

        Raises:
            KeyError: There is no such session.
            RuntimeError: No leader has a quorum, so nothing can be committed.
        """
        self._sessions.expire(session_id)
        self._agenda.revise()
