"""Four-letter words: what a member says about itself without a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from zkwire.testing._memory._cluster import Role
from zkwire.testing._memory._serving._member import Member

VERSION: Final = "3.9.5"
WORD_SIZE: Final = 4

_VERSION_LINE: Final = f"{VERSION}-in-memory, built on 2026-01-01 00:00 UTC"
_NOT_SERVING: Final = "This ZooKeeper instance is not currently serving requests\n"

# Words of real servers.  Anything else is the length of a first frame.
_KNOWN: Final = frozenset(
    b"conf cons crst dirs dump envi gtmk hash isro mntr ruok srst srvr stat stmk wchc wchp"
    b" wchs".split()
)
_LEADS: Final = frozenset({Role.LEADER, Role.STANDALONE})

Word: TypeAlias = "Callable[[Member, Role], str]"


def is_word(first: bytes) -> bool:
    """Whether the first four bytes of a connection are a word, not a length."""
    return first in _KNOWN


def answer_to(word: bytes, member: Member) -> bytes:
    """What a member answers to a word."""
    name = word.decode()
    enabled = member.settings.words
    answer = _ANSWERS.get(name)
    allowed = not enabled.isdisjoint({name, "*"}) or (
        name == "isro" and member.settings.read_only_mode
    )
    if answer is None or not allowed:
        return f"{name} is not executed because it is not in the whitelist.\n".encode()
    role = member.cluster.role(member)
    if role is Role.NOT_SERVING and name in _NEED_A_QUORUM:
        return _NOT_SERVING.encode()
    return answer(member, role).encode()


def _ruok(_: Member, __: Role) -> str:
    return "imok"


def _isro(_: Member, role: Role) -> str:
    if role is Role.NOT_SERVING:
        return "null"
    return "ro" if role is Role.READ_ONLY else "rw"


def _srvr(member: Member, role: Role) -> str:
    return f"Zookeeper version: {_VERSION_LINE}\n{_state(member, role)}"


def _stat(member: Member, role: Role) -> str:
    clients = "".join(f" {line}\n" for line in member.describe_connections())
    head = f"Zookeeper version: {_VERSION_LINE}\nClients:\n{clients}\n"
    return head + _state(member, role)


def _state(member: Member, role: Role) -> str:
    lines = [
        "Latency min/avg/max: 0/0.0/0",
        f"Received: {member.traffic.received}",
        f"Sent: {member.traffic.sent}",
        f"Connections: {member.connections}",
        "Outstanding: 0",
        f"Zxid: {member.database.last_zxid:#x}",
        f"Mode: {role.value}",
        f"Node count: {member.database.node_count}",
    ]
    if role is Role.LEADER:
        lines.append("Proposal sizes last/min/max: -1/-1/-1")
    return "\n".join(lines) + "\n"


def _mntr(member: Member, role: Role) -> str:
    database = member.database
    values: dict[str, object] = {
        "version": _VERSION_LINE,
        "server_state": role.value,
        "peer_state": f"{'leading' if role in _LEADS else 'following'} - broadcast",
        "avg_latency": "0.0",
        "min_latency": 0,
        "max_latency": 0,
        "packets_received": member.traffic.received,
        "packets_sent": member.traffic.sent,
        "num_alive_connections": member.connections,
        "outstanding_requests": 0,
        "znode_count": database.node_count,
        "watch_count": member.watches.count,
        "ephemerals_count": database.ephemeral_count,
        "approximate_data_size": database.data_size,
        "global_sessions": len(database.sessions),
        "local_sessions": 0,
    }
    if role is Role.STANDALONE:
        del values["peer_state"]
    return "".join(f"zk_{name}\t{value}\n" for name, value in values.items())


def _envi(_: Member, __: Role) -> str:
    return f"Environment:\nzookeeper.version={_VERSION_LINE}\nhost.name=localhost\n"


def _conf(member: Member, _: Role) -> str:
    settings = member.settings
    values = {
        "tickTime": settings.tick_ms,
        "maxClientCnxns": settings.max_client_connections,
        "minSessionTimeout": settings.min_session_timeout_ms,
        "maxSessionTimeout": settings.max_session_timeout_ms,
        "serverId": 0 if settings.standalone else member.id,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


_ANSWERS: Final[Mapping[str, Word]] = MappingProxyType(
    {
        "conf": _conf,
        "envi": _envi,
        "isro": _isro,
        "mntr": _mntr,
        "ruok": _ruok,
        "srvr": _srvr,
        "stat": _stat,
    }
)
_NEED_A_QUORUM: Final = frozenset({"conf", "mntr", "srvr", "stat"})
