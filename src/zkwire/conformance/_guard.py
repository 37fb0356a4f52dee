"""Nothing leaves that a client must never send, to whatever server the suite is pointed at.

Servers mishandle these badly: a create whose opcode and flags disagree makes a node of the wrong
kind and breaks the tree's digest; createSession (-10) and deleteContainer (20) are the servers'
own.  Deletes are held to nodes that a run made itself, since the server may hold other people's.
"""

from __future__ import annotations

import re
from typing import Final

from zkwire._jute import AnyRecord, MalformedRecord, records

MAX_TTL: Final = 2**40 - 1

_MULTI, _MULTI_READ = 14, 22
_FORBIDDEN: Final = {-10: "createSession", 20: "deleteContainer"}
_CREATES: Final = {1: range(4), 15: range(4), 19: range(4, 5), 21: range(5, 7)}
_DELETE = 2
_IN_LISTS: Final[dict[int, AnyRecord]] = {
    _DELETE: records.DELETE_REQUEST,
    3: records.EXISTS_REQUEST,
    4: records.GET_DATA_REQUEST,
    5: records.SET_DATA_REQUEST,
    7: records.SET_ACL_REQUEST,
    8: records.GET_CHILDREN_REQUEST,
    9: records.SYNC_REQUEST,
    13: records.CHECK_VERSION_REQUEST,
}
ROOT_PREFIX: Final = "/zkwire-conformance-"
_DELETABLE: Final = re.compile(
    # What every server refuses to delete, what names no node, and what a run made.
    rf"(|/|/zookeeper(/quota|/config)?|[^/].*|(/zookeeper/quota)?{ROOT_PREFIX}.+)",
    re.DOTALL,
)


class ForbiddenRequest(Exception):
    """The suite was about to send what no client may send."""


def refuse_forbidden(body: bytes) -> None:
    """Look through one request frame, sub-operations of a multi included.

    Raises:
        ForbiddenRequest: It holds something that must not be sent.
    """
    try:
        (_, opcode), pos = records.REQUEST_HEADER.decode_from(body, 0, len(body))
    except MalformedRecord:
        return  # too short to be a request of any kind
    if opcode in {_MULTI, _MULTI_READ}:
        _refuse_in_list(body, pos)
    else:
        _refuse_operation(opcode, body, pos)


def _refuse_operation(opcode: int, body: bytes, pos: int) -> int:
    if opcode in _FORBIDDEN:
        raise ForbiddenRequest(f"opcode {opcode}, {_FORBIDDEN[opcode]}, is the servers' own")
    if opcode in _CREATES:
        return _refuse_create(opcode, body, pos)
    if opcode == _DELETE:
        return _refuse_delete(body, pos)
    return pos


def _refuse_create(opcode: int, body: bytes, pos: int) -> int:
    ttl = MAX_TTL
    try:
        if opcode == 21:
            values, end = records.CREATE_TTL_REQUEST.decode_from(body, pos, len(body))
            flags, ttl = values[3], values[4]
        else:
            plain, end = records.CREATE_REQUEST.decode_from(body, pos, len(body))
            flags = plain[3]
    except MalformedRecord as error:
        raise ForbiddenRequest(f"opcode {opcode} with flags that cannot be read") from error
    if flags not in _CREATES[opcode]:
        raise ForbiddenRequest(f"opcode {opcode} with flags {flags}")
    if not 1 <= ttl <= MAX_TTL:
        raise ForbiddenRequest(f"opcode {opcode} with a time to live of {ttl} ms")
    return end


def _refuse_delete(body: bytes, pos: int) -> int:
    try:
        (path, _), end = records.DELETE_REQUEST.decode_from(body, pos, len(body))
    except MalformedRecord:
        return len(body)  # the server cannot read it either
    if path is not None and _DELETABLE.fullmatch(path) is None:
        raise ForbiddenRequest(f"delete of {path}, which this run did not make")
    return end


def _refuse_in_list(body: bytes, pos: int) -> int:
    while True:
        try:
            (opcode, done, _), pos = records.MULTI_HEADER.decode_from(body, pos, len(body))
        except MalformedRecord:
            return len(body)  # a list that is cut off: the server reads no further
        if done:
            return pos
        if opcode == _MULTI:
            pos = _refuse_in_list(body, pos)
        elif opcode in _FORBIDDEN or opcode in _CREATES or opcode == _DELETE:
            pos = _refuse_operation(opcode, body, pos)
        elif opcode in _IN_LISTS:
            try:
                _, pos = _IN_LISTS[opcode].decode_from(body, pos, len(body))
            except MalformedRecord:
                return len(body)
        else:
            raise ForbiddenRequest(f"a list with opcode {opcode}, behind which nothing was read")
