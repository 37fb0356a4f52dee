"""What came back: replies, events and the results of a multi."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeVarTuple

from zkwire import ReplyError, Stat, reply_error
from zkwire._jute import AnyRecord, MalformedRecord, Record, records
from zkwire.conformance._mismatch import Mismatch

Fs = TypeVarTuple("Fs")


def decode(record: Record[*Fs], body: bytes) -> tuple[*Fs]:
    """The fields of a record that is all of ``body``.

    Raises:
        Mismatch: The bytes are not the record, or more than it.
    """
    try:
        values, end = record.decode_from(body, 0, len(body))
    except MalformedRecord as error:
        raise Mismatch(f"no {record.name}: {body!r}") from error
    if end != len(body):
        raise Mismatch(f"{len(body) - end} bytes behind the {record.name}")
    return values


def word_for(err: int) -> str:
    """An error code with its name."""
    return f"{err} {type(reply_error(err)).__name__}" if err else "ok"


class Reply(NamedTuple):
    """A frame from the server, behind its header."""

    xid: int
    zxid: int
    err: int
    body: bytes

    def ok(self) -> Reply:
        """This reply, which must be no error."""
        if self.err:
            raise Mismatch(word_for(self.err))
        return self

    def empty(self) -> str:
        """Say that it is a reply without error and without a body."""
        if self.ok().body:
            raise Mismatch(f"ok with a body of {len(self.body)} bytes")
        return "ok, no body"

    def refused(self, error: type[ReplyError]) -> str:
        """Say that it is this error, which it must be."""
        if self.err != error.code:
            raise Mismatch(word_for(self.err))
        return word_for(self.err)

    def values(self, record: Record[*Fs]) -> tuple[*Fs]:
        """The fields of its body, which must be exactly that record."""
        return decode(record, self.ok().body)

    def stat(self) -> Stat:
        """The Stat that most bodies end with."""
        return decode(records.EXISTS_RESPONSE, self.ok().body[-68:])[0]


class Event(NamedTuple):
    """A notification."""

    type: int
    path: str | None
    state: int = 3
    zxid: int = -1

    @property
    def what(self) -> tuple[int, str | None]:
        """Type and path."""
        return self.type, self.path


def event_of(reply: Reply) -> Event:
    """The event in a frame with xid -1."""
    kind, state, path = reply.values(records.WATCHER_EVENT)
    return Event(kind, path, state, reply.zxid)


class Result(NamedTuple):
    """One result of a multi."""

    type: int
    err: int
    values: tuple[Any, ...]

    def __str__(self) -> str:
        return word_for(self.err) if self.type == -1 else f"type {self.type}"


_RESULTS: Final[Mapping[int, AnyRecord]] = {
    -1: records.ERROR_RESPONSE,
    1: records.CREATE_RESPONSE,
    2: records.EMPTY,
    4: records.GET_DATA_RESPONSE,
    5: records.SET_DATA_RESPONSE,
    8: records.GET_CHILDREN_RESPONSE,
    13: records.EMPTY,
    15: records.CREATE2_RESPONSE,
}


def results_of(body: bytes) -> list[Result]:
    """The results in a multi's body, up to the header that says done.

    Raises:
        Mismatch: The bytes are no such list, or more than it.
    """
    found: list[Result] = []
    pos = 0
    try:
        while True:
            (kind, done, err), pos = records.MULTI_HEADER.decode_from(body, pos, len(body))
            if done:
                break
            if kind not in _RESULTS:
                raise Mismatch(f"a result of type {kind}")
            values, pos = _RESULTS[kind].decode_from(body, pos, len(body))
            found.append(Result(kind, err, values))
    except MalformedRecord as error:
        raise Mismatch(f"no list of results: {body!r}") from error
    if pos != len(body):
        raise Mismatch(f"{len(body) - pos} bytes behind the list of results")
    return found
