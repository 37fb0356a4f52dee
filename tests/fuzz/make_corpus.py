"""Writes the corpora anew: recorded traffic, cut to what each target reads.

python tests/fuzz/make_corpus.py
"""

from __future__ import annotations

import json
import shutil
import sys
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from fuzz import exchanges as vocabulary  # noqa: E402
from fuzz import fuzz_protocol, fuzz_records  # noqa: E402

RECORDED = HERE.parent / "zkwire" / "vectors" / "java-3.8.0.jsonl"
CORPUS = HERE / "corpus"

# By opcode: the records behind the header of a request, and behind that of its reply.
BODIES = {
    1: ("CreateRequest", "CreateResponse"),
    2: ("DeleteRequest", None),
    3: ("ExistsRequest", "ExistsResponse"),
    4: ("GetDataRequest", "GetDataResponse"),
    5: ("SetDataRequest", "SetDataResponse"),
    6: ("GetACLRequest", "GetACLResponse"),
    8: ("GetChildrenRequest", "GetChildrenResponse"),
    9: ("SyncRequest", "SyncResponse"),
    12: ("GetChildren2Request", "GetChildren2Response"),
    15: ("CreateRequest", "Create2Response"),
    18: ("RemoveWatchesRequest", None),
    19: ("CreateRequest", "Create2Response"),
    21: ("CreateTTLRequest", "Create2Response"),
    100: ("AuthPacket", None),
    103: ("GetEphemeralsRequest", "GetEphemeralsResponse"),
    104: ("GetAllChildrenNumberRequest", "GetAllChildrenNumberResponse"),
    106: ("AddWatchRequest", "ErrorResponse"),
    107: (None, "WhoAmIResponse"),
}
MULTIS = (14, 22)
INDEX = {record.name: index for index, record in enumerate(fuzz_records.RECORDS)}
PATHS = [
    "/",
    "/a/b",
    "/a/./b",
    "/a/..",
    "/a//b",
    "/é/日本",
    "/a\x7f",
    "/\ue000",
    "/\x80",
    "/burrow",
    "/zookeeper/x",
]
SERVERS = [
    "zk1:2181",
    "zk1.example.com:2181\nzk2:2182",
    "[::1]:2181",
    "127.0.0.1:02181",
    "stack_service:1",
    "[fe80::1%eth0]:1",
    "256.1.1.1:1",
    "a:1\na:1",
]


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def exchanges() -> list[tuple[bytes, list[bytes]]]:
    lines = map(json.loads, RECORDED.read_text("utf-8").splitlines())
    return [(bytes.fromhex(x["request"]), [bytes.fromhex(r) for r in x["reply"]]) for x in lines]


def frames() -> list[bytes]:
    streams = [b"".join(map(framed, replies)) for _, replies in exchanges()]
    heads = [b"\x05\x00\x00", b"\x03\x02\x01\x05\x00", b"\x06\x00\x07", b"\x01\x01\x82\x00"]
    seeds = [heads[i % len(heads)] + stream for i, stream in enumerate(streams)]
    lengths = [-1, 0, 256, 2**31 - 1, -(2**31)]
    return seeds + [b"\x04\x00\x00" + n.to_bytes(4, "big", signed=True) + b"x" for n in lengths]


def records() -> list[bytes]:
    seeds: list[bytes] = []
    for request, replies in exchanges():
        if len(request) == 45:
            seeds += [bytes([fuzz_records.HANDSHAKE, flag]) + replies[0] for flag in (0, 1)]
            seeds.append(bytes([INDEX["ConnectRequest"]]) + request)
            continue
        opcode = int.from_bytes(request[4:8], "big", signed=True)
        if opcode in MULTIS:
            entries = len(fuzz_records.kinds_of(replies[-1], 16))
            seeds.append(bytes([fuzz_records.MULTI, entries]) + replies[-1][16:])
        asked, answered = BODIES.get(opcode, (None, None))
        if asked is not None:
            seeds.append(bytes([INDEX[asked]]) + request[8:])
        for reply in replies:
            if reply.startswith(b"\xff\xff\xff\xff"):
                seeds.append(bytes([INDEX["WatcherEvent"]]) + reply[16:])
            elif answered is not None and reply[12:16] == bytes(4):
                seeds.append(bytes([INDEX[answered]]) + reply[16:])
    # What was not recorded: the smallest bytes of each record, and both multis.
    seeds += [
        bytes([index]) + bytes(sum(node.least for _, node in record.shape.fields))
        for index, record in enumerate(fuzz_records.RECORDS)
    ]
    seeds += [
        bytes([fuzz_records.MULTI, 2]) + body
        for make, body in vocabulary.REQUESTS
        if make().operation.name.startswith("multi")
    ]
    return seeds


def protocol() -> list[bytes]:
    act = {action.__name__: n for n, action in enumerate(fuzz_protocol.ACTIONS)}
    ask, flush, answer = act["submit"], act["flush"], act["answer"]
    seeds = [bytes([0, ask, n, flush, answer, 1, 0]) for n in range(len(vocabulary.REQUESTS))]
    seeds += [
        bytes([4, *(b for n in range(6) for b in (ask, n)), flush, *[answer, 1, 0] * 6]),
        bytes([8, flush, act["handshake"], 0x10, 0x00, 3, 1, 0, ask, 0, flush]),
        bytes([0, act["submit_special"], 0, flush, act["answer_special"], 0, 1, 0]),
        bytes([0, act["submit_special"], 1, flush, act["answer_special"], 1, 0, 0]),
        bytes([16, ask, 13, flush, answer, 1, 0, act["authenticated"], ask, 0, flush]),
        bytes([0, act["notify"], 3, 2, 47, 97, 0, 0, act["wait"], 60, flush]),
        bytes([0, ask, 0, flush, act["close"], flush, answer, 1, 0, act["hang_up"]]),
    ]
    for _, replies in exchanges():
        stream = b"".join(map(framed, replies))
        if len(stream) < 256:
            seeds.append(bytes([0, ask, 0, flush, act["send_bytes"], len(stream)]) + stream)
        body = replies[-1][16:]
        if len(body) < 256:
            head = bytes([0, ask, len(seeds) % 20, flush, act["answer_anything"], 0, 9, 0, 0])
            seeds.append(head + bytes([len(body)]) + body)
    return seeds


def paths() -> list[bytes]:
    seeds = [bytes([which]) + path.encode() for which in (0, 2, 3) for path in PATHS]
    seeds += [b"\x04" + path.encode("latin-1", "replace") for path in PATHS]
    return seeds + [b"\x01" + servers.encode() for servers in SERVERS]


def main() -> None:
    """Replace every corpus."""
    for make in (frames, records, protocol, paths):
        folder = CORPUS / make.__name__
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for seed in make():
            (folder / sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    main()
