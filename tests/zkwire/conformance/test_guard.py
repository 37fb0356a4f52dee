"""What a client must never send does not leave, whatever a check asks for."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from zkwire import OPEN_ACL_UNSAFE
from zkwire._jute import records
from zkwire.conformance._calls import END, creation, listed, ttl_creation
from zkwire.conformance._guard import MAX_TTL, ForbiddenRequest, refuse_forbidden
from zkwire.conformance._wire import Wire

OWN = "/zkwire-conformance-1/n"


def request(opcode, body=b""):
    return records.REQUEST_HEADER.encode(1, opcode) + body


def ttl_with(flags, ttl):
    return records.CREATE_TTL_REQUEST.encode(OWN, b"", list(OPEN_ACL_UNSAFE), flags, ttl)


def deletion(path):
    return records.DELETE_REQUEST.encode(path, -1)


def inside(opcode, body):
    return request(14, listed([(1, creation(OWN)), (opcode, body)]) + END)


FORBIDDEN = {
    "createSession": (-10, bytes(100)),
    "deleteContainer": (20, b"\0\0\0\1/"),
    "create as a container": (1, creation(OWN, flags=4)),
    "create with a time to live": (1, creation(OWN, flags=5)),
    "create with unknown flags": (1, creation(OWN, flags=7)),
    "create with negative flags": (1, creation(OWN, flags=-1)),
    "create2 as a container": (15, creation(OWN, flags=4)),
    "create2 with a time to live": (15, creation(OWN, flags=6)),
    "container as a plain node": (19, creation(OWN, flags=0)),
    "container as an ephemeral node": (19, creation(OWN, flags=1)),
    "container with a time to live": (19, creation(OWN, flags=5)),
    "ttl as a plain node": (21, ttl_with(0, 1000)),
    "ttl as a container": (21, ttl_with(4, 1000)),
    "ttl of zero": (21, ttl_with(5, 0)),
    "negative ttl": (21, ttl_with(5, -1)),
    "ttl too long": (21, ttl_with(6, MAX_TTL + 1)),
    "create that cannot be read": (1, b"\0\0\0\1/"),
    "somebody else's node": (2, deletion("/somebody/else")),
    "somebody else's quota": (2, deletion("/zookeeper/quota/else")),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_it_is_refused(name):
    with pytest.raises(ForbiddenRequest):
        refuse_forbidden(request(*FORBIDDEN[name]))


@pytest.mark.parametrize("name", FORBIDDEN)
def test_it_is_refused_inside_a_multi(name):
    with pytest.raises(ForbiddenRequest):
        refuse_forbidden(inside(*FORBIDDEN[name]))


def test_it_is_refused_behind_every_operation_that_a_list_can_hold():
    before = [
        (2, deletion(OWN)),
        (3, records.EXISTS_REQUEST.encode(OWN, False)),
        (4, records.GET_DATA_REQUEST.encode(OWN, False)),
        (5, records.SET_DATA_REQUEST.encode(OWN, b"x", -1)),
        (7, records.SET_ACL_REQUEST.encode(OWN, list(OPEN_ACL_UNSAFE), -1)),
        (8, records.GET_CHILDREN_REQUEST.encode(OWN, False)),
        (9, records.SYNC_REQUEST.encode(OWN)),
        (13, records.CHECK_VERSION_REQUEST.encode(OWN, -1)),
        (14, END),
        (15, creation(OWN)),
        (19, creation(OWN, flags=4)),
        (21, ttl_creation(OWN, 1)),
    ]
    refuse_forbidden(request(14, listed(before) + END))
    with pytest.raises(ForbiddenRequest, match="flags 4"):
        refuse_forbidden(request(14, listed([*before, (1, creation(OWN, flags=4))]) + END))


def test_a_list_that_cannot_be_followed_is_refused():
    with pytest.raises(ForbiddenRequest, match="nothing was read"):
        refuse_forbidden(request(14, listed([(99, b"")]) + END))


@pytest.mark.parametrize(
    "body",
    [
        request(1, creation(OWN, flags=3)),
        request(15, creation(None, None, acl=None)),
        request(19, creation(OWN, flags=4)),
        request(21, ttl_creation(OWN, MAX_TTL, flags=6)),
        request(2, deletion(OWN)),
        request(2, deletion("/")),
        request(2, deletion("/zookeeper/config")),
        request(2, deletion(f"/zookeeper/quota{OWN}")),
        request(14, listed([(1, creation(OWN))])),
        request(999),
        b"\0\0",
    ],
)
def test_the_rest_may_leave(body):
    refuse_forbidden(body)


async def test_not_a_byte_of_it_reaches_the_server():
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener:
        client = await trio.open_tcp_stream(*listener.socket.getsockname())
        server = await listener.accept()
    wire = Wire(client)
    async with server:
        for name in FORBIDDEN:
            with pytest.raises(ForbiddenRequest):
                await wire.send_frame(request(*FORBIDDEN[name]))
            with pytest.raises(ForbiddenRequest):
                await wire.send_frames([request(11), request(*FORBIDDEN[name])])
        await wire.aclose()
        assert await server.receive_some() == b""
