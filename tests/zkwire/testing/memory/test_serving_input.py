"""What a connection sends that it should not: it harms itself, and nobody else."""

from __future__ import annotations

import random

import pytest
import trio

from raw_client import (
    AUTH,
    CREATE,
    EXISTS,
    GET_DATA,
    MULTI,
    PING,
    SASL,
    RawClient,
    creation,
    reading,
    request,
)
from server_frames import framed
from zkwire import Acl, Identity
from zkwire._jute import records
from zkwire.testing import open_memory_zookeeper

END = records.MULTI_HEADER.encode(-1, True, -1)
OPCODES = [*range(1, 25), *range(99, 110), -1, -10, -11, 0, 2**31 - 1]


async def served(ensemble):
    client = RawClient(ensemble.members[0].connect())
    await client.shake()
    return client


async def test_a_body_that_cannot_be_read_is_refused_and_the_connection_stays():
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        for xid, opcode in enumerate((1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15, 17, 18, 19, 21), 1):
            assert (await client.call(xid, opcode, b"\0\0\0\x20/sh")).err == -5
        assert (await client.call(99, GET_DATA, reading("/"))).err == 0


async def test_a_multi_that_cannot_be_read_takes_a_zxid_and_nothing_else_does():
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        before = (await client.call(1, GET_DATA, reading("/"))).zxid
        assert (await client.call(2, CREATE, b"\0")).zxid == before
        assert (await client.call(3, EXISTS, b"\0")).zxid == before
        assert (await client.call(4, MULTI, b"\0")).zxid == before + 1


async def test_in_an_ensemble_nothing_is_answered_behind_a_write_that_cannot_be_read(
    autojump_clock,
):
    async with open_memory_zookeeper(3) as ensemble:
        client = await served(ensemble)
        assert (await client.call(1, MULTI, b"\0")).err == -5
        await client.send(request(2, CREATE, b"\0"), request(-2, PING))
        with trio.move_on_after(1.0) as scope:
            await client.frame()
        assert scope.cancelled_caught
        assert (await (await served(ensemble)).call(1, GET_DATA, reading("/"))).err == 0


async def test_what_comes_with_the_refusal_of_a_multi_read():
    def listed(*ops):
        parts = [records.MULTI_HEADER.encode(opcode, False, -1) + body for opcode, body in ops]
        return b"".join(parts) + END

    read, write = (GET_DATA, reading("/")), (CREATE, creation("/n"))
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        for body, answer in (
            (listed(write), END),
            (listed((GET_DATA, records.GET_DATA_REQUEST.encode(None, False))), END),
            (listed(read, write), b""),
            (listed((EXISTS, reading("/"))), b""),
            (listed((CREATE, creation("/n", flags=9))), b""),
            (listed(read)[:-9], b""),
            (b"", b""),
        ):
            came = await client.call(1, 22, body)
            assert (came.err, came.body) == (-5, answer)
        assert (await client.call(2, EXISTS, reading("/n"))).err == -101


@pytest.mark.parametrize("opcode", [0, 10, 13, 23, 108, 999, -10, 20])
async def test_an_opcode_that_is_no_request_ends_the_connection(opcode):
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        await client.send(request(7, opcode), request(8, GET_DATA, reading("/")))
        came = await client.came()
        assert (came.xid, came.zxid, came.err, came.body) == (7, -1, -6, b"")
        assert await client.closed()


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xfb",  # a negative length
        b"\x00\x10\x00\x00",  # one above jute.maxbuffer
        b"\x7f\xff\xff\xff",
        framed(b"\0\0\0\1"),  # no whole header
        framed(b""),
        request(-4, AUTH, b"\0"),  # an auth packet that ends early
        request(1, SASL, b"\0"),
        request(1, SASL, records.GET_SASL_REQUEST.encode(None)),
    ],
)
async def test_what_is_no_request_at_all_ends_the_connection_without_a_word(data):
    async with open_memory_zookeeper() as ensemble:
        client, other = await served(ensemble), await served(ensemble)
        await client.send(data)
        assert await client.closed()
        assert (await other.call(1, GET_DATA, reading("/"))).err == 0


@pytest.mark.parametrize("data", [framed(b"\0\0\0\0"), framed(b""), b"\xff\xff\xff\xff", b"GET "])
async def test_a_first_frame_that_is_no_handshake_ends_the_connection(data):
    async with open_memory_zookeeper() as ensemble:
        client = RawClient(ensemble.members[0].connect())
        await client.send(data)
        assert await client.closed()


@pytest.mark.parametrize("seed", range(20))
async def test_garbage_costs_its_own_connection_alone(seed):
    rng = random.Random(seed)
    async with open_memory_zookeeper() as ensemble:
        steady = await served(ensemble)
        assert (await steady.call(1, CREATE, creation("/kept", b"kept"))).err == 0
        for _ in range(30):
            client = await served(ensemble)
            frames = [
                request(
                    rng.randrange(1, 100), rng.choice(OPCODES), rng.randbytes(rng.randrange(60))
                )
                for _ in range(rng.randrange(1, 6))
            ]
            await client.send(*frames, request(2**30, -11))
            with trio.fail_after(5):
                while await client.frame() is not None:
                    pass
        steady_read = await steady.call(2, GET_DATA, reading("/kept"))
        assert steady_read.err == 0
        assert b"kept" in steady_read.body


