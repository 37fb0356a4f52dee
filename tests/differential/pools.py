"""What the arguments of a sequence's steps are drawn from; the simplest comes first."""

from __future__ import annotations

from hypothesis import strategies as st

from differential.steps import SCENE, SESSIONS, SUPER
from zkwire import (
    OPEN_ACL_UNSAFE,
    Acl,
    Check,
    Create,
    CreateMode,
    Delete,
    GetChildren,
    GetData,
    Identity,
    Perms,
    SetData,
    WatcherType,
)

# base64(sha1("ann:apple")), and the same of "bob:berry": ids as servers make them.
ANN = Identity("digest", "ann:6q+u+bEVJTdGGyG40XXuyaDlxCA=")
BOB = Identity("digest", "bob:mrR6qjBZtUx4tq2fut24AGeVGbI=")
WORLD = Identity("world", "anyone")

ORDINARY = ("/d/y", "/d/a/x", "/d/y/z", "/d/b", "/d/a/x/p", "/d/a")
NUMBERED = ("/d/s0000000000", "/d/a/s0000000000", "/d/a/0000000001", "/d/0000000002")
TOP = ("/d", "/e")
SERVERS_OWN = ("/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota")
BELOW_THEM = (
    "/zookeeper/a",
    "/zookeeper/config/a",
    "/zookeeper/quota/d",
    "/zookeeper/quota/d/a",
    "/zookeeper/quota/d/zookeeper_limits",
    "/zookeeper/quota/d/zookeeper_stats",
    "/zookeeper/quota/d/a/zookeeper_limits",
    "/zookeeper/quota/d/a/zookeeper_stats",
)
ODD = ("/d/a b", "/d/\u00fc", "/d/.x", "/nothing/here")

NEAR = st.sampled_from(ORDINARY)
PRESENT = st.sampled_from(SCENE * 2 + ORDINARY)
"""Nodes that are there more often than not."""
OWN = st.sampled_from(ORDINARY * 4 + ("/d/y", "/d/y/z") * 2 + NUMBERED + TOP + ODD)
"""Nodes that a sequence makes, writes and removes."""
WRITTEN = OWN | st.sampled_from(
    ORDINARY * 4
    + ("/zookeeper/config",)
    + tuple(each for each in BELOW_THEM if not each.endswith("_stats"))
)
"""Nodes that are written to: not statistics, for those that cannot be read end a real server."""
CHANGED = OWN | st.sampled_from(ORDINARY * 4 + BELOW_THEM + ("/zookeeper/config",))
ANYWHERE = OWN | st.sampled_from(ORDINARY * 4 + SERVERS_OWN + BELOW_THEM)
WATCHED = st.sampled_from(ORDINARY * 2 + (*TOP, "/") * 2 + ("/zookeeper/config", *NUMBERED[:2]))

PREFIXES = st.sampled_from(["/d/s", "/d/a/s", "/d/a/", "/d/", "/d/a/x/s", "/nothing/s", "/d/b/s"])

SESSION = st.sampled_from(SESSIONS)
VERSION = st.sampled_from([-1, 0, 1, -1, -1, 2, -1, 7])
DATA = st.sampled_from([b"", b"x", None, b"some more of it", b"\x00\xff"])
PLAIN_MODES = st.sampled_from(
    [
        CreateMode.PERSISTENT,
        CreateMode.EPHEMERAL,
        CreateMode.EPHEMERAL,
        CreateMode.CONTAINER,
        CreateMode.PERSISTENT_WITH_TTL,
    ]
)
NUMBERED_MODES = st.sampled_from(
    [
        CreateMode.PERSISTENT_SEQUENTIAL,
        CreateMode.EPHEMERAL_SEQUENTIAL,
        CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL,
    ]
)
TTL = 3600.0


def _acl(*entries: tuple[int, str, str]) -> tuple[Acl, ...]:
    return tuple(Acl(perms, Identity(scheme, name)) for perms, scheme, name in entries)


