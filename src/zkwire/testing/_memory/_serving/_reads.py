"""Reads, which a member answers by itself, from its own copy of the tree.

Paths of reads are not checked: to a server an odd path is one that nothing is at.  An empty
one is another name of the root.
"""

from __future__ import annotations

from typing import Final

from zkwire._errors import BadArguments, MarshallingError, NoAuth, NoNode
from zkwire._jute import records
from zkwire._models import Identity
from zkwire._types import OpCode, Perms
from zkwire.testing._memory._database import Node, shown_acl
from zkwire.testing._memory._serving._reader import Reader, RefusedError, given
from zkwire.testing._memory._serving._requests import Request, reads_of
from zkwire.testing._memory._serving._results import MULTI_END, multi_entry, multi_error

_DIGEST: Final = "digest"


def _node(reader: Reader, path: str | None) -> tuple[str, Node]:
    name = given(path)
    node = reader.database.node(name)
    if node is None:
        raise RefusedError(NoNode.code)
    if not reader.may(node.acl, Perms.READ):
        raise RefusedError(NoAuth.code)
    return name, node


def exists(reader: Reader, request: Request) -> bytes:
    """Say whether a node is there; the watch is set either way."""
    (path, watch), _ = records.EXISTS_REQUEST.decode_from(*request.body)
    name = given(path)
    if "\0" in name:
        raise RefusedError(BadArguments.code)
    node = reader.database.node(name)
    if node is not None and not reader.may(node.acl, Perms.READ):
        raise RefusedError(NoAuth.code)
    if watch:
        reader.watches.watch_data(name, reader)
    if node is None:
        raise RefusedError(NoNode.code)
    return records.EXISTS_RESPONSE.encode(node.stat)


def get_data(reader: Reader, request: Request) -> bytes:
    """Give data and Stat."""
    (path, watch), _ = records.GET_DATA_REQUEST.decode_from(*request.body)
    name, node = _node(reader, path)
    if watch:
        reader.watches.watch_data(name, reader)
    return records.GET_DATA_RESPONSE.encode(node.data, node.stat)


def get_children(reader: Reader, request: Request) -> bytes:
    """Give the names of the children."""
    (path, watch), _ = records.GET_CHILDREN_REQUEST.decode_from(*request.body)
    name, node = _node(reader, path)
    if watch:
        reader.watches.watch_children(name, reader)
    return records.GET_CHILDREN_RESPONSE.encode(list(node.children))


def get_children2(reader: Reader, request: Request) -> bytes:
    """Give the names of the children, and the Stat."""
    (path, watch), _ = records.GET_CHILDREN2_REQUEST.decode_from(*request.body)
    name, node = _node(reader, path)
    if watch:
        reader.watches.watch_children(name, reader)
    return records.GET_CHILDREN2_RESPONSE.encode(list(node.children), node.stat)


def get_acl(reader: Reader, request: Request) -> bytes:
    """Give the ACL, without the hashes unless the client may change it."""
    (path,), _ = records.GET_ACL_REQUEST.decode_from(*request.body)
    node = reader.database.node(given(path))
    if node is None:
        raise RefusedError(NoNode.code)
    shown = shown_acl(node.acl, reader.who)
    if shown is None:
        raise RefusedError(NoAuth.code)
    return records.GET_ACL_RESPONSE.encode(list(shown), node.stat)


def get_all_children_number(reader: Reader, request: Request) -> bytes:
    """Count the nodes below one."""
    (path,), _ = records.GET_ALL_CHILDREN_NUMBER_REQUEST.decode_from(*request.body)
    name, _ = _node(reader, path)
    # The root's other name is found below itself: servers count by the text of the paths.
    count = reader.database.count_below(name) + (not name)
    return records.GET_ALL_CHILDREN_NUMBER_RESPONSE.encode(count)


def get_ephemerals(reader: Reader, request: Request) -> bytes:
    """Give the session's own ephemeral nodes; the prefix is one of text, not of names."""
    (prefix,), _ = records.GET_EPHEMERALS_REQUEST.decode_from(*request.body)
    paths = reader.database.ephemerals_of(reader.session_id)
    if prefix is not None and prefix.strip() not in {"", "/"}:
        paths = [path for path in paths if path.startswith(prefix)]
    return records.GET_EPHEMERALS_RESPONSE.encode(list(paths))


def who_am_i(reader: Reader, _: Request) -> bytes:
    """Say who the client has proved to be."""
    # Of a digest identity the name alone, which is what stands before the hash.
    found = [
        Identity(scheme, text.partition(":")[0] if scheme == _DIGEST else text)
        for scheme, text in sorted(reader.who)
    ]
    return records.WHO_AM_I_RESPONSE.encode(found)


def multi_read(reader: Reader, request: Request) -> bytes:
    """Give several reads at once, each with an error of its own."""
    reads = reads_of(request)
    if reads is None or any(path is None for _, path in reads):
        raise RefusedError(MarshallingError.code, MULTI_END)
    return b"".join([_one_of_many(reader, *read) for read in reads]) + MULTI_END


def _one_of_many(reader: Reader, opcode: int, path: str | None) -> bytes:
    try:
        _, node = _node(reader, path)
    except RefusedError as error:
        return multi_error(error.code)
    if opcode == OpCode.GET_DATA:
        return multi_entry(opcode, records.GET_DATA_RESPONSE.encode(node.data, node.stat))
    return multi_entry(opcode, records.GET_CHILDREN_RESPONSE.encode(list(node.children)))
