"""A server of few words for conformance checks, which can be told to lie."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from scripted_server import CLOSE_SESSION, Peer, Sent
from server_frames import STAT, reply
from unruly_servers import UnrulyServer, serving
from zkwire._jute import records

CREATE, DELETE, GET_DATA, GET_CHILDREN = 1, 2, 4, 8
NO_NODE = -101
SILENCE = object()

_BODIES = {
    CREATE: records.CREATE_RESPONSE.encode("/whatever"),
    GET_DATA: records.GET_DATA_RESPONSE.encode(b"", STAT),
    GET_CHILDREN: records.GET_CHILDREN_RESPONSE.encode([]),
}


@asynccontextmanager
async def telling(codes: Mapping[int, object]) -> AsyncGenerator[UnrulyServer]:
    """Every request succeeds, except that these opcodes get these error codes, or silence."""

    async def answer(peer: Peer, sent: Sent) -> None:
        code = codes.get(sent.opcode, 0)
        if code is SILENCE:
            return
        assert isinstance(code, int)
        body = b"" if code else _BODIES.get(sent.opcode, b"")
        await peer.send(reply(sent.xid, err=code, body=body))

    async def handle(peer: Peer, _: int) -> None:
        await peer.accept()
        while True:
            sent = await peer.request()
            await answer(peer, sent)
            if sent.opcode == CLOSE_SESSION:
                return

    async with serving(handle) as server:
        yield server
