"""The in-memory database beside a real server: the same writes, the same answers, the same tree."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest
import trio

from one_database import ADDRESS, WORLD, world
from zkwire import Acl, Identity, OpCode, Stat
from zkwire._jute import records
from zkwire.conformance import parse_address
from zkwire.conformance._calls import END, listed
from zkwire.conformance._reply import results_of
from zkwire.conformance._target import link_to
from zkwire.testing._memory._database import (
    CheckNode,
    CloseSession,
    Committed,
    CreateNode,
    CreateSession,
    Database,
    DeleteNode,
    MultiWrite,
    Origin,
    SetNodeAcl,
    SetNodeData,
    digest_identities,
    prepare,
)
from zkwire.testing._memory._settings import Settings

pytestmark = pytest.mark.zk

WRITES = 400
CREDENTIALS = b"anna:secret"
(ANNA,) = digest_identities(CREDENTIALS, None)
FLAGS = {1: (0, 0, 1, 2, 3), 15: (0, 0, 1, 2, 3), 19: (4,), 21: (5, 6)}
RECORDS = {1: records.CREATE_RESPONSE, 5: records.SET_DATA_RESPONSE, 7: records.SET_ACL_RESPONSE}
ACLS = (
    *[world()] * 30,
    *(None, (), world() * 2, world(1), world(31 & ~8), world(16)),
    (Acl(31, ANNA), Acl(1, WORLD)),
    (Acl(31, Identity("auth", "x")),),
    (Acl(31, Identity("auth", "x")), *world()),
    (Acl(31, Identity("ip", "127.0.0.0/8")),),
    (Acl(31, Identity("ip", "10.0.0.0/8")), *world(1)),
    (Acl(31, Identity("ip", "10.0.0.0/33")),),
    (Acl(31, Identity("digest", "a:")),),
    (Acl(31, Identity("digest", ":b")), *world()),
    (Acl(31, Identity("digest", "a:b:c")),),
    (Acl(31, Identity("world", "someone")),),
    (Acl(31, Identity("world", None)),),
    (Acl(31, Identity("nonsense", "x")),),
    (Acl(31, Identity(None, None)),),
)


def shape(stat: Stat):
    """A Stat without what two servers cannot share: of zxids and times the order is left."""
    zxids = stat.czxid, stat.mzxid, stat.pzxid
    ranks = [sorted(set(zxids)).index(zxid) for zxid in zxids]
    return stat[4:10], ranks, stat.ctime <= stat.mtime


class Writer:
    """Random writes on few nodes, so that they get into each other's way."""

    def __init__(self, root, seed):
        self.root = root
        self.random = random.Random(seed)

    def path(self, numbered=False):
        pick = self.random
        names = "".join(f"/{pick.choice('abc')}" for _ in range(pick.choice((1, 1, 2, 2, 3))))
        if numbered:
            names += pick.choice(("", "", "/", "/s-"))
        elif pick.random() < 0.05:
            names = pick.choice(("", "/", "/a/", "//a", "/a//b", "/.", "/a/..", "/a\0", "/\ue000"))
        return f"{self.root}{names}"

    def create(self):
        pick = self.random
        opcode = pick.choice((1, 1, 15, 15, 19, 21))
        flags = pick.choice(FLAGS[opcode])
        path = self.path(numbered=flags in {2, 3, 6})
        ttl = pick.choice((10**6, 2**40 - 1)) if opcode == 21 else -1
        data = pick.choice((None, b"", b"x", b"xyz"))
        return CreateNode(path, data, pick.choice(ACLS), flags, ttl, opcode)

    def one(self, kinds):
        pick = self.random
        kind, version = pick.choice(kinds), pick.choice((-1, -1, -1, 0, 1, 2, 7))
        if kind is CreateNode:
            return self.create()
        if kind is SetNodeData:
            return SetNodeData(self.path(), pick.choice((None, b"", b"four")), version)
        if kind is SetNodeAcl:
            return SetNodeAcl(self.path(), pick.choice(ACLS), version)
        return kind(self.path(), version)

    def write(self):
        if self.random.random() < 0.3:
            kinds = CreateNode, CreateNode, DeleteNode, SetNodeData, CheckNode
            return MultiWrite(tuple(self.one(kinds) for _ in range(self.random.randrange(5))))
        return self.one([CreateNode] * 5 + [DeleteNode] * 4 + [SetNodeData] * 3 + [SetNodeAcl] * 2)


