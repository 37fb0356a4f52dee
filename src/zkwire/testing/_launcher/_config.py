"""Configuration of one member: zoo.cfg and the JVM's system properties."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from zkwire.testing._launcher._request import ConfigValue, Request
from zkwire.testing._launcher._security import PLAIN, Security

HOST: Final = "127.0.0.1"

# Seconds, whatever the tick: a tick of 0.1 s is chosen for short session timeouts, and must not
# make a busy two-core machine lose its quorum.
_INITIAL_SYNC_TIME = 15.0
_FOLLOWER_SILENCE_TIME = 2.0

JVM_FLAGS: Final = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
)

_SYSTEM_PROPERTIES: Final = MappingProxyType(
    {
        # Container and TTL nodes (ZOOKEEPER-2169, -2901) are refused without it.
        "zookeeper.extendedTypesEnabled": "true",
        # The data lives for one test run: an fsync for each write only costs time.
        "zookeeper.forceSync": "no",
        # KiB of log file written ahead; the default of 64 MiB suits a server that stays.
        "zookeeper.preAllocSize": "1024",
        # 3.5 to 3.7 look for log4j's MBeans, which the chosen logging does not have.
        "zookeeper.jmx.log4j.disable": "true",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPorts:
    """The ports of an ensemble's member; a standalone server uses those of clients alone."""

    client: int
    quorum: int
    election: int
    secure: int | None = None
    peer_host: str = HOST

    @property
    def address(self) -> str:
        """The client address, ``host:port``."""
        return f"{HOST}:{self.client}"

    @property
    def secure_address(self) -> str | None:
        """The address of clients that speak TLS, ``host:port``."""
        return None if self.secure is None else f"{HOST}:{self.secure}"


def _text(value: ConfigValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def follower_silence(request: Request) -> float:
    """Return the seconds of silence after which leader and follower part: syncLimit ticks."""
    ticks = request.config.get("syncLimit", _silent_ticks(round(request.tick_time * 1000)))
    return request.tick_time * float(ticks)


def _silent_ticks(tick: int) -> int:
    return max(5, math.ceil(_FOLLOWER_SILENCE_TIME * 1000 / tick))


def zoo_cfg(
    request: Request,
    *,
    member_id: int,
    ports: Sequence[MemberPorts],
    data_dir: PurePosixPath,
    security: Security = PLAIN,
) -> str:
    """Write the zoo.cfg of one member.

    Args:
        request: What was asked for; its ``config`` is laid over the defaults.
        member_id: Which member, counted from 1.
        ports: The ports of all members, in member order.
        data_dir: The data directory as the server sees it.
        security: What TLS and SASL add.
    """
    tick = round(request.tick_time * 1000)
    lines: dict[str, ConfigValue] = {
        "tickTime": tick,
        "initLimit": math.ceil(_INITIAL_SYNC_TIME * 1000 / tick),
        "syncLimit": _silent_ticks(tick),
        "dataDir": str(data_dir),
        "maxClientCnxns": 0,
        "admin.enableServer": False,
        "4lw.commands.whitelist": "*",
        "reconfigEnabled": True,
        "standaloneEnabled": True,
    }
    if len(ports) == 1:
        lines["clientPort"] = ports[member_id - 1].client
        lines["clientPortAddress"] = HOST
    else:
        for number, each in enumerate(ports, 1):
            lines[f"server.{number}"] = (
                f"{each.peer_host}:{each.quorum}:{each.election}:participant;{HOST}:{each.client}"
            )
    lines.update(security.config(ports[member_id - 1].secure, HOST))
    lines.update(request.config)
    return "".join(f"{key}={_text(value)}\n" for key, value in lines.items())


def jvm_flags(request: Request, extra: Mapping[str, str] | None = None) -> list[str]:
    """List the JVM's flags: heap, the launcher's system properties, then the caller's."""
    properties = {**_SYSTEM_PROPERTIES, **(extra or {}), **request.system_properties}
    return [*JVM_FLAGS, *(f"-D{key}={value}" for key, value in properties.items())]
