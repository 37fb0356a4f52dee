"""One client and its requests, once it has a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from zkwire._errors import (
    AuthFailed,
    MarshallingError,
    NotReadOnly,
    SessionMoved,
    Unimplemented,
)
from zkwire._jute import MalformedRecord, records
from zkwire._models import Acl, Identity
from zkwire._types import EventType, OpCode, Perms, SpecialXid
from zkwire.testing._memory._cluster import Proposal, Role
from zkwire.testing._memory._database import (
    Applied,
    CloseSession,
    Database,
    allows,
    digest_identities,
)
from zkwire.testing._memory._serving._frames import notification, reply
from zkwire.testing._memory._serving._local import READS, read
from zkwire.testing._memory._serving._member import Member
from zkwire.testing._memory._serving._reader import RefusedError
from zkwire.testing._memory._serving._requests import WRITES, Request, request_of, write_of
from zkwire.testing._memory._serving._results import body_of
from zkwire.testing._memory._serving._turns import Turns
from zkwire.testing._memory._serving._watches import Watches

_NO_ZXID: Final = 0
_UNKNOWN_ZXID: Final = -1
_CLOSED: Final = OpCode.CLOSE_SESSION
_PING_REPLY: Final = int(SpecialXid.PING)
_NULL_TOKEN: Final = records.SET_SASL_RESPONSE.encode(None)


class Client:
    """Who a connection belongs to, what it asks for, and what it watches."""

    def __init__(
        self,
        member: Member,
        host: str,
        *,
        put: Callable[[bytes], None],
        end: Callable[[], None],
    ) -> None:
        """``put`` sends a frame; ``end`` lets what was put go out, and closes."""
        self.session_id = 0
        self.who = frozenset({Identity("ip", host)})
        self._member = member
        self._cluster = member.cluster
        self._put = put
        self._end = end
        self._turns = Turns()

    @property
    def database(self) -> Database:
        """The tree of the member that it is connected to."""
        return self._member.database

    @property
    def watches(self) -> Watches:
        """The watches of that member."""
        return self._member.watches

    def may(self, acl: Sequence[Acl], perms: int) -> bool:
        """Whether an ACL allows it any of these."""
        return allows(acl, perms, self.who)

    def notify(self, event: EventType, path: str, zxid: int, acl: Sequence[Acl] | None, /) -> None:
        """Tell of a change, if the client may read what has the ACL (CVE-2024-23944)."""
        if acl is None or self.may(acl, Perms.READ):
            self._put(notification(event, path, zxid))

    def handle(self, frame: bytes) -> None:
        """Answer a request: now, once it is committed, or never."""
        request = request_of(frame)
        if request is None:
            self._end()
        elif request.opcode == OpCode.AUTH:
            self._authenticate(request)
        elif request.opcode == OpCode.SASL:
            self._refuse_sasl(request)
        elif self._cluster.touch(self._member, self.session_id):
            self._dispatch(request)

    def leave(self) -> None:
        """Answer nothing any more, and watch nothing."""
        self._turns.forget()
        self.watches.forget(self)

    def _dispatch(self, request: Request) -> None:
        opcode = request.opcode
        if opcode == OpCode.PING:
            self._turns.take(self._answer_ping)
        elif opcode in READS:
            self._turns.take(partial(self._answer_read, request))
        elif opcode in WRITES or opcode == _CLOSED:
            self._write(request)
        elif opcode == OpCode.SYNC:
            self._sync(request)
        else:
            self._turns.take(partial(self._answer_unknown, request))

    def _answer(self, request: Request, err: int, body: bytes = b"") -> None:
        self._put(reply(request.xid, self.database.last_zxid, err, body))

    def _answer_ping(self) -> None:
        self._put(reply(_PING_REPLY, self.database.last_zxid))

    def _answer_read(self, request: Request) -> None:
        try:
            body = read(self, request)
        except RefusedError as error:
            self._answer(request, error.code, error.body)
        else:
            self._answer(request, 0, body)

    def _answer_unknown(self, request: Request) -> None:
        self._put(reply(request.xid, _UNKNOWN_ZXID, Unimplemented.code))
        self._end()

    def _write(self, request: Request) -> None:
        closes = request.opcode == _CLOSED
        if self._cluster.role(self._member) is Role.READ_ONLY:
            # A session that it serves is local, and so no write.
            answer = self._answer_closed if closes else self._answer_read_only
            self._turns.take(partial(answer, request))
            return
        write = CloseSession(self.session_id) if closes else write_of(request)
        if write is None:
            self._leave_unread(request)
            return
        turn = self._turns.reserve()

        def done(applied: Applied) -> None:
            self._turns.settle(turn, partial(self._answer_write, request, applied))

        self._cluster.submit(Proposal(self._member, self.session_id, write, self.who, done))

    def _leave_unread(self, request: Request) -> None:
        """Refuse a write that cannot be read; in an ensemble it is never answered.

        The leader makes no transaction of it and its member waits for one, and with it whatever
        the client sends behind it.  On 3.9.5 every other client's writes wait there too, which
        is left out here: a bad frame costs its own connection alone.
        """
        if self._member.settings.standalone:
            self._turns.take(partial(self._answer, request, MarshallingError.code))
        else:
            self._turns.reserve()

    def _answer_write(self, request: Request, applied: Applied) -> None:
        if applied.err == SessionMoved.code:
            self._end()  # its client is connected elsewhere, and hears it from there
            return
        if request.opcode == _CLOSED:
            self._answer_closed(request)
            return
        body = b"" if applied.err else body_of(request.opcode, applied)
        self._answer(request, applied.err, body)

    def _answer_closed(self, request: Request) -> None:
        self._answer(request, 0)
        self._end()

    def _answer_read_only(self, request: Request) -> None:
        self._answer(request, NotReadOnly.code)

    def _sync(self, request: Request) -> None:
        if self._cluster.role(self._member) is Role.READ_ONLY:
            self._turns.take(partial(self._answer_read_only, request))
            return
        turn = self._turns.reserve()

        def done() -> None:
            self._turns.settle(turn, partial(self._answer_sync, request))

        self._cluster.sync(self._member, done)

    def _answer_sync(self, request: Request) -> None:
        try:
            (path,), _ = records.SYNC_REQUEST.decode_from(*request.body)
        except MalformedRecord:
            self._answer(request, MarshallingError.code)
        else:
            self._answer(request, 0, records.SYNC_RESPONSE.encode(path))

    def _authenticate(self, request: Request) -> None:
        try:
            (_, scheme, credentials), _ = records.AUTH_PACKET.decode_from(*request.body)
        except MalformedRecord:
            self._end()
            return
        if scheme == "digest" and credentials is not None:
            super_digest = self._member.settings.super_digest
            self.who |= frozenset(digest_identities(credentials, super_digest))
        elif scheme != "ip":  # which adds what the connection has from the start
            self._put(reply(request.xid, _NO_ZXID, AuthFailed.code))
            self._end()
            return
        self._put(reply(request.xid, _NO_ZXID))

    def _refuse_sasl(self, request: Request) -> None:
        """Answer as a server does that has no SASL: a success that says nothing."""
        try:
            (token,), _ = records.GET_SASL_REQUEST.decode_from(*request.body)
        except MalformedRecord:
            token = None
        if token is None:
            self._end()
        else:
            self._put(reply(request.xid, _NO_ZXID, 0, _NULL_TOKEN))
