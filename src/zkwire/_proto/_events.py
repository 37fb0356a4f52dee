"""What a protocol reports.  A closed union: consumers end their match with assert_never."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from zkwire._errors import RemoteProtocolError, ReplyError, ServerUnusable, SessionExpired
from zkwire._models import SessionInfo, WatchEvent
from zkwire._proto._request import Request
from zkwire._types import Zxid


class ReplyReceived(NamedTuple):
    """A request has its answer: ``error`` if the server refused it, else ``value``.

    A named tuple because one is made for every reply.
    """

    request: Request[Any]
    ticket: object
    value: Any
    error: ReplyError | None
    zxid: Zxid


class WatchFired(NamedTuple):
    """A watched node changed; comes before any reply that shows the change."""

    event: WatchEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened:
    """The handshake is done."""

    info: SessionInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeFailed:
    """The server will not serve this client: the session is gone, or the server is of no use."""

    error: SessionExpired | ServerUnusable


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed:
    """The server has ended the session, as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerFailed:
    """The peer broke the protocol; nothing that follows can be trusted."""

    error: RemoteProtocolError


Event: TypeAlias = (
    ReplyReceived | WatchFired | SessionOpened | HandshakeFailed | SessionClosed | PeerFailed
)
