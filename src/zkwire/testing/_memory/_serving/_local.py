"""Which requests a member answers by itself, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from zkwire._errors import MarshallingError
from zkwire._jute import MalformedRecord
from zkwire._types import OpCode
from zkwire.testing._memory._serving import _reads, _watch_requests
from zkwire.testing._memory._serving._reader import Reader, RefusedError
from zkwire.testing._memory._serving._requests import Request

Read: TypeAlias = Callable[[Reader, Request], bytes]

READS: Final[Mapping[int, Read]] = MappingProxyType(
    {
        OpCode.EXISTS: _reads.exists,
        OpCode.GET_DATA: _reads.get_data,
        OpCode.GET_ACL: _reads.get_acl,
        OpCode.GET_CHILDREN: _reads.get_children,
        OpCode.GET_CHILDREN2: _reads.get_children2,
        OpCode.CHECK_WATCHES: _watch_requests.check_watches,
        OpCode.REMOVE_WATCHES: _watch_requests.remove_watches,
        OpCode.MULTI_READ: _reads.multi_read,
        OpCode.SET_WATCHES: _watch_requests.set_watches,
        OpCode.GET_EPHEMERALS: _reads.get_ephemerals,
        OpCode.GET_ALL_CHILDREN_NUMBER: _reads.get_all_children_number,
        OpCode.SET_WATCHES2: _watch_requests.set_watches2,
        OpCode.ADD_WATCH: _watch_requests.add_watch,
        OpCode.WHO_AM_I: _reads.who_am_i,
    }
)


def read(reader: Reader, request: Request) -> bytes:
    """The body of a read's reply.

    Raises:
        RefusedError: The answer is an error code.
    """
    try:
        return READS[request.opcode](reader, request)
    except MalformedRecord:
        raise RefusedError(MarshallingError.code) from None