PATHS = [None, "", "/", "/n", "n", "//", "/n/", "/zookeeper", "/\0", "/..", "/" + "x" * 500]
NUMBERS = [-(2**31), -2, -1, 0, 1, 5, 6, 2**31 - 1]
TEXTS = [None, "", "digest", "ip", "world", "auth", "x:y", "1.2.3.4/99", "anyone"]
ACLS = [None, [], *([Acl(31, Identity(a, b))] for a in TEXTS for b in TEXTS)]  # type: ignore[arg-type]
LISTS = [None, [], ["/n"], [None], ["/n", None, ""]]
DATA = [None, b"", b"x" * 100]
ODD = {
    1: (records.CREATE_REQUEST, PATHS, DATA, ACLS, NUMBERS),
    2: (records.DELETE_REQUEST, PATHS, NUMBERS),
    3: (records.EXISTS_REQUEST, PATHS, [True]),
    4: (records.GET_DATA_REQUEST, PATHS, [True]),
    5: (records.SET_DATA_REQUEST, PATHS, DATA, NUMBERS),
    6: (records.GET_ACL_REQUEST, PATHS),
    7: (records.SET_ACL_REQUEST, PATHS, ACLS, NUMBERS),
    8: (records.GET_CHILDREN_REQUEST, PATHS, [True]),
    9: (records.SYNC_REQUEST, PATHS),
    12: (records.GET_CHILDREN2_REQUEST, PATHS, [True]),
    15: (records.CREATE_REQUEST, PATHS, DATA, ACLS, NUMBERS),
    16: (records.RECONFIG_REQUEST, TEXTS, TEXTS, TEXTS, NUMBERS),
    17: (records.CHECK_WATCHES_REQUEST, PATHS, NUMBERS),
    18: (records.REMOVE_WATCHES_REQUEST, PATHS, NUMBERS),
    19: (records.CREATE_REQUEST, PATHS, DATA, ACLS, NUMBERS),
    21: (records.CREATE_TTL_REQUEST, PATHS, DATA, ACLS, NUMBERS, NUMBERS),
    101: (records.SET_WATCHES, NUMBERS, LISTS, LISTS, LISTS),
    103: (records.GET_EPHEMERALS_REQUEST, PATHS),
    104: (records.GET_ALL_CHILDREN_NUMBER_REQUEST, PATHS),
    105: (records.SET_WATCHES2, NUMBERS, LISTS, LISTS, LISTS, LISTS, LISTS),
    106: (records.ADD_WATCH_REQUEST, PATHS, NUMBERS),
}
INSIDE = (1, 2, 5, 15, 19, 21)


def odd_body(rng, opcode):
    """A body that can be read, and means little."""
    record, *fields = ODD[opcode]
    return record.encode(*(rng.choice(values) for values in fields))


def odd_multi(rng):
    parts = []
    for _ in range(rng.randrange(5)):
        opcode = rng.choice(INSIDE)
        parts += [records.MULTI_HEADER.encode(opcode, False, -1), odd_body(rng, opcode)]
    return b"".join(parts) + END


@pytest.mark.parametrize("seed", range(10))
async def test_every_request_that_can_be_read_gets_one_answer(seed):
    rng = random.Random(seed)
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        for xid in range(1, 300):
            opcode = rng.choice([*ODD, 14])
            body = odd_multi(rng) if opcode == 14 else odd_body(rng, opcode)
            await client.send(request(xid, opcode, body))
            while (came := await client.came()).xid == -1:
                pass  # an event, of which there may be any number
            assert came.xid == xid


async def test_a_frame_may_come_byte_by_byte():
    async with open_memory_zookeeper() as ensemble:
        client = await served(ensemble)
        for byte in request(1, GET_DATA, reading("/")):
            await client.send(bytes([byte]))
        assert (await client.came()).xid == 1


async def test_a_connection_that_says_nothing_is_closed_after_a_while(autojump_clock):
    async with open_memory_zookeeper() as ensemble:
        client = RawClient(ensemble.members[0].connect())
        assert await client.closed()
        assert 10 < trio.current_time() <= 20


async def test_more_connections_than_one_address_may_have_are_closed():
    async with open_memory_zookeeper(config={"maxClientCnxns": 2}) as ensemble:
        first, second = await served(ensemble), await served(ensemble)
        third = RawClient(ensemble.members[0].connect())
        assert await third.shake() is None
        await first.stream.aclose()
        assert (await second.call(-2, PING)).err == 0
        assert await RawClient(ensemble.members[0].connect()).shake() is not None


async def test_the_longest_frame_is_a_matter_of_configuration():
    async with open_memory_zookeeper(config={"jute.maxbuffer": 200}) as ensemble:
        client = await served(ensemble)
        room = 200 - 8 - len(creation("/n", b""))
        assert (await client.call(1, CREATE, creation("/n", bytes(room)))).err == 0
        await client.send(request(2, CREATE, creation("/m", bytes(room + 1))))
        assert await client.closed()


async def test_clients_older_than_the_read_only_byte_get_an_answer_without_it():
    async with open_memory_zookeeper() as ensemble:
        client = RawClient(ensemble.members[0].connect())
        hello = records.CONNECT_REQUEST.encode(0, 0, 5000, 0, bytes(16), False)
        await client.send(framed(hello[:-1]))
        answer = await client.frame()
        assert answer is not None
        assert len(answer) == 36