def encoded(write):
    match write:
        case CreateNode(path, data, acl, flags, ttl, opcode):
            entries = None if acl is None else list(acl)
            if opcode == OpCode.CREATE_TTL:
                body = records.CREATE_TTL_REQUEST.encode(path, data, entries, flags, ttl)
            else:
                body = records.CREATE_REQUEST.encode(path, data, entries, flags)
            return opcode, body
        case DeleteNode(path, version):
            return OpCode.DELETE, records.DELETE_REQUEST.encode(path, version)
        case SetNodeData(path, data, version):
            return OpCode.SET_DATA, records.SET_DATA_REQUEST.encode(path, data, version)
        case SetNodeAcl(path, acl, version):
            entries = None if acl is None else list(acl)
            return OpCode.SET_ACL, records.SET_ACL_REQUEST.encode(path, entries, version)
        case CheckNode(path, version):
            return OpCode.CHECK, records.CHECK_VERSION_REQUEST.encode(path, version)
        case MultiWrite(ops):
            return OpCode.MULTI, listed([encoded(op) for op in ops]) + END


def answer(kind, values, err):
    """A result: its type, path, Stat and error code."""
    if kind == -1:
        return kind, None, None, err
    path = values[0] if kind in {1, 15} else None
    stat = shape(values[-1]) if kind in {5, 7, 15} else None
    return kind, path, stat, 0


def real_answers(opcode, reply):
    if reply.err:
        return reply.err, []
    if opcode == OpCode.MULTI:
        results = results_of(reply.body)
        return 0, [answer(result.type, result.values, result.err) for result in results]
    record = RECORDS.get(opcode, records.CREATE2_RESPONSE)
    values = () if opcode == OpCode.DELETE else reply.values(record)
    return 0, [answer({19: 15, 21: 15}.get(opcode, opcode), values, 0)]


def own_answers(applied):
    if applied.err:
        return applied.err, []
    results = applied.results
    return 0, [answer(one.kind, (one.path, one.stat), one.err) for one in results]


class Pair:
    """A session on the real server, and its twin on the database."""

    def __init__(self, link, database, who):
        self.link = link
        self.database = database
        self.origin = Origin(link.session_id, frozenset({ADDRESS, *who}))
        self.apply(CreateSession(link.session_id, 10_000))

    def apply(self, write):
        # Longer ago than any real time: the clocks are not compared, their order in a Stat is.
        txn = prepare(self.database, write, self.origin, Settings())
        zxid = self.database.last_zxid + 1
        return self.database.apply(Committed(zxid, zxid, txn))

    async def both(self, write):
        opcode, body = encoded(write)
        reply = await self.link.call(opcode, body)
        assert own_answers(self.apply(write)) == real_answers(opcode, reply), write


async def same_tree(link, database, path):
    reply = await link.get_data(path)
    node = database.node(path)
    assert node is not None, path
    if reply.err == 0:
        data, stat = reply.values(records.GET_DATA_RESPONSE)
        assert (data, shape(stat)) == (node.data, shape(node.stat)), path
        (children,) = (await link.get_children(path)).values(records.GET_CHILDREN_RESPONSE)
        assert sorted(children) == sorted(node.children), path
    for name in node.children:
        await same_tree(link, database, f"{path}/{name}")


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_same_writes_have_the_same_answers(zookeeper, seed):
    address = parse_address(zookeeper.servers[0])
    root = f"/zkwire-conformance-{uuid4().hex}"
    writer = Writer(root, seed)
    database = Database()
    with trio.fail_after(100):
        link = await link_to(address)
        one, other = Pair(link, database, ()), await link_to(address)
        (await other.auth("digest", CREDENTIALS)).ok()
        pairs = one, Pair(other, database, (ANNA,))
        await one.both(CreateNode(root, b"", world(), 0))
        for _ in range(WRITES):
            await writer.random.choice(pairs).both(writer.write())
        assert database.count_below(root) > 3
        await same_tree(one.link, database, root)
        # One session ends, and its nodes with it.
        (await other.close_session()).ok()
        pairs[1].apply(CloseSession(other.session_id))
        await other.aclose()
        await same_tree(one.link, database, root)
        await one.link.aclose()
