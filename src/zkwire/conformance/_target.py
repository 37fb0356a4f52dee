"""What the suite finds out about a server before it checks anything."""

from __future__ import annotations

import re
from contextlib import aclosing
from dataclasses import dataclass, field

from zkwire import Acl, Identity, NoAuth, Perms, ReconfigDisabled, Unimplemented
from zkwire._jute import records
from zkwire.conformance._address import Address
from zkwire.conformance._calls import Link
from zkwire.conformance._handshake import connect_request
from zkwire.conformance._link import granted_on
from zkwire.conformance._version import Version, said_version
from zkwire.conformance._wire import Wire
from zkwire.conformance._words import ask

_WORDS = ("srvr", "ruok", "isro", "mntr", "conf", "stat", "envi")
_MEMBER = re.compile(
    r"^server\.\d+=([^:\n]+|\[[^\]]*\]):\d+:\d+[^;\n]*;(?:([^;\n]*):)?(\d+)", re.MULTILINE
)
# An id that no configuration has, so that a reconfig which names it changes nothing.
NO_SUCH_CONFIG = 2**62


class UnusableTarget(Exception):
    """The suite cannot be run against this server; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server, and what is switched on there.

    ``version`` is what the user says, if anything, and ``said`` what the server says itself.
    """

    address: Address
    version: Version
    said: Version | None = None
    ensemble: bool = False
    others: tuple[Address, ...] = ()
    ttl: bool = True
    reconfig: bool = True
    acls: bool = True
    sasl: bool = False
    words: frozenset[str] = field(default=frozenset())
    shortest_ms: int = 4000
    longest_ms: int = 40000

    def describe(self) -> str:
        """One line about the server."""
        kind = "member of an ensemble" if self.ensemble else "standalone"
        return f"ZooKeeper {self.version} at {self.address}, {kind}"


async def link_to(address: Address, request: bytes | None = None) -> Link:
    """A connection with a session; a checkpoint.

    Raises:
        OSError: Nothing listens there.
        Mismatch: The server gave no session.
    """
    wire = await Wire.connect(address)
    try:
        return Link(wire, await granted_on(wire, request or connect_request()))
    except BaseException:
        await wire.aclose()
        raise


async def probe(address: Address, root: str, version: Version | None = None) -> Target:
    """Look at a server.  ``root`` is a node to be made below which things can be tried.

    A checkpoint; cancelled, it may leave the node.

    Raises:
        UnusableTarget: It does not say its version, and none was given.
        OSError: Nothing listens there.
        Mismatch: It does not behave like a ZooKeeper at all.
    """
    words = {word: answer for word in _WORDS if (answer := await ask(address, word)) is not None}
    said = said_version(words.get("srvr", ""))
    version = version or said
    if version is None:
        raise UnusableTarget(
            f"{address} does not answer srvr with its version; give it with --server-version"
        )
    shortest = await link_to(address, connect_request(timeout_ms=0))
    await shortest.aclose()
    link = await link_to(address)
    async with aclosing(link):
        config, _ = (await link.get_data("/zookeeper/config")).values(records.GET_DATA_RESPONSE)
        (await link.create(root)).ok()
        ttl = (await link.create_ttl(f"{root}/ttl", 2**40 - 1)).err != Unimplemented.code
        reconfig = (await link.reconfig(None, "1", NO_SUCH_CONFIG)).err != ReconfigDisabled.code
        read_only = [Acl(Perms.READ, Identity("world", "anyone"))]
        (await link.create(f"{root}/acl", acl=read_only)).ok()
        acls = (await link.set_data(f"{root}/acl", b"")).err == NoAuth.code
        token = (await link.sasl(b"")).body[:4]
    return Target(
        address=address,
        version=version,
        said=said,
        ensemble=bool(config),
        others=others_in((config or b"").decode("utf-8", "replace"), address),
        ttl=ttl,
        reconfig=reconfig,
        acls=acls,
        sasl=token not in {b"\xff\xff\xff\xff", b""},
        words=frozenset(words),
        shortest_ms=shortest.granted.timeout_ms,
        longest_ms=link.granted.timeout_ms,
    )


def others_in(config: str, address: Address) -> tuple[Address, ...]:
    """The client addresses in the text of the configuration node, without ``address``."""
    found: list[Address] = []
    for host, client_host, port in _MEMBER.findall(config):
        serving = host if client_host in {"", "0.0.0.0", "[::]"} else client_host
        found.append(Address(serving.strip("[]"), int(port)))
    return tuple(each for each in found if each != address)
