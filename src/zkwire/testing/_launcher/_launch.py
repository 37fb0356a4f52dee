"""From a request to running servers: which provider, which ports, ready or not."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zkwire.testing._launcher._config import HOST, MemberPorts
from zkwire.testing._launcher._debian import DebianProvider
from zkwire.testing._launcher._docker import DockerProvider
from zkwire.testing._launcher._ensemble import Ensemble, Member
from zkwire.testing._launcher._errors import (
    NoZooKeeperError,
    PassedOver,
    PortTakenError,
    UnavailableError,
    ZooKeeperStartError,
)
from zkwire.testing._launcher._given import GivenProvider
from zkwire.testing._launcher._maven import MavenProvider
from zkwire.testing._launcher._namespaces import check_isolation
from zkwire.testing._launcher._network import PrivateNetwork, peer_address
from zkwire.testing._launcher._ports import lease_ports
from zkwire.testing._launcher._readiness import wait_started
from zkwire.testing._launcher._security import prepare_security
from zkwire.testing._launcher._server import GivenServers, MemberSpec
from zkwire.testing._launcher._words import report

if TYPE_CHECKING:
    from zkwire.testing._launcher._request import Request
    from zkwire.testing._launcher._server import Provider, Runtime, Server
    from zkwire.testing._launcher._tls import TlsFiles

VARIABLE: Final = "ZKWIRE_TEST_PROVIDER"

_PROVIDERS: Final[tuple[Provider, ...]] = (
    GivenProvider(),
    DockerProvider(),
    MavenProvider(),
    DebianProvider(),
)
_PORT_ATTEMPTS = 3


def launch(request: Request, provider: str | None) -> Ensemble:
    """Start what was asked for, from the first provider that can, and wait until it is ready.

    Raises:
        ValueError: The provider's name is unknown.
        NoZooKeeperError: No provider can serve the request.
        ZooKeeperStartError: The servers were started and did not become ready.
        trio.Cancelled: In a thread of trio's, where the task that waits was cancelled;
            everything started has then been ended.
    """
    passed_over: list[PassedOver] = []
    for candidate in _candidates(provider):
        try:
            if request.isolated:
                check_isolation(candidate.name)
            source = candidate.find(request)
            if isinstance(source, GivenServers):
                return _given(source, passed_over)
            return _start(source, request, candidate.name, passed_over)
        except UnavailableError as error:
            passed_over.append(PassedOver(candidate.name, error.reason, error.remedy))
    raise NoZooKeeperError(passed_over)


def _candidates(provider: str | None) -> tuple[Provider, ...]:
    origin = "provider"
    if provider is None:
        origin, provider = VARIABLE, os.environ.get(VARIABLE) or None
    if provider is None:
        return _PROVIDERS
    by_name = {each.name: each for each in _PROVIDERS}
    chosen = [name.strip() for name in provider.split(",")]
    for name in chosen:
        if name not in by_name:
            raise ValueError(
                f"{origin}: there is no provider {name!r}; there are {', '.join(by_name)}"
            )
    return tuple(by_name[name] for name in chosen)


def _given(source: GivenServers, passed_over: list[PassedOver]) -> Ensemble:
    members: list[Member] = []
    for number, address in enumerate(source.addresses, 1):
        members.append(Member(number, address, None, members))
    return Ensemble(
        members,
        provider=GivenProvider.name,
        passed_over=passed_over,
        version=report(members[0].address).version,
        close=lambda: None,
    )


def _start(
    runtime: Runtime, request: Request, provider: str, passed_over: list[PassedOver]
) -> Ensemble:
    for attempt in range(1, _PORT_ATTEMPTS + 1):
        with ExitStack() as stack:
            try:
                members, tls = _start_members(runtime, request, stack)
            except PortTakenError as error:
                if attempt == _PORT_ATTEMPTS:
                    raise ZooKeeperStartError(
                        f"a port was taken {attempt} times in a row: {error}"
                    ) from error
                continue
            return Ensemble(
                members,
                provider=provider,
                passed_over=passed_over,
                version=report(members[0].address).version,
                tls=tls,
                close=stack.pop_all().close,
            )
    raise AssertionError("the last attempt returns or raises")


def _start_members(
    runtime: Runtime, request: Request, stack: ExitStack
) -> tuple[list[Member], TlsFiles | None]:
    """Start all members; the stack then ends them and frees what they hold."""
    directory = tempfile.mkdtemp(prefix="zkwire-zookeeper-")
    stack.callback(shutil.rmtree, directory, ignore_errors=True)
    security = prepare_security(request, Path(directory, "security"))
    leases = lease_ports((3 if security.tls is None else 4) * request.members)
    for lease in leases:
        stack.callback(lease.release)
    numbers = iter([lease.port for lease in leases])
    ports = [
        MemberPorts(
            client=next(numbers),
            quorum=next(numbers),
            election=next(numbers),
            secure=None if security.tls is None else next(numbers),
            peer_host=peer_address(number) if request.isolated else HOST,
        )
        for number in range(1, request.members + 1)
    ]
    network = PrivateNetwork(request) if request.isolated else None
    if network is not None:
        stack.callback(network.close)
    members: list[Member] = []
    servers: list[Server] = []
    for number, each in enumerate(ports, 1):
        own = Path(directory, str(number))
        own.mkdir()
        spec = MemberSpec(
            request=request,
            id=number,
            ports=ports,
            security=security,
            directory=own,
            namespace=None if network is None else network.namespaces[number - 1],
        )
        if network is not None:
            network.forward(number, each, own)
        server = runtime.create(spec)
        stack.callback(server.close)
        servers.append(server)
        link = None if network is None else network.links[number - 1]
        members.append(
            Member(
                number,
                each.address,
                server,
                members,
                secure_address=each.secure_address,
                link=link,
            )
        )
    for server in servers:
        server.start()
    wait_started(members)
    return members, security.tls
