"""The handshake: who gets a session, who gets one back, and who is turned away."""

from __future__ import annotations

from collections.abc import Callable

from zkwire.testing._memory._cluster import Role
from zkwire.testing._memory._serving._frames import granted, refused, refused_by_read_only
from zkwire.testing._memory._serving._handshake import Hello, hello_of
from zkwire.testing._memory._serving._member import Member


class Greeting:
    """One client's wish for a session.

    It is decided at once, or when the ensemble has decided, or never.
    """

    def __init__(
        self,
        member: Member,
        *,
        put: Callable[[bytes], None],
        end: Callable[[], None],
        served: Callable[[int], None],
    ) -> None:
        """``put`` sends a frame, ``end`` closes, ``served`` is called with the session's id."""
        self._member = member
        self._cluster = member.cluster
        self._put = put
        self._end = end
        self._served = served

    def answer(self, frame: bytes) -> None:
        """Answer a client's first frame."""
        hello = hello_of(frame)
        role = self._cluster.role(self._member)
        if hello is None or not self._welcomes(hello, role):
            self._end()
        elif hello.session_id == 0:
            self._open_session(hello, read_only=role is Role.READ_ONLY)
        else:
            self._resume_session(hello, read_only=role is Role.READ_ONLY)

    def _welcomes(self, hello: Hello, role: Role) -> bool:
        if role is Role.NOT_SERVING or hello.last_zxid > self._member.database.last_zxid:
            return False
        if role is not Role.READ_ONLY:
            return True
        # A session of the ensemble may well live on the other side: not a word about it.
        known = not hello.session_id or self._cluster.is_local(self._member, hello.session_id)
        return hello.read_only and known

    def _open_session(self, hello: Hello, *, read_only: bool) -> None:
        def opened(session_id: int | None) -> None:
            if session_id is not None:
                timeout_ms = self._cluster.negotiate(hello.timeout_ms)
                self._grant(hello, session_id, timeout_ms, read_only=read_only)
                return
            if read_only:
                self._put(refused_by_read_only(self._member.database.last_zxid))
            self._end()

        self._cluster.open_session(self._member, hello.timeout_ms, opened)

    def _resume_session(self, hello: Hello, *, read_only: bool) -> None:
        def resumed(timeout_ms: int | None) -> None:
            if timeout_ms is not None:
                self._grant(hello, hello.session_id, timeout_ms, read_only=read_only)
                return
            self._put(refused(read_only=hello.said(read_only)))
            self._end()

        # Before anything is known about the password, as servers do it.
        self._member.close_links_of(hello.session_id)
        self._cluster.resume_session(
            self._member, hello.session_id, hello.password, hello.timeout_ms, resumed
        )

    def _grant(self, hello: Hello, session_id: int, timeout_ms: int, *, read_only: bool) -> None:
        password = self._cluster.password_of(session_id)
        said = hello.said(read_only)
        self._put(granted(timeout_ms, session_id, password, read_only=said))
        self._served(session_id)
