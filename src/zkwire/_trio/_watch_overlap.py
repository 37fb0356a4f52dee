"""Watches of several kinds on one path, where the server keeps but one of them.

Servers before 3.9 know one kind of watch for each path and connection, and the last
request wins (ZOOKEEPER-4466).  What is left of which is measured on 3.6.4 and 3.8.6:

* a read with a watch makes a stream's watch a one-shot one, for the data or for the
  list of children; a recursive one cares for its data alone;
* either kind of stream takes the other's place;
* a stream does for every one-shot watch what the server did before, but that a recursive
  one is not told of lists of children, which ``SessionWatches`` makes up for.

So the stream's request goes out again, in one piece with the one that does the damage.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, final

from zkwire._errors import MarshallingError, NoWatcher, ReplyError
from zkwire._proto import _requests as build
from zkwire._proto._events import ReplyReceived
from zkwire._proto._request import Request
from zkwire._trio._session_watches import SendAside, SessionWatches
from zkwire._trio._slot import Slot
from zkwire._types import WatcherType, WatchKind, Zxid

_PERSISTENT: Final = WatchKind.PERSISTENT
_RECURSIVE: Final = WatchKind.PERSISTENT_RECURSIVE
_ONE_SHOT: Final = (WatchKind.DATA, WatchKind.EXIST, WatchKind.CHILD)


class Aside:
    """The ticket of a request that is not a caller's alone."""

    slot: Slot | None = None
    """Whose request it is, if anybody's."""

    def replied(self, reply: ReplyReceived) -> ReplyError | None:
        """Take the reply; returns what is left of its error."""
        return reply.error


@final
class Unheard(Aside):
    """A removal: if there was nothing to remove, so much the better."""

    def replied(self, reply: ReplyReceived) -> None:
        """Take the reply, whatever it is."""


@final
class Probe(Aside):
    """Asks for a kind of watch that servers have a word for since they keep kinds apart."""

    def __init__(self, watches: SessionWatches) -> None:
        self._watches = watches

    def replied(self, reply: ReplyReceived) -> None:
        """Learn from the answer; one that does not tell leaves it open."""
        if reply.error is None or isinstance(reply.error, NoWatcher):
            self._watches.keeps_kinds_apart = True
        elif isinstance(reply.error, MarshallingError):
            self._watches.keeps_kinds_apart = False

    @staticmethod
    def request(path: str) -> Request[None]:
        """What to ask."""
        return build.check_watches(path, WatcherType.PERSISTENT)


@final
class _Disturbing(Aside):
    """The request after which a stream's watch is not what it was."""

    def __init__(self, watches: SessionWatches, slot: Slot) -> None:
        self.slot = slot
        self._watches = watches
        self._path = ""
        self._zxid: Zxid | None = None
        self._events = 0

    def replied(self, reply: ReplyReceived) -> ReplyError | None:
        if reply.error is None:  # else the server has set nothing
            self._path = reply.request.path or ""
            self._zxid = reply.zxid
            self._events = self._watches.events_at(self._path)
        return reply.error

    def has_lost(self, kind: WatchKind, zxid: Zxid) -> bool:
        """Whether an event can have gone by until a reply with this zxid."""
        if self._watches.keeps_kinds_apart or self._zxid in {None, zxid}:
            return False  # no transaction in between, of anybody
        # A one-shot watch in the place of a persistent one sends the first event, and
        # none that come behind it; in the place of a recursive one, none from below.
        return kind is _RECURSIVE or self._watches.events_at(self._path) != self._events


@final
class _Again(Aside):
    """The stream's own request, once more."""

    def __init__(self, watches: SessionWatches, disturbing: _Disturbing) -> None:
        self._watches = watches
        self._disturbing = disturbing

    def replied(self, reply: ReplyReceived) -> ReplyError | None:
        kind, path = reply.request.watch, reply.request.path
        if kind is not None and path is not None and self._disturbing.has_lost(kind, reply.zxid):
            self._watches.gap_at(path)
        return reply.error


def answered_aside(reply: ReplyReceived) -> tuple[Slot | None, ReplyError | None]:
    """Who waits for a reply whose ticket is no caller's, and the error that is left."""
    ticket = reply.ticket
    if isinstance(ticket, Aside):
        return ticket.slot, ticket.replied(reply)
    return None, reply.error


def in_one_piece(
    watches: SessionWatches, request: Request[Any], slot: Slot
) -> list[tuple[Request[Any], object]]:
    """A request that sets a watch, with what must go out right before and behind it."""
    kind, path = request.watch, request.path
    if kind is None or path is None or watches.keeps_kinds_apart or not _mixes(watches, kind, path):
        return [(request, slot)]
    pieces: list[tuple[Request[Any], object]] = []
    if watches.keeps_kinds_apart is None:
        pieces.append((Probe.request(path), Probe(watches)))
    damaged = _damaged(watches, kind, path)
    if damaged is None:
        return [*pieces, (request, slot)]
    disturbing = _Disturbing(watches, slot)
    again = build.add_watch(path, recursive=damaged is _RECURSIVE)
    return [*pieces, (request, disturbing), (again, _Again(watches, disturbing))]


def set_again(
    watches: SessionWatches, send: SendAside, last_zxid: Zxid
) -> Iterator[tuple[Request[Any], object]]:
    """What sets a session's watches again on a new connection, and their tickets."""
    if watches.attach(send):
        yield Probe.request("/"), Probe(watches)
    for request in watches.rearm(last_zxid):
        yield request, None


def enter_watch(watches: SessionWatches, reply: ReplyReceived, slot: Slot) -> None:
    """Enter the watch that a server has set, or have it taken off if nobody waits for it."""
    kind, path = reply.request.watch, reply.request.path
    if kind is WatchKind.DATA and reply.value is None:
        kind = WatchKind.EXIST
    if kind is None or path is None:
        return
    if slot.watch is not None:
        watches.register(kind, path, slot.watch)
    elif slot.is_abandoned and kind in _ONE_SHOT:
        watches.abandon(kind, path)  # a stream's block does so itself


def _mixes(watches: SessionWatches, kind: WatchKind, path: str) -> bool:
    """Whether a path that is to be watched so is watched otherwise."""
    if kind is _RECURSIVE:
        return watches.has_kind(path, _PERSISTENT, *_ONE_SHOT)
    if kind is _PERSISTENT:
        return watches.has_kind(path, _RECURSIVE, *_ONE_SHOT)
    return watches.has_kind(path, _PERSISTENT, _RECURSIVE)


def _damaged(watches: SessionWatches, kind: WatchKind, path: str) -> WatchKind | None:
    """Which stream's watch a request for another kind takes the place of."""
    if kind is _RECURSIVE:
        return None  # it does for the others
    if watches.has_kind(path, _RECURSIVE):
        return None if kind is WatchKind.CHILD else _RECURSIVE
    return None if kind is _PERSISTENT else _PERSISTENT