_ALL = Perms.ALL.value
OPEN = tuple(OPEN_ACL_UNSAFE)
ACLS = {
    "open": OPEN,
    "world read": _acl((Perms.READ.value, "world", "anyone")),
    "world but read": _acl((30, "world", "anyone")),
    "world but admin": _acl((15, "world", "anyone")),
    "world but create": _acl((27, "world", "anyone")),
    "world but delete": _acl((23, "world", "anyone")),
    "nothing": _acl((0, "world", "anyone")),
    "ann": _acl((_ALL, *ANN)),
    "ann all, world read": _acl((_ALL, *ANN), (1, "world", "anyone")),
    "bob write, world read": _acl((2, *BOB), (1, "world", "anyone")),
    "auth": _acl((_ALL, "auth", "")),
    "auth read, world admin": _acl((1, "auth", "ignored"), (16, "world", "anyone")),
    "here": _acl((_ALL, "ip", "127.0.0.1")),
    "loopback": _acl((_ALL, "ip", "127.0.0.0/8")),
    "elsewhere": _acl((_ALL, "ip", "10.0.0.0/8")),
    "twice": _acl((_ALL, "world", "anyone"), (_ALL, "world", "anyone")),
    "two entries": _acl((1, "world", "anyone"), (30, "world", "anyone")),
    "unknown scheme": _acl((_ALL, "nobody", "knows")),
    "unknown world": _acl((_ALL, "world", "somebody")),
    "half a digest": _acl((_ALL, "digest", "ann")),
    "no address": _acl((_ALL, "ip", "localhost.")),
    "bad mask": _acl((_ALL, "ip", "127.0.0.1/64")),
    "good and bad": _acl((_ALL, "world", "anyone"), (_ALL, "nobody", "knows")),
}
ACL = st.sampled_from(
    [
        *["open", "ann all, world read", "world read", "auth", "ann", "world but read"] * 3,
        *["bob write, world read", "auth read, world admin"] * 2,
        *ACLS,
    ]
)
MOSTLY_OPEN = st.sampled_from(["open"] * 9 + ["world read", "auth", "ann", "here", "half a digest"])

READS = st.sampled_from(["get", "exists", "children", "children2", "acl", "acl", "count"])
WATCHED_READS = st.sampled_from(["get", "exists", "children", "children2"])
KIND = st.sampled_from([WatcherType.ANY, WatcherType.ANY, *WatcherType])
PREFIX = st.sampled_from(["", "/", "/d", "/d/a", "/d/a/", "/nowhere"])
SECONDS = st.sampled_from([30.0, 20.0, 10_000.0])
LIMITS = st.sampled_from(
    [
        b"count=3,bytes=20",
        b"count=-1,bytes=-1",
        b"count=1,bytes=1=;byteHardLimit=8;countHardLimit=5",
        b"count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=7",
        b"count=-1,bytes=-1=;byteHardLimit=6;countHardLimit=-1",
        b"",
        b"what",
    ]
)


def _create(path: str, mode: CreateMode, data: bytes | None, acl: str, with_stat: bool) -> Create:
    ttl = TTL if mode.has_ttl else None
    return Create(path, data, mode, ACLS[acl], ttl, with_stat)


# Most of them go through: a multi does so only if all of its operations do.
WRITE_OP = st.sampled_from(
    [
        *[st.builds(_create, OWN, PLAIN_MODES, DATA, MOSTLY_OPEN, st.booleans())] * 2,
        *[st.builds(_create, PREFIXES, NUMBERED_MODES, DATA, st.just("open"), st.booleans())] * 2,
        *[st.builds(SetData, PRESENT, DATA)] * 3,
        *[st.builds(Check, PRESENT)] * 2,
        *[st.builds(Delete, NEAR)] * 2,
        st.builds(Delete, OWN, VERSION),
        st.builds(SetData, WRITTEN, DATA, VERSION),
        st.builds(Check, CHANGED, VERSION),
    ]
).flatmap(lambda strategy: strategy)
READ_OP = st.one_of(st.builds(GetData, OWN), st.builds(GetChildren, ANYWHERE))

USERS = st.sampled_from([b"ann:apple", b"bob:berry"] * 3 + [SUPER])
LIMITED = st.sampled_from(["/d", "/d/a"])
TROUBLE = st.sampled_from(["attach", "attach wrongly", "reopen", "reopen and revive"])
