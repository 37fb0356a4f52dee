"""The first frame each way, and all the shapes that the answer takes."""

from __future__ import annotations

from typing import Final

from zkwire._arguments import milliseconds
from zkwire._errors import RemoteProtocolError, ServerUnusable, SessionExpired, reply_error
from zkwire._jute import MalformedRecord, records
from zkwire._models import PASSWORD_LENGTH, SessionCredentials, SessionInfo
from zkwire._types import SessionId, Zxid

_encode: Final = records.CONNECT_REQUEST.encoder_behind(records.FRAME_LENGTH, length=...)
_NEW_SESSION: Final = SessionCredentials(id=SessionId(0), password=bytes(PASSWORD_LENGTH))
_SHORTEST: Final = 36
_PROTOCOL_VERSION: Final = 0


def connect_frame(
    *,
    session_timeout: float,
    credentials: SessionCredentials | None,
    last_zxid: Zxid,
    read_only: bool,
) -> bytes:
    """The frame that asks for a session.

    The timeout is always the one that the application asked for: a server's
    limit must not stick when the next server's is another.
    """
    who = credentials or _NEW_SESSION
    return _encode(
        _PROTOCOL_VERSION,
        last_zxid,
        milliseconds(session_timeout),
        who.id,
        who.password,
        read_only,
    )


def read_connect_reply(frame: bytes, *, asked_for: SessionCredentials | None) -> SessionInfo:
    """Read the server's answer.

    Raises:
        SessionExpired: the session that was asked for is not to be had.
        ServerUnusable: the answer is of a kind that grants nothing to anybody.
        RemoteProtocolError: the answer is none.
    """
    if len(frame) < _SHORTEST:
        raise ServerUnusable(_describe_short(frame))
    try:
        (_, timeout_ms, session_id, password), end = records.CONNECT_RESPONSE.decode_from(
            frame, 0, len(frame)
        )
        # 36 bytes come from servers up to 3.3, and from any to a client that left readOnly out.
        read_only = False
        if end < len(frame):
            (read_only,), _ = records.CONNECT_RESPONSE_READ_ONLY.decode_from(frame, end, len(frame))
    except MalformedRecord as error:
        raise RemoteProtocolError(error.reason, offset=4 + error.position) from error
    # Java looks at the timeout, the C client at the id; a server may say it either way.
    is_other = session_id == 0 if asked_for is None else session_id != asked_for.id
    if timeout_ms <= 0 or is_other:
        if asked_for is not None:
            raise SessionExpired
        raise ServerUnusable("the server refused to open a session")
    return SessionInfo(
        credentials=SessionCredentials(id=SessionId(session_id), password=password or b""),
        negotiated_timeout=timeout_ms / 1000,
        read_only=read_only,
    )


def _describe_short(frame: bytes) -> str:
    """What a read-only server without local sessions sends: a ReplyHeader with an error."""
    header = records.REPLY_HEADER.layout
    if len(frame) == header.size:
        _, _, err = header.unpack(frame)
        if err:
            return f"the server answered the handshake with an error: {reply_error(err)}"
    return f"the server answered the handshake with {len(frame)} bytes"
