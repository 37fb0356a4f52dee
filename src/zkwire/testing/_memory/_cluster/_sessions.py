"""Sessions as members handle them: opened, attached, kept alive, ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from zkwire.testing._memory._cluster._assembly import Assembly
from zkwire.testing._memory._cluster._clock import Clock
from zkwire.testing._memory._cluster._proposal import Proposal
from zkwire.testing._memory._cluster._term import Peer, Term
from zkwire.testing._memory._database import CreateSession
from zkwire.testing._session_password import session_password

if TYPE_CHECKING:
    from zkwire.testing._memory._settings import Settings


class Sessions:
    """What members do about sessions, with the help of their leader."""

    def __init__(self, assembly: Assembly, settings: Settings, clock: Clock) -> None:
        self._assembly = assembly
        self._settings = settings
        self._clock = clock

    def negotiate(self, timeout_ms: int) -> int:
        """The timeout that a session gets who asks for this one."""
        least, most = self._settings.min_session_timeout_ms, self._settings.max_session_timeout_ms
        return min(max(timeout_ms, least), most)

    def open(self, member: Peer, timeout_ms: int, done: Callable[[int | None], None]) -> None:
        """Open a session at a member, a local one if that is read-only."""
        timeout_ms = self.negotiate(timeout_ms)
        if member.term is None:
            local = member.local if self._settings.local_sessions else None
            if local is None:
                done(None)
                return
            session_id = member.session_ids.take()
            member.timeouts[session_id] = timeout_ms
            local.track(session_id, self._clock.now_ms(), timeout_ms)
            done(session_id)
            return
        session_id = member.session_ids.take()
        member.timeouts[session_id] = timeout_ms
        creation = CreateSession(session_id, timeout_ms)
        self.submit(
            member,
            Proposal(member.replica, session_id, creation, frozenset(), lambda _: done(session_id)),
        )

    def resume(
        self,
        member: Peer,
        session_id: int,
        password: bytes,
        timeout_ms: int,
        done: Callable[[int | None], None],
    ) -> None:
        """Attach a session to a member, as far as its leader knows it."""
        if session_id == 0 or password != session_password(session_id):
            done(None)
            return
        timeout_ms = self.negotiate(timeout_ms)
        local = member.local
        if local is not None and local.has(session_id):
            member.timeouts[session_id] = timeout_ms
            local.track(session_id, self._clock.now_ms(), timeout_ms)
            done(timeout_ms)
            return

        def validate(term: Term) -> None:
            now_ms = self._clock.now_ms()
            if not term.tracker.alive(session_id, now_ms):
                done(None)
                return
            term.owners[session_id] = member
            term.tracker.track(session_id, now_ms, timeout_ms)
            member.timeouts[session_id] = timeout_ms
            if session_id in member.replica.database.sessions:
                done(timeout_ms)
            else:
                member.answer(lambda: done(timeout_ms))

        self._assembly.at_leader(member, validate)

    def touch(self, member: Peer, session_id: int) -> bool:
        """Start a session's clock again, wherever that is; False where it has none here."""
        now_ms = self._clock.now_ms()
        term = member.term
        if term is None:
            local = member.local
            if local is None or not local.alive(session_id, now_ms):
                return False
            local.touch(session_id, now_ms, member.timeouts[session_id])
            return True
        committed_ms = member.replica.database.sessions.get(session_id)
        if committed_ms is None:
            member.timeouts.pop(session_id, None)
            return False
        timeout_ms = member.timeouts.get(session_id, committed_ms)
        if term.leader is not member:
            if member.linked:
                arrives_ms = term.next_ping_ms(now_ms)
                term.tracker.report(session_id, now_ms, arrives_ms, timeout_ms, member.replica.id)
            else:
                member.touched[session_id] = timeout_ms
            return True
        if not term.tracker.alive(session_id, now_ms):
            return False
        if term.owners.setdefault(session_id, member) is not member:
            member.replica.close_links_of(session_id)
            return False
        term.tracker.touch(session_id, now_ms, timeout_ms)
        return True

    def submit(self, member: Peer, proposal: Proposal) -> None:
        """Bring a write to the leader."""
        self._assembly.at_leader(member, lambda term: term.propose(member, proposal))

    def expire(self, session_id: int) -> None:
        """End a session now."""
        term = self._assembly.acting()
        if term is None:
            raise RuntimeError(f"session {session_id:#x} cannot end: no leader has a quorum")
        if session_id not in term.newest.sessions:
            raise KeyError(f"no session {session_id:#x}")
        term.close_session(session_id)
